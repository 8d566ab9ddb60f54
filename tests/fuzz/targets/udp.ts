/**
 * Targets of UDP heartbeats.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Address } from "../../../core/address.ts";
import { decodeHeartbeat, encodeHeartbeat } from "../../../udp/message.ts";
import { UdpServerMachine } from "../../../udp/server_machine.ts";
import { checkUdpServerSnapshot } from "../../../udp/server_snapshot.ts";
import { codecTarget, readerTarget } from "../codec.ts";
import { machineTarget } from "../machine.ts";
import { jsonSample, parsedJson } from "../json.ts";
import { latin1, oneOf, type Pick, type Run, type Target } from "../target.ts";

const WALL = Date.UTC(2026, 0, 1);
const TIMEOUT = 30_000;
const STRANGER: Address = { hostname: "10.9.9.9", port: 9 };

const HEARTBEAT = codecTarget({
  name: "udp-heartbeat",
  tokens: ["heartbeat", "heartbeat ", "11", "10 ", "1752356183.25", "heartbeat 1 1752356183.25"],
  sample(pick: Pick): string {
    const fraction = pick(2) === 0 ? `.${pick(1e6)}` : "";
    return `heartbeat ${pick(12)} ${pick(oneOf(pick, [2e9, 1e12]))}${fraction}${
      pick(2) === 0 ? "\n" : ""
    }`;
  },
  decode: (bytes, start, end) => decodeHeartbeat(bytes.subarray(start, end)),
  encode: (beat) => latin1(encodeHeartbeat(beat)),
});

/** All of them. */
export const UDP_TARGETS: readonly Target[] = [
  HEARTBEAT,
  machineTarget(HEARTBEAT, "udp-server", startServer),
  readerTarget({
    name: "udp-server-state",
    tokens: [
      '"version"',
      '"clients"',
      '"down"',
      "null",
      "true",
      "{}",
      "[]",
      '{"toString":1}',
      "-1",
    ],
    sample: (pick) =>
      jsonSample(pick, {
        version: 1,
        clients: [{
          client: oneOf(pick, ["10.0.0.1:5001", "[::1]:1", "name:1"]),
          timeout: oneOf(pick, [1, null, 1e300]),
          automatic: pick(2) === 0,
          state: oneOf(pick, ["waiting", "up", "down"]),
          silentFor: pick(1e6),
          downFor: 0,
          ...(pick(2) === 0 && { group: "g" }),
        }],
      }),
    read: (text) => startFrom(checkUdpServerSnapshot(parsedJson(text))),
  }),
];

/** A server with a client in each state: whatever comes changes none of them. */
function startServer(): Run {
  const addresses = [1, 2, 3].map((n): Address => ({ hostname: `10.0.0.${n}`, port: 5_001 }));
  const clients = addresses.map(({ hostname, port }, i) => ({
    address: `${hostname}:${port}`,
    timeout: (i + 1) * TIMEOUT,
  }));
  const server = new UdpServerMachine({ clients }, {}, 0);
  const beat = encodeHeartbeat({ sequence: 1, sentAt: WALL });
  for (const from of addresses.slice(0, 2)) server.receive(beat, from, 0, WALL);
  server.tick(TIMEOUT);
  const before = server.reports(TIMEOUT);
  assertEquals(before.map(({ state }) => state), ["down", "up", "waiting"]);
  let inputs = 0, reported = 0;
  const count = (outputs: ReturnType<UdpServerMachine["receive"]>): void => {
    for (const output of outputs) if (output.type === "rejected") reported += output.count;
  };
  return {
    take(input, pick) {
      inputs++;
      const said = decodeHeartbeat(input);
      // What is still good would rightly be heard: let it come from a stranger.
      const from = typeof said === "object" ? STRANGER : oneOf(pick, addresses);
      const outputs = server.receive(input, from, TIMEOUT, WALL);
      assert(outputs.every(({ type }) => type === "rejected"), JSON.stringify(outputs));
      count(outputs);
      return typeof said === "object" ? "stranger" : said;
    },
    finish() {
      assertEquals(server.reports(TIMEOUT), before);
      count(server.tick(TIMEOUT + 2_000));
      assertEquals([reported, server.size], [inputs, 3]);
    },
  };
}

/** What was checked can be used. */
function startFrom(snapshot: ReturnType<typeof checkUdpServerSnapshot>): object {
  const server = new UdpServerMachine({ snapshot }, {}, 1e6);
  server.tick(1e6);
  checkUdpServerSnapshot(JSON.parse(JSON.stringify(server.snapshot(1e6))));
  return snapshot;
}
