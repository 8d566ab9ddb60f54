import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { numbersOf, philox4x32, type SequenceSeed } from "../../sequence/generator.ts";

const PURE = { permissions: "none" } as const;
type Counter = [number, number, number, number];

/** `tests/kat_vectors` of Random123, the lines of `philox4x32 10`. */
const VECTORS: readonly (readonly [counter: Counter, key: SequenceSeed, block: Counter])[] = [
  [[0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

for (const [counter, key, block] of VECTORS) {
  Deno.test(`philox of ${counter} under ${key} is the published block`, PURE, () => {
    assertEquals(philox4x32(counter, key), block);
  });
}

Deno.test("a number depends on seed and index alone, whatever was asked before", PURE, () => {
  const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(fc.property(fc.tuple(uint32, uint32), fc.array(fc.nat(65_534)), (seed, indices) => {
    const value = numbersOf(seed);
    for (const index of indices) {
      assertEquals(value(index), numbersOf(seed)(index));
      assert(Number.isInteger(value(index)) && value(index) >= 0 && value(index) < 2 ** 32);
    }
  }));
});

Deno.test("two seeds give two sequences", PURE, () => {
  const first = (seed: SequenceSeed) => Array.from({ length: 8 }, (_, i) => numbersOf(seed)(i));
  assertEquals(new Set([[0, 0], [1, 0], [0, 1]].map((s) => String(first(s as never)))).size, 3);
});
