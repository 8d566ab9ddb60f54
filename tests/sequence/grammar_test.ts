import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Framer } from "../../core/framer.ts";
import {
  formatSequenceReply,
  formatSequenceRequest,
  MAX_SEQUENCE_LINE_BYTES,
  parseSequenceReply,
  parseSequenceRequest,
  SEQUENCE_REJECTIONS,
  type SequenceRejection,
  type SequenceReply,
  type SequenceRequest,
} from "../../sequence/grammar.ts";

const PURE = { permissions: "none" } as const;
const ENCODER = new TextEncoder();
const UUID = "01234567-89ab-4def-8123-456789abcdef";
const S = "00112233445566778899aabbccddeeff";
const T = "ffeeddccbbaa99887766554433221100";
const SHA = "0123456789abcdef".repeat(4);

const REQUESTS: readonly (readonly [line: string, says: SequenceRequest])[] = [
  [`HELLO 1 ${UUID} 1\n`, { type: "hello", client: UUID, length: 1 }],
  [`HELLO 1 ${UUID} 65535\n`, { type: "hello", client: UUID, length: 65_535 }],
  [`RESUME 1 ${S} ${T} 0\n`, { type: "resume", session: S, token: T, next: 0 }],
  [`RESUME 1 ${S} ${T} 65535\n`, { type: "resume", session: S, token: T, next: 65_535 }],
  ["ACK 0\n", { type: "ack", next: 0 }],
  ["ACK 65535\n", { type: "ack", next: 65_535 }],
  ["PONG 12\n", { type: "pong", id: 12 }],
  ["FIN-ACK\n", { type: "fin-ack" }],
];

const REFUSED: readonly (readonly [line: string, code: SequenceRejection])[] = [
  ["", "MALFORMED"],
  [" ", "MALFORMED"],
  ["hello 1", "MALFORMED"],
  ["HELLO", "MALFORMED"],
  [`HELLO 1 ${UUID}`, "MALFORMED"],
  [`HELLO 1 ${UUID} 5 6`, "MALFORMED"],
  [`HELLO  1 ${UUID} 5`, "MALFORMED"],
  [`HELLO 2 ${UUID} 5`, "VERSION"],
  [`HELLO x ${UUID} 5`, "VERSION"],
  [`HELLO 1 ${UUID.slice(1)} 5`, "UUID"],
  [`HELLO 1 ${UUID.replaceAll("-", "")} 5`, "UUID"],
  ["HELLO 1 not-a-uuid 5", "UUID"],
  [`HELLO 1 ${UUID} 0`, "LENGTH"],
  [`HELLO 1 ${UUID} 65536`, "LENGTH"],
  [`HELLO 1 ${UUID} -1`, "LENGTH"],
  [`HELLO 1 ${UUID} 1.5`, "LENGTH"],
  [`HELLO 1 ${UUID} 1e3`, "LENGTH"],
  [`HELLO 1 ${UUID} 07`, "LENGTH"],
  [`HELLO 1 ${UUID} many`, "LENGTH"],
  [`HELLO 1 ${UUID} `, "LENGTH"],
  [`RESUME 2 ${S} ${T} 0`, "VERSION"],
  [`RESUME 1 ${S} ${T.slice(1)} 0`, "UNKNOWN"],
  [`RESUME 1 ${S.toUpperCase()} ${T} 0`, "UNKNOWN"],
  [`RESUME 1 ${S} ${T} -1`, "RANGE"],
  [`RESUME 1 ${S} ${T} 65536`, "RANGE"],
  ["ACK", "MALFORMED"],
  ["ACK -1", "MALFORMED"],
  ["ACK 1 2", "MALFORMED"],
  ["ACK 65536", "RANGE"],
  ["PONG x", "MALFORMED"],
  ["FIN-ACK 1", "MALFORMED"],
  ["toString", "MALFORMED"],
  ["__proto__ 1", "MALFORMED"],
];

