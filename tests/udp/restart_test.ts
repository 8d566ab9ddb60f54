import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { UdpServerSnapshot } from "../../udp/server_snapshot.ts";
import { UdpServerMachine } from "../../udp/server_machine.ts";
import { encodeHeartbeat } from "../../udp/message.ts";

const TIMEOUT = 6_000;
/** Of a client that lives. */
const PERIOD = 5_000;
const CLIENT = "10.0.0.7:5001";
const FROM = { hostname: "10.0.0.7", port: 5001 };

/** A server that is killed and started again, and saves its state when it starts. */
class Killed {
  down: number | undefined;
  wall = 1_000_000;
  #now = 0;
  #machine!: UdpServerMachine;
  #saved: UdpServerSnapshot | undefined;

  /** Starts, on a clock that begins anew. */
  start(): void {
    this.#now = 0;
    const clients = [{ address: CLIENT, timeout: TIMEOUT }];
    const options = this.#saved ? { snapshot: this.#saved } : { clients };
    this.#machine = new UdpServerMachine(options, { wall: this.wall }, 0);
    this.#saved = this.#machine.snapshot(0, this.wall);
  }

  /** Lets it run and perhaps hear a heartbeat at the end. */
  run(ms: number, heard = false): void {
    const until = this.#now + ms;
    for (let due; (due = this.#machine.deadline) !== undefined && due <= until;) {
      const outputs = this.#machine.tick(due);
      if (outputs.some(({ type }) => type === "down")) this.down ??= this.wall + due - this.#now;
    }
    this.#now = until;
    this.wall += ms;
    const bytes = encodeHeartbeat({ sequence: 1, sentAt: this.wall });
    if (heard) this.#machine.receive(bytes, FROM, this.#now, this.wall);
  }

  /** Kills it without a word, for some time. */
  rest(ms: number): void {
    this.wall += ms;
  }

  /** Saves as it does every few seconds. */
  save(): void {
    this.#saved = this.#machine.snapshot(this.#now, this.wall);
  }
}

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

pure("a silence is noticed within two timeouts by a server that is killed all the time", () => {
  for (const saves of [false, true]) {
    for (const life of [500, 1_000, 3_000, 4_000, 5_900, 6_100]) {
      const server = new Killed();
      server.start();
      server.run(10, true);
      server.save();
      const silentFrom = server.wall;
      for (let n = 0; n < 100 && server.down === undefined; n++) {
        server.run(life / 2);
        if (saves) server.save();
        server.run(life / 2);
        server.start();
      }
      server.run(0);
      const after = server.down! - silentFrom;
      assert(after >= TIMEOUT && after <= 2 * TIMEOUT, `${after} ms, killed every ${life}`);
    }
  }
});

pure(
  "however long a server was away, and whatever its clock says, a live client is not alarmed",
  () => {
    const away = fc.nat(1e7), wrong = fc.integer({ min: -1e12, max: 1e12 });
    fc.assert(
      fc.property(fc.array(fc.tuple(away, wrong, fc.nat(3)), { maxLength: 20 }), (starts) => {
        const server = new Killed();
        server.start();
        server.run(10, true);
        server.save();
        for (const [ms, step, beats] of starts) {
          for (let n = 0; n < beats; n++) {
            server.run(PERIOD, true);
            server.save();
          }
          server.run(1_000);
          server.wall = Math.max(0, server.wall + ms + step);
          server.start();
          // It went on sending meanwhile; that it was heard is saved within a second.
          server.run(PERIOD - (1_000 + ms) % PERIOD, true);
          server.save();
        }
        assertEquals(server.down, undefined);
      }),
    );
  },
);

pure("time in which nobody listened counts as silence from the second start on", () => {
  const server = new Killed();
  server.start();
  server.run(10, true);
  server.run(2_000);
  server.save();
  server.rest(3_600_000);
  server.start();
  server.run(3_000);
  assertEquals(server.down, undefined);
  server.rest(500);
  server.start();
  server.run(499);
  assertEquals(server.down, undefined);
  server.run(1);
  assert(server.down !== undefined);
});
