/**
 * Handshake clients and their server in virtual time, on links that lose half of everything.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Address } from "../../core/address.ts";
import { Deadlines, type Slot } from "../../core/deadlines.ts";
import type { Instant, Random } from "../../core/machine.ts";
import {
  HandshakeClientMachine,
  type HandshakeClientOutput,
} from "../../handshake/client_machine.ts";
import { HandshakeServerMachine } from "../../handshake/server_machine.ts";
import { type LinkFaults, LossyLink } from "../support/lossy_link.ts";
import { seededRandom } from "../support/random.ts";

interface Datagram {
  readonly client: Client;
  readonly from: Address;
  readonly bytes: Uint8Array;
}

interface Client {
  readonly machine: HandshakeClientMachine;
  readonly ids: string[];
  readonly slot: Slot;
  address: Address;
  /** How it ended, and at which try. */
  outcome: string | undefined;
  try: number;
  resets: number;
}

/** One server, and the clients that ask it. */
class World {
  readonly server: HandshakeServerMachine;
  readonly clients: Client[] = [];
  readonly #up: LossyLink<Datagram>;
  readonly #down: LossyLink<Datagram>;
  readonly #wakes = new Deadlines();
  readonly #random: Random;
  #ports = 0;

  constructor(faults: LinkFaults, random: Random, lease?: number) {
    this.#random = random;
    this.#up = new LossyLink(faults, random);
    this.#down = new LossyLink(faults, random);
    this.server = new HandshakeServerMachine(lease === undefined ? {} : { lease }, 0);
  }

  add(start: Instant, ...ids: string[]): void {
    const machine = new HandshakeClientMachine({ id: ids.shift()! }, {
      server: "10.0.0.1:4000",
      random: this.#random,
    }, start);
    const slot = this.#wakes.add(start);
    const address = { hostname: "10.0.0.7", port: 0 };
    const client = { machine, ids, slot, address, outcome: undefined, try: 0, resets: 0 };
    this.clients[slot] = client;
  }

  /** Lets everything happen until all clients are done. */
  run(): void {
    for (;;) {
      const now = Math.min(...this.#dues());
      if (now === Infinity) return;
      for (const { client, from, bytes } of this.#up.tick(now)) {
        for (const output of this.server.receive(bytes, from, now)) {
          if (output.type === "reply") {
            this.#down.handle({ client, from: output.to, bytes: output.bytes }, now);
          }
        }
      }
      for (const { client, from, bytes } of this.#down.tick(now)) {
        // The socket of an earlier try is closed.
        if (from !== client.address) continue;
        const input = { type: "datagram", try: client.try, bytes } as const;
        this.#take(client, client.machine.handle(input, now), now);
      }
      for (let slot; (slot = this.#wakes.expire(now)) !== undefined;) {
        const client = this.clients[slot]!;
        this.#take(client, client.machine.tick(now), now);
      }
      if (this.server.deadline! <= now) this.server.tick(now);
    }
  }

  #dues(): Instant[] {
    return [this.#up.deadline, this.#down.deadline, this.#wakes.next].map((due) => due ?? Infinity);
  }

  #take(client: Client, outputs: readonly HandshakeClientOutput[], now: Instant): void {
    const { machine } = client;
    const more: HandshakeClientOutput[] = [];
    for (const output of outputs) {
      switch (output.type) {
        case "open":
          client.try = output.try;
          client.address = { hostname: "10.0.0.7", port: ++this.#ports };
          more.push(...machine.handle({ type: "opened", try: output.try, local: "here" }, now));
          break;
        case "send":
          this.#up.handle({ client, from: client.address, bytes: output.bytes }, now);
          break;
        case "error":
          if (output.reason === "reset") client.resets++;
          break;
        case "ask-id":
          more.push(...machine.handle({ type: "next-id", id: client.ids.shift() }, now));
          break;
        case "established":
        case "failure":
          client.outcome = output.type;
      }
    }
    if (more.length > 0) this.#take(client, more, now);
    else this.#wakes.arm(client.slot, machine.deadline ?? Infinity);
  }
}

Deno.test("half of everything lost each way: 1,000 clients get their OK, none reset by itself", {
  permissions: "none",
}, () => {
  for (let seed = 1; seed <= 5; seed++) {
    const faults = { loss: 0.5, duplication: 0.05, delay: 20, jitter: 300 };
    const random = seededRandom(seed);
    const world = new World(faults, random);
    for (let i = 0; i < 1_000; i++) {
      world.add(Math.floor(random() * 1_000), `${i}-1`, `${i}-2`, `${i}-3`);
    }
    world.run();
    const established = world.clients.filter(({ outcome }) => outcome === "established");
    assert(established.length >= 999, `Seed ${seed}: ${established.length} of 1000`);
    const first = established.filter((client) => client.try === 1).length;
    assert(first > 950, `Seed ${seed}: only ${first} with their first try`);
    assertEquals(world.clients.reduce((sum, { resets }) => sum + resets, 0), 0, `Seed ${seed}`);
  }
});

Deno.test("two clients race for one id 10,000 times: exactly one of them gets it", {
  permissions: "none",
}, () => {
  const random = seededRandom(7);
  const world = new World({ delay: 1, jitter: 5, duplication: 0.1 }, random, 600_000);
  for (let i = 0; i < 10_000; i++) {
    const start = Math.floor(random() * 60_000);
    world.add(start, `id-${i}`);
    world.add(start + Math.floor(random() * 6), `id-${i}`);
  }
  world.run();
  for (let i = 0; i < 20_000; i += 2) {
    const pair = world.clients.slice(i, i + 2).map(({ outcome }) => outcome);
    assertEquals(pair.toSorted(), ["established", "failure"], `Pair ${i / 2}`);
  }
});
