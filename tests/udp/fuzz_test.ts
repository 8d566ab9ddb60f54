import { assert, assertEquals } from "@std/assert";
import type { Address } from "../../core/address.ts";
import type { Random } from "../../core/machine.ts";
import { encodeHeartbeat } from "../../udp/message.ts";
import { UdpServerMachine } from "../../udp/server_machine.ts";
import { heldBytes } from "../support/held_bytes.ts";
import { seededRandom } from "../support/random.ts";

const SEED = 20260101;
const DATAGRAMS = 1_000_000;
const TIMEOUT = 30_000;
const WALL = Date.UTC(2026, 0, 1);
const VALID = /^heartbeat (10|[1-9]) \d{1,12}(\.\d+)?\n?$/;
const STRANGER: Address = { hostname: "10.9.9.9", port: 9 };
const PIECES = [
  ..."heartbeat  ",
  ..."0123456789",
  "\n",
  "\r\n",
  "\0",
  "-",
  "+",
  ".",
  "e9",
  "NaN",
  "11",
  "\xff",
  "99999999999999999999",
  "heartbeat 1 1752356183.25",
];

/** Makes one datagram: bytes at random, or a valid one that was damaged in one to three places. */
function damaged(random: Random, pick: (below: number) => number): string {
  if (random() < 0.2) {
    return Array.from({ length: pick(80) }, () => String.fromCharCode(pick(256))).join("");
  }
  let text = `heartbeat ${pick(12)} ${pick(2e9)}.${pick(1e6)}${random() < 0.5 ? "\n" : ""}`;
  for (let left = 1 + pick(3); left > 0; left--) {
    const at = pick(text.length + 1);
    // Put in, put over, leave out, cut off, repeat.
    const [head, tail] = [text.slice(0, at), text.slice(at)];
    const piece = PIECES[pick(PIECES.length)]!;
    const kind = pick(5);
    if (kind === 0) text = head + piece + tail;
    else if (kind === 1) text = head + piece + tail.slice(piece.length);
    else if (kind === 2) text = head + tail.slice(1 + pick(3));
    else if (kind === 3) text = head;
    else text = head + tail + tail;
  }
  return text;
}

/** A server with a client in each state, at the instant `TIMEOUT`. */
function serverWithAllStates() {
  const addresses = [1, 2, 3].map((n): Address => ({ hostname: `10.0.0.${n}`, port: 5001 }));
  const [down, up, waiting] = addresses as [Address, Address, Address];
  const watch = ({ hostname }: Address, timeout: number) => ({
    address: `${hostname}:5001`,
    timeout,
  });
  const clients = [watch(down, TIMEOUT), watch(up, 2 * TIMEOUT), watch(waiting, 3 * TIMEOUT)];
  const server = new UdpServerMachine({ clients }, 0);
  const beat = encodeHeartbeat({ sequence: 1, sentAt: WALL });
  for (const from of [down, up]) server.receive(beat, from, 0, WALL);
  server.tick(TIMEOUT);
  assertEquals(server.reports(TIMEOUT).map(({ state }) => state), ["down", "up", "waiting"]);
  return { server, addresses };
}

Deno.test("a million damaged datagrams: no exception, no state changed, nothing grows", {
  permissions: "none",
}, () => {
  const random = seededRandom(SEED);
  const pick = (below: number) => Math.floor(random() * below);
  const { server, addresses } = serverWithAllStates();
  const before = server.reports(TIMEOUT);
  const buffer = new Uint8Array(1_024);
  let reported = 0, held = 0;
  for (let i = 0; i < DATAGRAMS; i++) {
    if (i === DATAGRAMS / 10) held = heldBytes();
    const text = damaged(random, pick);
    for (let at = 0; at < text.length; at++) buffer[at] = text.charCodeAt(at);
    // What the damage left valid would rightly be heard: let it come from a stranger.
    const valid = VALID.test(text) && text.length <= 64;
    const from = valid ? STRANGER : addresses[i % addresses.length]!;
    const outputs = server.receive(buffer.subarray(0, text.length), from, TIMEOUT, WALL);
    for (const output of outputs) {
      assert(output.type === "rejected", `Seed ${SEED}, datagram ${i}: ${JSON.stringify(text)}`);
      reported += output.count;
    }
  }
  assertEquals(server.reports(TIMEOUT), before, `Seed ${SEED}`);
  for (const output of server.tick(TIMEOUT + 2_000)) {
    if (output.type === "rejected") reported += output.count;
  }
  const { malformed = 0, unregistered = 0, ...others } = server.rejections();
  assertEquals(Object.keys(others), ["sequence-out-of-range"]);
  assert(malformed > DATAGRAMS / 2 && unregistered > DATAGRAMS / 100);
  assertEquals([reported, server.size], [DATAGRAMS, 3]);
  // One small object kept for each datagram would be more.
  const grown = heldBytes() - held;
  assert(grown < 48 * 2 ** 20, `${grown} more bytes are held`);
});

Deno.test("a hundred thousand forged senders fill no more than the places there are", {
  permissions: "none",
}, () => {
  const server = new UdpServerMachine({ autoRegister: TIMEOUT, maxClients: 1_000 }, 0);
  const beat = encodeHeartbeat({ sequence: 1, sentAt: WALL });
  for (let i = 0; i < 100_000; i++) {
    server.receive(beat, { hostname: `10.0.${i >> 16}.1`, port: i & 65_535 }, i / 100, WALL);
  }
  assertEquals([server.size, server.reports(0).length], [1_000, 1_000]);
  assertEquals(server.rejections(), { "too-many-clients": 99_000 });
});
