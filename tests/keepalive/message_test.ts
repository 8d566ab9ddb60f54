import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { HeartlineError } from "../../core/errors.ts";
import { Framer } from "../../core/framer.ts";
import {
  decodeKeepalive,
  escapePayload,
  formatKeepalive,
  KEEPALIVE_MARK,
  type KeepaliveMessage,
  MAX_KEEPALIVE_LINE_BYTES,
  MAX_KEEPALIVE_PAYLOAD_BYTES,
} from "../../keepalive/message.ts";

const ENCODER = new TextEncoder();

/** Written and read; the vectors of docs/PROTOCOLS.md are among them. */
const WRITTEN: readonly (readonly [string, KeepaliveMessage])[] = [
  ["DATA 1 hello", { type: "data", id: 1, payload: "hello" }],
  ["DATA 2 ", { type: "data", id: 2, payload: "" }],
  ["DATA 3  two  spaces ", { type: "data", id: 3, payload: " two  spaces " }],
  ["DATA 4 HEARTBEAT 1", { type: "data", id: 4, payload: "HEARTBEAT 1" }],
  ["DATA 5 one\\ntwo\\r\\tthree", { type: "data", id: 5, payload: "one\ntwo\r\tthree" }],
  ["DATA 6 C:\\\\new", { type: "data", id: 6, payload: "C:\\new" }],
  ["DATA 7 21 \\u00b0C \\ud83d\\ude00", { type: "data", id: 7, payload: "21 °C 😀" }],
  ["DATA 8 \\u0000\\u007f", { type: "data", id: 8, payload: "\0\x7f" }],
  ['DATA 9 {"a":[1,2]}', { type: "data", id: 9, payload: '{"a":[1,2]}' }],
  ["REPLY 999999999999999 ok", { type: "reply", id: 999_999_999_999_999, payload: "ok" }],
  ["HEARTBEAT 1", { type: "heartbeat", id: 1 }],
  ["HEARTBEAT-ACK 12", { type: "heartbeat-ack", id: 12 }],
  ["TERMINATE silent", { type: "terminate", reason: "silent" }],
];

/** Read, though we write it otherwise. */
const READ: readonly (readonly [string, KeepaliveMessage])[] = [
  ["DATA 1", { type: "data", id: 1, payload: "" }],
  ["REPLY 1", { type: "reply", id: 1, payload: "" }],
  ["HEARTBEAT 1\r", { type: "heartbeat", id: 1 }],
  ["DATA 1 typed\r", { type: "data", id: 1, payload: "typed" }],
  ["DATA 1 \\u00B0", { type: "data", id: 1, payload: "°" }],
  ["TERMINATE", { type: "terminate", reason: "" }],
  ["TERMINATE going home, bye", { type: "terminate", reason: "going home, bye" }],
];

const MALFORMED: readonly string[] = [
  "",
  " ",
  "DATA",
  "DATA ",
  "DATA 0 a",
  "DATA 01 a",
  "DATA -1 a",
  "DATA 1.5 a",
  "DATA 1e3 a",
  "DATA 1000000000000000 a",
  "DATA  1 a",
  "DATA one a",
  "data 1 a",
  " DATA 1 a",
  "DATA 1\ta",
  "DATA 1 a\tb",
  "DATA 1 a\rb",
  "DATA 1 a\r\r",
  "DATA 1 \\",
  "DATA 1 \\x41",
  "DATA 1 \\u12",
  "DATA 1 \\u12g4",
  "DATA 1 \\N",
  "DATA 1 é",
  "DATA 1 \0",
  "REPLY x",
  "HEARTBEAT",
  "HEARTBEAT 0",
  "HEARTBEAT 1 2",
  "HEARTBEAT 1 ",
  "HEARTBEAT-ACK",
  "HEARTBEATACK 1",
  "HEARTBEAT-ACKS 1",
  "TERMINATED",
  `TERMINATE ${"x".repeat(129)}`,
  `DATA 1 ${"x".repeat(MAX_KEEPALIVE_PAYLOAD_BYTES + 1)}`,
  "GET / HTTP/1.1",
  "HELLO 1",
];

/** Decodes all lines of a stream that arrives in these chunks. */
function decodeAll(chunks: readonly Uint8Array[]): (KeepaliveMessage | undefined)[] {
  const framer = new Framer(KEEPALIVE_MARK, { limit: MAX_KEEPALIVE_LINE_BYTES });
  const seen: (KeepaliveMessage | undefined)[] = [];
  for (const chunk of chunks) {
    framer.push(chunk);
    while (framer.next()) seen.push(decodeKeepalive(framer.bytes, framer.start, framer.end));
  }
  return seen;
}

