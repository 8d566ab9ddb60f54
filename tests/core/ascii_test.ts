// Decimal numbers as bytes, and messages that share a page.

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { AsciiWriter, decodeDecimal, latin1Text } from "../../core/ascii.ts";

const PURE = { permissions: "none" } as const;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

for (
  const [text, value] of [
    ["0", 0],
    ["7", 7],
    ["10", 10],
    ["65535", 65_535],
    ["4294967296", 2 ** 32],
    ["999999999999999", 999_999_999_999_999],
    ["1000000000000000", -1],
    ["", -1],
    ["00", -1],
    ["07", -1],
    ["-1", -1],
    ["+1", -1],
    ["1.5", -1],
    ["1e3", -1],
    [" 1", -1],
    ["1 ", -1],
    ["1:", -1],
    ["1/", -1],
  ] as const
) {
  Deno.test(`decimal ${JSON.stringify(text)} is ${value}`, PURE, () => {
    assertEquals(decodeDecimal(bytesOf(text), 0, text.length), value);
    assertEquals(decodeDecimal(bytesOf(`1${text}1`), 1, 1 + text.length), value);
  });
}

Deno.test("a number does not reach behind its bytes, nor begin behind its end", PURE, () => {
  assertEquals(decodeDecimal(bytesOf("12"), 0, 3), -1);
  assertEquals(decodeDecimal(bytesOf("12"), 2, 1), -1);
});

Deno.test("bytes outside ASCII become their Latin-1 characters", PURE, () => {
  assertEquals(latin1Text(Uint8Array.of(65, 0, 0x80, 0xff, 66), 1, 4), "\x00\x80\xff");
  assertEquals(latin1Text(new Uint8Array(2), 1, 1), "");
  const long = "0123456789".repeat(50_000);
  assertEquals(latin1Text(bytesOf(long), 1, long.length), long.slice(1));
});

Deno.test("every uint32 is written as its digits", PURE, () => {
  const edges = [0, 9, 10, 99, 100, 999_999_999, 1_000_000_000, 2 ** 31, 2 ** 32 - 1];
  const writer = new AsciiWriter();
  for (const value of edges) assertEquals(textOf(writer.decimal(value).take()), String(value));
  fc.assert(fc.property(fc.nat(2 ** 32 - 1), (value) => {
    assertEquals(textOf(writer.decimal(value).take()), String(value));
  }));
});

Deno.test("a text is written as it is, also across a page", PURE, () => {
  const writer = new AsciiWriter();
  for (let page = 0; page < 3; page++) writer.text("x".repeat(8_190)).take();
  assertEquals(textOf(writer.text("").text("ACK ").decimal(17).text(" ok").take()), "ACK 17 ok");
  const long = "0123456789".repeat(2_000);
  assertEquals(textOf(writer.text(long).take()), long);
});

Deno.test("messages keep what they say, whatever is written behind them", PURE, () => {
  const writer = new AsciiWriter();
  const word = bytesOf("a word ");
  const messages: Uint8Array[] = [], wanted: string[] = [];
  // As many as fill some pages.
  for (let i = 0; i < 5_000; i++) {
    messages.push(writer.bytes(word).decimal(i).take());
    wanted.push(`a word ${i}`);
  }
  assertEquals(messages.map(textOf), wanted);
});

Deno.test("a message may be longer than a page, and be nothing", PURE, () => {
  const writer = new AsciiWriter();
  writer.decimal(1).take();
  let wanted = "";
  for (let i = 0; i < 10_000; i++) {
    writer.decimal(i).bytes(bytesOf("\n"));
    wanted += `${i}\n`;
  }
  assertEquals(textOf(writer.take()), wanted);
  assertEquals(writer.take().length, 0);
  const long = "x".repeat(20_000);
  assertEquals(textOf(writer.bytes(bytesOf(long)).take()), long);
});
