import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Framer } from "../../core/framer.ts";
import {
  decodeTcpAck,
  decodeTcpHeartbeat,
  formatTcpAck,
  formatTcpHeartbeat,
  MAX_TCP_MESSAGE_BYTES,
  TCP_MARK,
  type TcpHeartbeat,
} from "../../tcp/message.ts";

const ENCODER = new TextEncoder();
const T = 1752356183576.9;

/** Messages that we write and read; each row: the text, and what it says. */
const WRITTEN: readonly (readonly [text: string, says: TcpHeartbeat])[] = [
  ["Sequence #1: Sending heartbeat at 1752356183.5769. ", { sequence: 1, sentAt: T }],
  ["Sequence #42: Sending heartbeat at 1752356183.0000. ", { sequence: 42, sentAt: 1752356183e3 }],
  ["Sequence #1: Sending heartbeat at 0.0000. ", { sequence: 1, sentAt: 0 }],
  ["Sequence #1: Sending heartbeat at 0.0001. ", { sequence: 1, sentAt: 0.1 }],
  ["Sequence #2147483648: Sending heartbeat at 1.0000. ", { sequence: 2 ** 31, sentAt: 1000 }],
  [
    "Sequence #999999999999999: Sending heartbeat at 999999999999.0000. ",
    { sequence: 10 ** 15 - 1, sentAt: 999_999_999_999_000 },
  ],
];

/** Forms that others write; we read them and write another. */
const READ: readonly (readonly [title: string, text: string, says: TcpHeartbeat])[] = [
  ["no decimals", "Sequence #7: Sending heartbeat at 12. ", { sequence: 7, sentAt: 12_000 }],
  ["one decimal", "Sequence #7: Sending heartbeat at 12.5. ", { sequence: 7, sentAt: 12_500 }],
  [
    "nine decimals",
    "Sequence #7: Sending heartbeat at 12.123456789. ",
    { sequence: 7, sentAt: 12_123.456789 },
  ],
  ["a typed line", "\nSequence #7: Sending heartbeat at 12. ", { sequence: 7, sentAt: 12_000 }],
  ["a typed CR LF", "\r\nSequence #7: Sending heartbeat at 12. ", { sequence: 7, sentAt: 12_000 }],
  ["zeros in time", "Sequence #7: Sending heartbeat at 0012.0. ", { sequence: 7, sentAt: 12_000 }],
];

/** What is no heartbeat; each ends in a mark, so that it is framed. */
const MALFORMED: readonly string[] = [
  ". ",
  "Sequence. ",
  "Sequence #. ",
  "Sequence #: Sending heartbeat at 12.5. ",
  "Sequence #0: Sending heartbeat at 12.5. ",
  "Sequence #01: Sending heartbeat at 12.5. ",
  "Sequence #-1: Sending heartbeat at 12.5. ",
  "Sequence #1.5: Sending heartbeat at 12.5. ",
  "Sequence #1e3: Sending heartbeat at 12.5. ",
  "Sequence #1000000000000000: Sending heartbeat at 12.5. ",
  "sequence #1: Sending heartbeat at 12.5. ",
  "Sequence 1: Sending heartbeat at 12.5. ",
  "Sequence #1 Sending heartbeat at 12.5. ",
  "Sequence #1:  Sending heartbeat at 12.5. ",
  "Sequence #1: Sending heartbeat at. ",
  "Sequence #1: Sending heartbeat at . ",
  "Sequence #1: Sending heartbeat at .5. ",
  "Sequence #1: Sending heartbeat at 12.. ",
  "Sequence #1: Sending heartbeat at 12.5.5. ",
  "Sequence #1: Sending heartbeat at 12.1234567890. ",
  "Sequence #1: Sending heartbeat at 1000000000000.5. ",
  "Sequence #1: Sending heartbeat at -12.5. ",
  "Sequence #1: Sending heartbeat at NaN. ",
  "Sequence #1: Sending heartbeat at 12,5. ",
  "Sequence #1: Sending heartbeat at 12.5 . ",
  "Sequence #1: Sending heartbeat at 12.5\n. ",
  " Sequence #1: Sending heartbeat at 12.5. ",
  "\n\nSequence #1: Sending heartbeat at 12.5. ",
  "\rSequence #1: Sending heartbeat at 12.5. ",
  "Sequence #1: Sending heartbeat at ١٢. ",
  "Ack #1 at 12.5. ",
  "GET / HTTP/1.1\r\nHost: a. ",
];