/** A line whole, byte by byte, before the head of another one, and three times in one chunk. */
function assertDecodes(line: string, says: KeepaliveMessage | undefined): void {
  const bytes = ENCODER.encode(`${line}\n`);
  assertEquals(decodeAll([bytes]), [says]);
  assertEquals(decodeAll(Array.from(bytes, (byte) => Uint8Array.of(byte))), [says]);
  assertEquals(decodeAll([ENCODER.encode(`${line}\nHEARTBEAT 1`)]), [says]);
  assertEquals(decodeAll([ENCODER.encode(`${line}\n`.repeat(3))]), [says, says, says]);
}

Deno.test("lines: encode and decode", { permissions: "none" }, async (t) => {
  for (const [line, says] of WRITTEN) {
    await t.step(line, () => {
      assertEquals(formatKeepalive(says), `${line}\n`);
      assertDecodes(line, says);
    });
  }
});

Deno.test("lines: forms that others write", { permissions: "none" }, async (t) => {
  for (const [line, says] of READ) {
    await t.step(JSON.stringify(line), () => assertDecodes(line, says));
  }
});

Deno.test("lines: malformed ones", { permissions: "none" }, async (t) => {
  for (const line of MALFORMED) {
    await t.step(JSON.stringify(line.slice(0, 60)), () => assertDecodes(line, undefined));
  }
});

Deno.test(
  "the longest line fits the limit, one byte more does not",
  { permissions: "none" },
  () => {
    const payload = "x".repeat(MAX_KEEPALIVE_PAYLOAD_BYTES);
    const line = formatKeepalive({ type: "reply", id: 999_999_999_999_999, payload });
    assertEquals(line.length, MAX_KEEPALIVE_LINE_BYTES);
    assertEquals(decodeAll([ENCODER.encode(line.replace("\n", "\r\n"))])[0]?.type, "reply");
    const error = assertThrows(() => escapePayload(`${payload}x`), HeartlineError, "8192 bytes");
    assertEquals(error.code, "invalid-option");
    assertThrows(() => escapePayload("é".repeat(MAX_KEEPALIVE_PAYLOAD_BYTES / 6 + 1)));
  },
);

Deno.test("any text survives as a payload, and never breaks its line", {
  permissions: "none",
}, () => {
  const text = fc.string({ unit: "binary", maxLength: 200 });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 10 ** 15 - 1 }), (payload, id) => {
      const line = formatKeepalive({ type: "data", id, payload });
      assert(/^[\x20-\x7e]*\n$/.test(line));
      assertEquals(decodeAll([ENCODER.encode(line)]), [{ type: "data", id, payload }]);
    }),
  );
  const lone = "\ud800 half of a pair";
  const line = ENCODER.encode(formatKeepalive({ type: "data", id: 1, payload: lone }));
  assertEquals(decodeAll([line]), [{ type: "data", id: 1, payload: lone }]);
});

Deno.test("any list of messages in any chunks is decoded once, in order", {
  permissions: "none",
}, () => {
  const id = fc.integer({ min: 1, max: 10 ** 15 - 1 });
  const payload = fc.string({ unit: "binary", maxLength: 100 });
  const message: fc.Arbitrary<KeepaliveMessage> = fc.oneof(
    fc.record({ type: fc.constantFrom("data" as const, "reply" as const), id, payload }),
    fc.record({ type: fc.constantFrom("heartbeat" as const, "heartbeat-ack" as const), id }),
  );
  fc.assert(
    fc.property(fc.array(message), fc.array(fc.nat(200)), (messages, sizes) => {
      const bytes = ENCODER.encode(messages.map(formatKeepalive).join(""));
      const chunks: Uint8Array[] = [];
      let at = 0;
      for (const size of sizes) chunks.push(bytes.subarray(at, at += size));
      chunks.push(bytes.subarray(at));
      // Records of fast-check have no prototype.
      assertEquals(decodeAll(chunks), messages.map((one) => ({ ...one })));
    }),
  );
});

Deno.test("lines: one that is too long is malformed, whatever it says", {
  permissions: "none",
}, () => {
  const line = new TextEncoder().encode(`TERMINATE ${"x".repeat(MAX_KEEPALIVE_LINE_BYTES)}`);
  assertEquals(decodeKeepalive(line), undefined);
  assertEquals(decodeKeepalive(line, 0, 11), { type: "terminate", reason: "x" });
});
