// The lines of a sequence as bytes: they say what their text says, and no more.

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  decodeSequenceReply,
  decodeSequenceRequest,
  encodeNumbers,
  encodeSequenceReply,
  encodeSequenceRequest,
} from "../../sequence/message.ts";
import {
  formatSequenceReply,
  formatSequenceRequest,
  parseSequenceReply,
  parseSequenceRequest,
  type SequenceReply,
  type SequenceRequest,
} from "../../sequence/grammar.ts";

const PURE = { permissions: "none" } as const;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const REQUESTS: readonly string[] = [
  ...["ACK 0", "ACK 7", "ACK 65535", "ACK 65536", "ACK 4294967296", "ACK 99999999999", "ACK 07"],
  ...["ACK -1", "ACK ", "ACK", "ACK 1 2", "ACK  1", "ACK 1 ", "ACK 7\r", "ACK 7\r\r", "ack 7"],
  ...["PONG 0", "PONG 4294967295", "PONG 4294967296", "PONG 1\r", "PONG x", "PONG", "PONG 01"],
  ...["FIN-ACK", "FIN-ACK\r", "", "\r", "HELLO 1", "NUMBER 1 2", "PING 1"],
];
const REPLIES: readonly string[] = [
  ...["NUMBER 0 0", "NUMBER 65534 4294967295", "NUMBER 4294967295 1", "NUMBER 4294967296 1"],
  ...["NUMBER 1 4294967296", "NUMBER 1", "NUMBER 1 ", "NUMBER  1", "NUMBER 1  2", "NUMBER 1 2 3"],
  ...["NUMBER 1 2\r", "NUMBER 1\r 2", "NUMBER 01 2", "NUMBER 1 02", "NUMBER -1 2", "NUMBER 1 -2"],
  ...["NUMBER", "NUMBER ", "NUMBERS 1 2", "number 1 2", "PING 3", "PING 4294967295", "PING 3\r"],
  ...["PING 4294967296", "PING 03", "PING", "PING x", "REPLACED", "GOAWAY 2500", "", "ACK 1"],
];

/** In a buffer where what stands around the line would make another one of it. */
function within(line: string): [bytes: Uint8Array, start: number, end: number] {
  const bytes = bytesOf(`1${line} 1 1`);
  return [bytes, 1, 1 + line.length];
}

for (const line of REQUESTS) {
  Deno.test(`request as bytes: ${JSON.stringify(line)}`, PURE, () => {
    assertEquals(decodeSequenceRequest(...within(line)), parseSequenceRequest(line));
    assertEquals(decodeSequenceRequest(bytesOf(line), 0, line.length), parseSequenceRequest(line));
  });
}

for (const line of REPLIES) {
  Deno.test(`reply as bytes: ${JSON.stringify(line)}`, PURE, () => {
    assertEquals(decodeSequenceReply(...within(line)), parseSequenceReply(line));
    assertEquals(decodeSequenceReply(bytesOf(line), 0, line.length), parseSequenceReply(line));
  });
}

Deno.test("no line is written otherwise than its text", PURE, () => {
  const uint32 = fc.nat(2 ** 32 - 1);
  const request = fc.oneof(
    fc.record({ type: fc.constant("ack" as const), next: fc.nat(65_535) }),
    fc.record({ type: fc.constant("pong" as const), id: uint32 }),
    fc.constant({ type: "fin-ack" as const }),
  );
  const reply = fc.oneof(
    fc.record({ type: fc.constant("number" as const), index: fc.nat(65_534), value: uint32 }),
    fc.record({ type: fc.constant("ping" as const), id: uint32 }),
    fc.record({ type: fc.constant("goaway" as const), retry: uint32 }),
  );
  fc.assert(fc.property(request, (says: SequenceRequest) => {
    assertEquals(textOf(encodeSequenceRequest(says)), formatSequenceRequest(says));
  }));
  fc.assert(fc.property(reply, (says: SequenceReply) => {
    assertEquals(textOf(encodeSequenceReply(says)), formatSequenceReply(says));
  }));
});

Deno.test("many numbers are a line each, from the first index on", PURE, () => {
  assertEquals(textOf(encodeNumbers(9, [5, 0])), "NUMBER 9 5\nNUMBER 10 0\n");
  const values = Array.from({ length: 4_096 }, (_, i) => i * 1_000_003 >>> 0);
  const lines = values.map((value, i) =>
    formatSequenceReply({ type: "number", index: i + 60_000, value })
  );
  assertEquals(textOf(encodeNumbers(60_000, values)), lines.join(""));
});
