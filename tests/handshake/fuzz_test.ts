import { assert, assertEquals } from "@std/assert";
import type { Address } from "../../core/address.ts";
import type { Random } from "../../core/machine.ts";
import { HandshakeServerMachine } from "../../handshake/server_machine.ts";
import { heldBytes } from "../support/held_bytes.ts";
import { seededRandom } from "../support/random.ts";
import { bytesOf } from "./server_story.ts";

const SEED = 20260101;
const COUNT = 1_000_000;
const HONEST: Address = { hostname: "10.1.1.1", port: 1 };
const PIECES = [
  "HELLO ",
  "HELLO",
  "OK ",
  "RESET ",
  " ",
  "\n",
  "\r\n",
  "\0",
  "\xff",
  "9876",
  "x".repeat(70),
];

/** Bytes at random, or a HELLO that was damaged in up to three places, or not at all. */
function damaged(random: Random): string {
  const pick = (below: number) => Math.floor(random() * below);
  if (random() < 0.1) {
    return Array.from({ length: pick(100) }, () => String.fromCharCode(pick(256))).join("");
  }
  let text = `HELLO ${pick(1e9)}${random() < 0.5 ? "\n" : ""}`;
  for (let left = pick(4); left > 0; left--) {
    const at = pick(text.length + 1);
    const [head, tail] = [text.slice(0, at), text.slice(at)];
    const piece = PIECES[pick(PIECES.length)]!;
    const kind = pick(4);
    if (kind === 0) text = head + piece + tail;
    else if (kind === 1) text = head + piece + tail.slice(piece.length);
    else if (kind === 2) text = head + tail.slice(1 + pick(3));
    else text = head;
  }
  return text;
}

function fuzz(strict: boolean): void {
  const random = seededRandom(SEED);
  const maxLeases = 10_000;
  const server = new HandshakeServerMachine({ maxLeases, strict }, 0);
  const lease = server.receive(bytesOf("HELLO mine"), HONEST, 0);
  let held = 0, replies = 0, given: string | undefined;
  for (let i = 0; i < COUNT; i++) {
    if (i === COUNT / 10) held = heldBytes();
    const now = i / 50;
    const from = { hostname: `10.0.${i & 63}.${(i >> 6) & 255}`, port: (i & 1023) + 1 };
    const bytes = bytesOf(damaged(random));
    for (const output of server.receive(bytes, from, now)) {
      if (output.type !== "reply") assertEquals(output.type, "rejected", `Seed ${SEED}, ${i}`);
      else {
        replies++;
        if (strict) assert(output.bytes.length <= 3 * bytes.length, `Seed ${SEED}, ${i}`);
      }
    }
    if (server.deadline! <= now) server.tick(now);
    assert(server.size <= maxLeases);
    if (i % 100_000 !== 0) continue;
    assertEquals(server.receive(bytesOf("HELLO mine"), HONEST, now), lease, "the same OK");
    given = `given-${i}`;
  }
  const end = COUNT / 50 + 30_000;
  server.tick(end);
  const [reply] = server.receive(bytesOf(`HELLO ${given}`), HONEST, end);
  assert(reply?.type === "reply" && reply.bytes[0] === "O".charCodeAt(0));
  const { malformed = 0, "table-full": full = 0 } = server.rejections();
  assert(
    malformed > COUNT / 5 && full > 0 && replies > COUNT / 10,
    `${malformed} ${full} ${replies}`,
  );
  const grown = heldBytes() - held;
  assert(grown < 48 * 2 ** 20, `${grown} more bytes are held`);
}

for (const strict of [false, true]) {
  const how = strict ? "strict" : "not strict";
  Deno.test(`a million damaged datagrams, ${how}: no exception, bounded, honest clients answered`, {
    permissions: "none",
  }, () => fuzz(strict));
}

Deno.test("200,000 damaged streams cut anywhere: no exception, and none touches another", {
  permissions: "none",
}, () => {
  const random = seededRandom(SEED);
  const server = new HandshakeServerMachine({ maxConnections: 100, maxLeases: 1_000 }, 0);
  server.handle({ type: "connected", connection: 1, remote: HONEST }, 0);
  const open: number[] = [];
  for (let i = 2; i < 200_000; i++) {
    const now = i / 10;
    if (open.length > 50) server.handle({ type: "closed", connection: open.shift()! }, now);
    const remote = { hostname: "10.0.0.1", port: i & 65_535 };
    server.handle({ type: "connected", connection: i, remote }, now);
    open.push(i);
    const bytes = bytesOf(damaged(random) + damaged(random));
    const cut = Math.floor(random() * bytes.length);
    for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      for (const output of server.handle({ type: "data", connection: i, bytes: piece }, now)) {
        const of = "connection" in output ? output.connection : i;
        assert(of === i, `Seed ${SEED}, ${i}: ${output.type} for ${of}`);
      }
    }
    if (random() < 0.3) server.handle({ type: "ended", connection: i }, now);
    if (server.deadline! <= now) server.tick(now);
    if (i % 1_000 !== 0) continue;
    const said = server.handle(
      { type: "data", connection: 1, bytes: bytesOf(`HELLO a-${i}\n`) },
      now,
    );
    assert(said.some((output) => output.type === "send"), `Seed ${SEED}, ${i}: honest and unheard`);
  }
});
