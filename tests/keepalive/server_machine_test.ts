import { assertEquals, assertThrows } from "@std/assert";
import type { KeepaliveServerOutput } from "../../keepalive/inputs.ts";
import { KeepaliveServerMachine } from "../../keepalive/server_machine.ts";
import { passTime } from "../support/story.ts";

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();
const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

/** A machine with `count` clients, numbered from 1 and connected at 0. */
function serving(count: number, options = {}): KeepaliveServerMachine {
  const machine = new KeepaliveServerMachine(options);
  for (let n = 1; n <= count; n++) connect(machine, n);
  return machine;
}

function connect(machine: KeepaliveServerMachine, n: number, now = 0) {
  const remote = { hostname: "p", port: n }, local = { hostname: "l", port: 1 };
  return machine.handle({ type: "opened", connection: n, remote, local }, now);
}

function hear(machine: KeepaliveServerMachine, n: number, text: string, now: number) {
  const bytes = ENCODER.encode(text);
  return machine.handle({ type: "data", connection: n, bytes }, now);
}

/** Ticks at every deadline up to `until`; returns who was found dead, and when. */
function deaths(machine: KeepaliveServerMachine, until: number): string[] {
  const found: string[] = [];
  passTime(machine, until, (outputs, now) => {
    for (const output of outputs) {
      if (output.type === "disconnected") found.push(`${now} ${output.client} ${output.reason}`);
    }
  });
  return found;
}

const types = (outputs: readonly KeepaliveServerOutput[]) => outputs.map(({ type }) => type);

pure("of a thousand clients just the silent ones die, each at its own time", () => {
  const machine = serving(1_000);
  for (let now = 0; now < 60_000; now += 10_000) {
    for (let n = 1; n <= 1_000; n++) if (n % 250 !== 0) hear(machine, n, "DATA 1 a\n", now + n);
    assertEquals(deaths(machine, now + 1_001), []);
  }
  for (const n of [250, 500, 750]) hear(machine, n, "D", 59_000 + n);
  const dead = deaths(machine, 65_000);
  assertEquals(dead, ["60000 p:1000 silent"]);
  assertEquals(machine.size, 999);
});

// Field note: probes over another connection prove nothing about the old one.
pure("each client is probed over its own connection", () => {
  const machine = serving(3);
  const probed = machine.tick(20_000).flatMap((output) =>
    output.type === "send" ? [`${output.connection} ${DECODER.decode(output.bytes)}`] : []
  );
  assertEquals(probed.sort(), ["1 HEARTBEAT 1\n", "2 HEARTBEAT 1\n", "3 HEARTBEAT 1\n"]);
});

pure("a stall puts off every verdict, and is said once", () => {
  const machine = serving(100);
  assertEquals(machine.stalled(90_000), [
    { type: "stalled", by: 90_000 },
  ]);
  assertEquals(deaths(machine, 149_999), []);
  assertEquals(deaths(machine, 150_000).length, 100);
  assertEquals([machine.size, machine.deadline], [0, undefined]);
});

pure("clients above the limit are told, and reported once a second", () => {
  const machine = serving(1, { maxClients: 1 });
  assertEquals(types(connect(machine, 2, 0)), ["rejected", "close"]);
  const [close] = connect(machine, 3, 10);
  const last = close?.type === "close" ? new TextDecoder().decode(close.last) : "";
  assertEquals(last, "TERMINATE too-many-clients\n");
  assertEquals(types(connect(machine, 4, 20)), ["close"]);
  assertEquals(machine.tick(1_000), [
    { type: "rejected", client: "p:4", reason: "too-many-clients", count: 2 },
  ]);
  assertEquals(hear(machine, 3, "DATA 1 a\n", 30), []);
});

pure("a failure to accept is reported once a second", () => {
  const machine = new KeepaliveServerMachine();
  const input = { type: "accept-failed", code: "too-many-open-files", message: "Cannot" } as const;
  const said = [0, 10, 20].flatMap((now) => machine.handle(input, now));
  said.push(...machine.tick(machine.deadline!));
  assertEquals(said, [{ ...input, count: 1 }, { ...input, count: 2 }]);
  assertEquals(machine.deadline, undefined);
});

pure("a report that waits longer than another is said all the same", () => {
  const machine = serving(1, { maxClients: 1, dataThreshold: Infinity });
  const failed = { type: "accept-failed", code: "too-many-open-files", message: "Cannot" } as const;
  for (const now of [0, 10]) machine.handle(failed, now);
  for (const [connection, now] of [[2, 500], [3, 510]] as const) connect(machine, connection, now);
  assertEquals(machine.tick(machine.deadline!), [{ ...failed, count: 1 }]);
  assertEquals(machine.deadline, 1_500);
  assertEquals(types(machine.tick(1_500)), ["rejected"]);
});

pure("a stopped server tells every client, and knows none any more", () => {
  const machine = serving(3);
  assertEquals(types(machine.handle({ type: "stop" }, 5)), ["close", "close", "close"]);
  assertEquals([machine.size, machine.deadline, machine.reports(5)], [0, undefined, []]);
  assertEquals([machine.lastSent(1), machine.refusal(1, "x")], [0, undefined]);
  assertEquals(machine.tick(1e9), []);
});

pure("wrong options are refused", () => {
  for (const options of [{ maxClients: 0 }, { dataThreshold: 0 }, { heartBeatThreshold: NaN }]) {
    assertThrows(() => new KeepaliveServerMachine(options), Error, "Cannot use");
  }
});

pure("clients whose silence is never judged live for ever", () => {
  const machine = serving(2, { dataThreshold: Infinity });
  assertEquals([machine.tick(1e12), machine.size], [[], 2]);
});

pure("a client that is not there has been sent nothing, and nothing is said against it", () => {
  const machine = serving(1);
  assertEquals([machine.lastSent(1), machine.lastSent(2)], [0, 0]);
  assertEquals([machine.refusal(1, "a"), machine.refusal(2, "a")], [undefined, undefined]);
});