const REPLIES: readonly (readonly [line: string, says: SequenceReply])[] = [
  [`WELCOME ${S} ${T} 1 1000 5000 30000\n`, {
    type: "welcome",
    ...{ session: S, token: T, epoch: 1, interval: 1_000, heartbeat: 5_000, sessionTtl: 30_000 },
  }],
  [`RESUMED ${T} 2 7\n`, { type: "resumed", token: T, epoch: 2, next: 7 }],
  ["NUMBER 0 0\n", { type: "number", index: 0, value: 0 }],
  ["NUMBER 65534 4294967295\n", { type: "number", index: 65_534, value: 4_294_967_295 }],
  ["PING 3\n", { type: "ping", id: 3 }],
  [`FIN 5 3848541339 ${SHA}\n`, { type: "fin", length: 5, crc32: 3848541339, sha256: SHA }],
  ...SEQUENCE_REJECTIONS.map((code) =>
    [`REJECTED ${code} in words\n`, { type: "rejected", code, text: "in words" }] as const
  ),
  ["REPLACED\n", { type: "replaced" }],
  ["GOAWAY 2500\n", { type: "goaway", retry: 2_500 }],
];

const NO_REPLY: readonly string[] = [
  ...["", " ", "NUMBER", "NUMBER 1", "NUMBER 1 2 3", "NUMBER -1 2", "NUMBER 1 4294967296"],
  ...["NUMBER 01 2", "NUMBER 1 2.0", "NUMBER 1 0x2", "NUMBER a b", "number 1 2", "PING", "PING -1"],
  ...[`WELCOME ${S} ${T} 1 1000 5000`, `WELCOME ${S} x 1 1000 5000 30000`, `RESUMED ${T} 2`],
  ...[`FIN 5 3848541339 ${SHA.slice(1)}`, `FIN 5 3848541339 ${SHA} 1`, "FIN 5 3848541339"],
  ...["REJECTED", "REJECTED WHY not", "REPLACED 1", "GOAWAY", "GOAWAY soon", "constructor 1"],
];

function framed(bytes: Uint8Array, size: number): string[] {
  const framer = new Framer("\n", { limit: MAX_SEQUENCE_LINE_BYTES });
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    framer.push(bytes.subarray(at, at + size));
    while (framer.next()) lines.push(framer.text());
  }
  return lines;
}

for (const [line, says] of REQUESTS) {
  Deno.test(`request: ${line.trim()}`, PURE, () => {
    assertEquals(formatSequenceRequest(says), line);
    for (const size of [1, 1_000]) {
      const [read, more] = framed(ENCODER.encode(`${line}ACK`), size);
      assertEquals([parseSequenceRequest(read!), more], [says, undefined]);
    }
    assertEquals(parseSequenceRequest(`${line.slice(0, -1)}\r`), says);
  });
}

for (const [line, code] of REFUSED) {
  Deno.test(`no request: ${JSON.stringify(line)} is ${code}`, PURE, () => {
    assertEquals(parseSequenceRequest(line), code);
  });
}

for (const [line, says] of REPLIES) {
  Deno.test(`reply: ${line.trim()}`, PURE, () => {
    assertEquals(formatSequenceReply(says), line);
    for (const size of [1, 1_000]) {
      const [read, more] = framed(ENCODER.encode(`${line}NUMBER 1`), size);
      assertEquals([parseSequenceReply(read!), more], [says, undefined]);
    }
  });
}

Deno.test("what is no reply is refused", PURE, () => {
  for (const line of NO_REPLY) assertEquals(parseSequenceReply(line), undefined, line);
});

Deno.test("of what a server says in words, what is not printable is not passed on", PURE, () => {
  const reply = parseSequenceReply("REJECTED BUSY no \x1b[2J \xe9 room\x00");
  assertEquals(reply, { type: "rejected", code: "BUSY", text: "no ?[2J ? room?" });
});

Deno.test("no text whatever makes a decoder throw", PURE, () => {
  const words = fc.constantFrom("HELLO", "RESUME", "ACK", "NUMBER", "FIN", "1", "-1", UUID, S, "");
  const line = fc.oneof(fc.string(), fc.array(words).map((all) => all.join(" ")));
  fc.assert(fc.property(line, (text) => {
    parseSequenceRequest(text);
    parseSequenceReply(text);
  }));
});
