import { assertEquals, assertStrictEquals } from "@std/assert";
import { Framer } from "../../core/framer.ts";
import { type Framed, SharedFramer } from "../../core/shared_framer.ts";

const encoder = new TextEncoder();

/** The messages that a chunk completes on a connection. */
function read(framers: SharedFramer, connection: Framed, chunk: string): string[] {
  const framer = framers.of(connection), messages: string[] = [];
  framer.push(encoder.encode(chunk));
  while (framer.next()) messages.push(framer.text());
  framers.taken(connection);
  return messages;
}

function make(): SharedFramer {
  return new SharedFramer(() => new Framer("\n", { limit: 10 }));
}

Deno.test("connections whose messages come whole share one framer", () => {
  const framers = make(),
    one: Framed = { framer: undefined },
    other: Framed = { framer: undefined };
  assertEquals(read(framers, one, "a\nb\n"), ["a", "b"]);
  assertEquals(read(framers, other, "c\n"), ["c"]);
  assertEquals([one.framer, other.framer], [undefined, undefined]);
  assertStrictEquals(framers.of(one), framers.of(other));
});

Deno.test("what came of a message belongs to its connection", () => {
  const framers = make(),
    one: Framed = { framer: undefined },
    other: Framed = { framer: undefined };
  assertEquals(read(framers, one, "a\nbe"), ["a"]);
  assertEquals(read(framers, other, "c\n"), ["c"]);
  assertEquals(read(framers, one, "e\nd\n"), ["bee", "d"]);
  const { framer } = one;
  assertEquals(read(framers, one, "e\n"), ["e"]);
  assertStrictEquals(one.framer, framer);
});

Deno.test("a message that is too long ends its own connection alone", () => {
  const framers = make(),
    one: Framed = { framer: undefined },
    other: Framed = { framer: undefined };
  assertEquals(read(framers, one, "abcdefghijklmno\n"), []);
  assertEquals(one.framer?.tooLong, true);
  assertEquals(read(framers, other, "c\n"), ["c"]);
});

Deno.test("what was left of a chunk that nobody took is nobody's", () => {
  const framers = make(), one: Framed = { framer: undefined };
  const framer = framers.of(one);
  framer.push(encoder.encode("wrong\nrest\n"));
  framer.next(); // and its connection is closed
  assertEquals(read(framers, { framer: undefined }, "c\n"), ["c"]);
});
