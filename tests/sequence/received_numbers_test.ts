// The numbers of a client, from the wire to its user.

import { assertEquals } from "@std/assert";
import { SequenceChecksum } from "../../sequence/checksum.ts";
import { ReceivedNumbers } from "../../sequence/received_numbers.ts";

const PURE = { permissions: "none" } as const;
const expecting = (length: number) => new ReceivedNumbers(length, new SequenceChecksum().save());

/** Takes all there is and comes back for more. */
function takeAll(from: ReceivedNumbers): number[] {
  const taken: number[] = [];
  for (let n; taken.length < 100 && (n = from.take()) !== undefined;) taken.push(n);
  return taken;
}

Deno.test("field note: equal values one after the other are as many numbers", PURE, () => {
  const numbers = expecting(4);
  for (const index of [0, 1, 2, 3]) assertEquals(numbers.receive(index, 7), true);
  assertEquals([takeAll(numbers), numbers.repeated], [[7, 7, 7, 7], 0]);
});

Deno.test("an index that came is a repeat, whatever its value", PURE, () => {
  const numbers = expecting(4);
  for (const value of [5, 5, 6]) assertEquals(numbers.receive(0, value), true);
  assertEquals([takeAll(numbers), numbers.repeated], [[5], 2]);
});

Deno.test("neither what skips an index nor what is past the end is taken", PURE, () => {
  const numbers = expecting(2);
  assertEquals(numbers.receive(1, 9), false);
  assertEquals([0, 1, 2].map((index) => numbers.receive(index, index)), [true, true, false]);
  assertEquals([takeAll(numbers), numbers.received], [[0, 1], 2]);
});

Deno.test("a number counts when its user comes back for the next one", PURE, () => {
  const numbers = expecting(2);
  numbers.receive(0, 3);
  numbers.receive(1, 0);
  const steps = [1, 2, 3].map(() => [numbers.take(), numbers.taken, numbers.complete]);
  assertEquals(steps, [[3, 0, false], [0, 1, false], [undefined, 2, true]]);
});
