import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  BURST_SIZE,
  decodeHeartbeat,
  encodeHeartbeat,
  type Heartbeat,
  MAX_HEARTBEAT_BYTES,
} from "../../udp/message.ts";

const bytesOf = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

const VALID: [what: string, text: string, heartbeat: Heartbeat][] = [
  ["a whole second", "heartbeat 1 1752356183", { sequence: 1, sentAt: 1752356183000 }],
  ["decimals", "heartbeat 3 1752356183.25", { sequence: 3, sentAt: 1752356183250 }],
  ["a line feed at the end", "heartbeat 10 1752356183.5\n", {
    sequence: 10,
    sentAt: 1752356183500,
  }],
  ["a line feed after a whole second", "heartbeat 2 7\n", { sequence: 2, sentAt: 7000 }],
  ["the year 1970", "heartbeat 1 0", { sequence: 1, sentAt: 0 }],
  ["leading zeros in the time", "heartbeat 1 007.5", { sequence: 1, sentAt: 7500 }],
  ["12 digits of seconds", "heartbeat 9 999999999999", { sequence: 9, sentAt: 999999999999000 }],
  ["Python's str(time.time())", "heartbeat 7 1752356183.576942", {
    sequence: 7,
    sentAt: 1752356183576.942,
  }],
  ["nine decimals", "heartbeat 5 0.500000000", { sequence: 5, sentAt: 500 }],
];

const MALFORMED: [what: string, text: string][] = [
  ["nothing", ""],
  ["one byte", "h"],
  ["a line feed alone", "\n"],
  ["another word", "heartbeet 1 1752356183"],
  ["capitals", "Heartbeat 1 1752356183"],
  ["a byte in front", " heartbeat 1 1752356183"],
  ["a tab for a space", "heartbeat\t1 1752356183"],
  ["two spaces before the sequence", "heartbeat  1 1752356183"],
  ["two spaces before the time", "heartbeat 1  1752356183"],
  ["a leading zero in the sequence", "heartbeat 01 1752356183"],
  ["a sequence of two zeros", "heartbeat 00 1752356183"],
  ["a negative sequence", "heartbeat -1 1752356183"],
  ["a sequence with a sign", "heartbeat +1 1752356183"],
  ["a sequence with decimals", "heartbeat 1.0 1752356183"],
  ["no sequence", "heartbeat 1752356183.5"],
  ["no time", "heartbeat 1"],
  ["no time after the space", "heartbeat 1 "],
  ["no time before the line feed", "heartbeat 1 \n"],
  ["a negative time", "heartbeat 1 -1752356183"],
  ["a time with an exponent", "heartbeat 1 1.7e9"],
  ["a time that is not a number", "heartbeat 1 NaN"],
  ["no digit before the point", "heartbeat 1 .5"],
  ["no digit after the point", "heartbeat 1 1752356183."],
  ["two points", "heartbeat 1 1752356183.5.5"],
  ["ten decimals", "heartbeat 1 0.5000000000"],
  ["13 digits of seconds", "heartbeat 1 1000000000000"],
  ["a field after the time", "heartbeat 1 1752356183 signed"],
  ["a space at the end", "heartbeat 1 1752356183 "],
  ["CR and LF", "heartbeat 1 1752356183\r\n"],
  ["two line feeds", "heartbeat 1 1752356183\n\n"],
  ["a NUL at the end", "heartbeat 1 1752356183\0"],
  ["a NUL inside", "heartbeat 1 17523\x0056183"],
  ["a byte outside ASCII", "heartbeat 1 175235618\xb3"],
  ["65 bytes", `heartbeat 1 1.${"0".repeat(51)}`],
];

const OUT_OF_RANGE = ["0", "11", "99", "999999999999999999"];

for (const [what, text, heartbeat] of VALID) {
  Deno.test(`decode accepts ${what}`, { permissions: "none" }, () => {
    assertEquals(decodeHeartbeat(bytesOf(text)), heartbeat);
  });
}

