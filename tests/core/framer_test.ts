import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Framer } from "../../core/framer.ts";

interface Case {
  name: string;
  mark?: string;
  text: string;
  messages: string[];
  waiting?: number;
  tooLong?: boolean;
}

const LIMIT = 8;

const CASES: Case[] = [
  { name: "nothing", text: "", messages: [] },
  { name: "one line", text: "PING\n", messages: ["PING"] },
  { name: "two lines", text: "PING\nPONG\n", messages: ["PING", "PONG"] },
  { name: "an empty line", text: "\n\nA\n", messages: ["", "", "A"] },
  { name: "a line without its end", text: "A\nPIN", messages: ["A"], waiting: 3 },
  { name: "a line as long as allowed", text: "12345678\nA\n", messages: ["12345678", "A"] },
  { name: "a line one byte too long", text: "A\n123456789\nB\n", messages: ["A"], tooLong: true },
  { name: "an endless line", text: "A\n" + "x".repeat(99), messages: ["A"], tooLong: true },
  { name: "a mark of two bytes", mark: ". ", text: "a. b. ", messages: ["a", "b"] },
  {
    name: "the first byte of the mark alone",
    mark: ". ",
    text: "1.5. .. ",
    messages: ["1.5", "."],
  },
  { name: "the last byte of the mark alone", mark: ". ", text: "a b. . ", messages: ["a b", ""] },
  { name: "half a mark at the end", mark: ". ", text: "a. b.", messages: ["a"], waiting: 2 },
  { name: "the longest before two bytes", mark: ". ", text: "12345678. ", messages: ["12345678"] },
  {
    name: "too long before two bytes",
    mark: ". ",
    text: "123456789. ",
    messages: [],
    tooLong: true,
  },
  { name: "bytes outside ASCII", text: "\xe9\xff\x00\n", messages: ["\xe9\xff\x00"] },
];

for (const { name, mark = "\n", text, messages, waiting = 0, tooLong = false } of CASES) {
  const expected = { messages, waiting, tooLong };
  Deno.test(`framer: ${name}, whole`, { permissions: "none" }, () => {
    assertEquals(frame(mark, [text]), expected);
  });
  Deno.test(`framer: ${name}, byte by byte`, { permissions: "none" }, () => {
    assertEquals(frame(mark, text.split("")), expected);
  });
  Deno.test(`framer: ${name}, with trailing bytes`, { permissions: "none" }, () => {
    const { messages } = frame(mark, [text, `Z${mark}`]);
    const last = tooLong ? [] : [text.slice(text.length - waiting) + "Z"];
    assertEquals(messages, [...expected.messages, ...last]);
  });
}

Deno.test("framer: any stream cut anywhere gives the messages of a simple split", {
  permissions: "none",
}, () => {
  // Few different bytes, so that marks and halves of them are common.
  const text = fc.string({ unit: fc.constantFrom("a", ".", " "), maxLength: 60 });
  const mark = fc.constantFrom(" ", ". ", "..", "a. ");
  const cuts = fc.array(fc.nat(60));
  fc.assert(
    fc.property(text, mark, cuts, (text, mark, cuts) => {
      const parts = text.split(mark);
      const rest = parts.pop()!;
      const long = parts.findIndex((part) => part.length > LIMIT);
      const tooLong = long >= 0 || rest.length >= LIMIT + mark.length;
      const expected = {
        messages: long >= 0 ? parts.slice(0, long) : parts,
        waiting: tooLong ? 0 : rest.length,
        tooLong,
      };
      assertEquals(frame(mark, cut(text, cuts)), expected);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("framer: a message inside one chunk is not copied", { permissions: "none" }, () => {
  const framer = new Framer("\n", { limit: LIMIT });
  const chunk = bytesOf("PING\nPONG\n");
  framer.push(chunk);
  assert(framer.next() && framer.bytes === chunk);
  assertEquals([framer.start, framer.end], [0, 4]);
  assert(framer.next() && framer.bytes === chunk);
  assertEquals([framer.start, framer.end], [5, 9]);
});

Deno.test("framer: a carried message survives the reuse of the chunk it began in", {
  permissions: "none",
}, () => {
  const framer = new Framer("\n", { limit: LIMIT });
  const buffer = bytesOf("PI");
  framer.push(buffer);
  assertEquals(framer.next(), false);
  buffer.set(bytesOf("NG"));
  framer.push(buffer);
  assertEquals(framer.next(), false);
  framer.push(bytesOf("\n"));
  assertEquals([framer.next(), framer.text()], [true, "PING"]);
});

Deno.test("framer: after a message that was too long nothing comes any more", {
  permissions: "none",
}, () => {
  const framer = new Framer("\n", { limit: LIMIT });
  framer.push(bytesOf("123456789\n"));
  assertEquals([framer.next(), framer.tooLong], [false, true]);
  framer.push(bytesOf("A\n"));
  assertEquals([framer.next(), framer.tooLong, framer.waiting], [false, true, 0]);
});

Deno.test("framer: a message of 60,000 bytes can be read as text", { permissions: "none" }, () => {
  const framer = new Framer("\n", { limit: 65_536 });
  const text = "x".repeat(60_000);
  framer.push(bytesOf(text + "\n"));
  assert(framer.next());
  assertEquals(framer.text() === text, true);
});

function frame(mark: string, chunks: string[]): Omit<Case, "name" | "text"> {
  const framer = new Framer(mark, { limit: LIMIT });
  const messages: string[] = [];
  for (const chunk of chunks) {
    framer.push(bytesOf(chunk));
    while (framer.next()) messages.push(framer.text());
  }
  return { messages, waiting: framer.waiting, tooLong: framer.tooLong };
}

function cut(text: string, at: number[]): string[] {
  const places = [0, ...at.filter((place) => place < text.length).sort((a, b) => a - b)];
  return places.map((place, i) => text.slice(place, places[i + 1]));
}

/** Latin-1, so that one character is one byte. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

Deno.test(
  "rest gives what waits, once, and the next message starts anew",
  { permissions: "none" },
  () => {
    const framer = new Framer("\n", { limit: 5 });
    const bytes = (text: string) => new TextEncoder().encode(text);
    assertEquals(framer.rest(), false);
    framer.push(bytes("one\ntw"));
    assertEquals([framer.next(), framer.text(), framer.next()], [true, "one", false]);
    assertEquals([framer.rest(), framer.text(), framer.rest()], [true, "tw", false]);
    framer.push(bytes("three\n"));
    assertEquals([framer.next(), framer.text(), framer.waiting], [true, "three", 0]);
    framer.push(bytes("sevenths"));
    assertEquals([framer.next(), framer.rest(), framer.tooLong], [false, false, true]);
  },
);