/** Decodes all messages of a stream that arrives in these chunks. */
function decodeAll(chunks: readonly Uint8Array[], decode = decodeTcpHeartbeat) {
  const framer = new Framer(TCP_MARK, { limit: MAX_TCP_MESSAGE_BYTES });
  const seen: (TcpHeartbeat | undefined)[] = [];
  for (const chunk of chunks) {
    framer.push(chunk);
    while (framer.next()) seen.push(decode(framer.bytes, framer.start, framer.end));
  }
  return seen;
}

const byteByByte = (bytes: Uint8Array) => Array.from(bytes, (byte) => Uint8Array.of(byte));

/** A message whole, byte by byte, before the head of another one, and three times in one chunk. */
function assertDecodes(text: string, says: TcpHeartbeat | undefined, decode = decodeTcpHeartbeat) {
  const bytes = ENCODER.encode(text);
  assertEquals(decodeAll([bytes], decode), [says]);
  assertEquals(decodeAll(byteByByte(bytes), decode), [says]);
  assertEquals(decodeAll([ENCODER.encode(text + "Sequence #")], decode), [says]);
  assertEquals(decodeAll([ENCODER.encode(text.repeat(3))], decode), [says, says, says]);
}

Deno.test("heartbeats: encode and decode", { permissions: "none" }, async (t) => {
  for (const [text, says] of WRITTEN) {
    await t.step(text, () => {
      assertEquals(formatTcpHeartbeat(says), text);
      assertDecodes(text, says);
    });
  }
});

Deno.test("heartbeats: forms that others write", { permissions: "none" }, async (t) => {
  for (const [title, text, says] of READ) await t.step(title, () => assertDecodes(text, says));
});

Deno.test("heartbeats: malformed ones", { permissions: "none" }, async (t) => {
  for (const text of MALFORMED) {
    await t.step(JSON.stringify(text), () => assertDecodes(text, undefined));
  }
});

Deno.test("heartbeats: every prefix and every suffix is malformed", { permissions: "none" }, () => {
  const bytes = ENCODER.encode("Sequence #12: Sending heartbeat at 1752356183.5769");
  const shorterTimes = bytes.indexOf("1752".charCodeAt(0), 20) + 1;
  for (let end = 0; end < bytes.length; end++) {
    const valid = end >= shorterTimes && bytes[end - 1] !== ".".charCodeAt(0);
    assertEquals(decodeTcpHeartbeat(bytes, 0, end) !== undefined, valid, `${end}`);
  }
  for (let start = 1; start < bytes.length; start++) {
    assertEquals(decodeTcpHeartbeat(bytes, start), undefined);
  }
});

Deno.test("acks: encode and decode", { permissions: "none" }, () => {
  const text = "Ack #42 at 1752356183.5769. ", says = { sequence: 42, sentAt: T };
  assertEquals(formatTcpAck(says), text);
  assertDecodes(text, says, decodeTcpAck);
  assertDecodes("Ack #42 at 12. ", { sequence: 42, sentAt: 12_000 }, decodeTcpAck);
  for (const bad of ["Ack #42. ", "Ack 42 at 1. ", "Ack #0 at 1. ", "NAck #1 at 1. "]) {
    assertDecodes(bad, undefined, decodeTcpAck);
  }
});

Deno.test("the longest message fits the limit", { permissions: "none" }, () => {
  const text = "\r\nSequence #999999999999999: Sending heartbeat at 999999999999.123456789";
  assertEquals(text.length, 72);
  assertEquals(text.length < MAX_TCP_MESSAGE_BYTES, true);
});

const heartbeat = fc.record({
  sequence: fc.integer({ min: 1, max: 10 ** 15 - 1 }),
  // Tenths of a millisecond: what four decimals of a second can say.
  sentAt: fc.integer({ min: 0, max: 10 ** 14 }).map((tenths) => tenths / 10),
});

Deno.test("any list of messages in any chunks is decoded once, in order", {
  permissions: "none",
}, () => {
  fc.assert(
    fc.property(fc.array(heartbeat), fc.array(fc.nat(200)), (beats, sizes) => {
      const bytes = ENCODER.encode(beats.map(formatTcpHeartbeat).join(""));
      const chunks: Uint8Array[] = [];
      let at = 0;
      for (const size of sizes) chunks.push(bytes.subarray(at, at += size));
      chunks.push(bytes.subarray(at));
      assertEquals(decodeAll(chunks), beats);
    }),
  );
});