for (const [what, text] of MALFORMED) {
  Deno.test(`decode calls ${what} malformed`, { permissions: "none" }, () => {
    assertEquals(decodeHeartbeat(bytesOf(text)), "malformed");
  });
}

for (const sequence of OUT_OF_RANGE) {
  Deno.test(`decode calls sequence ${sequence} out of range`, { permissions: "none" }, () => {
    const text = `heartbeat ${sequence} 1752356183`;
    assertEquals(decodeHeartbeat(bytesOf(text)), "sequence-out-of-range");
  });
}

Deno.test("a datagram of 64 bytes is read to its end, a longer one not at all", {
  permissions: "none",
}, () => {
  const tooLarge = "9".repeat(MAX_HEARTBEAT_BYTES - "heartbeat  1".length);
  assertEquals(decodeHeartbeat(bytesOf(`heartbeat ${tooLarge} 1`)), "sequence-out-of-range");
  assertEquals(decodeHeartbeat(bytesOf(`heartbeat ${tooLarge}9 1`)), "malformed");
});

Deno.test("every prefix of a datagram is malformed until its time has a digit", {
  permissions: "none",
}, () => {
  const text = "heartbeat 10 1752356183.25\n";
  for (let length = 0; length <= text.length; length++) {
    const prefix = text.slice(0, length);
    const valid = /^heartbeat 10 \d+(\.\d{1,9})?\n?$/.test(prefix);
    assertEquals(typeof decodeHeartbeat(bytesOf(prefix)), valid ? "object" : "string", prefix);
  }
});

Deno.test("decode reads only its own part of a larger buffer", { permissions: "none" }, () => {
  const buffer = bytesOf("9heartbeat 1 1752356183999");
  assertEquals(decodeHeartbeat(buffer.subarray(1, -3)), { sequence: 1, sentAt: 1752356183000 });
});

Deno.test("what encode writes, decode reads within a microsecond", { permissions: "none" }, () => {
  const sequences = fc.integer({ min: 1, max: BURST_SIZE });
  const times = fc.double({ min: 0, max: Date.UTC(2200, 0), noNaN: true });
  fc.assert(fc.property(sequences, times, (sequence, sentAt) => {
    const bytes = encodeHeartbeat({ sequence, sentAt });
    const heartbeat = decodeHeartbeat(bytes);
    assert(typeof heartbeat === "object" && bytes.length <= MAX_HEARTBEAT_BYTES);
    assertEquals(heartbeat.sequence, sequence);
    assertAlmostEquals(heartbeat.sentAt, sentAt, 0.001);
  }));
});

Deno.test("decode takes any bytes without throwing", { permissions: "none" }, () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
    assertEquals(typeof decodeHeartbeat(bytes), "string");
  }));
});

Deno.test("decode accepts exactly what its grammar says", { permissions: "none" }, () => {
  const grammar = /^heartbeat (10|[1-9]) \d{1,12}(\.\d{1,9})?\n?$/;
  const parts = fc.constantFrom("heartbeat", " ", "1", "10", "0", "11", ".", "\n", "1752356183");
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 7 }), (rest) => {
      const text = `heartbeat ${rest.join("")}`;
      const valid = grammar.test(text) && text.length <= MAX_HEARTBEAT_BYTES;
      assertEquals(typeof decodeHeartbeat(bytesOf(text)), valid ? "object" : "string", text);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("decode reads its range and nothing beside it", { permissions: "none" }, () => {
  const text = "heartbeat 3 1752356183.25\n";
  const between = bytesOf(`9${text}9`);
  for (let length = 0; length <= text.length; length++) {
    const alone = decodeHeartbeat(bytesOf(text.slice(0, length)));
    assertEquals(decodeHeartbeat(between, 1, 1 + length), alone, `${length} bytes`);
  }
});
