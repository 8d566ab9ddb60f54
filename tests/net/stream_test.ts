import { assertEquals } from "@std/assert";
import { FIRST_READ, LARGEST_READ, nextReadSize } from "../../net/stream.ts";

const CASES: [size: number, count: number, next: number][] = [
  [256, 59, 256],
  [256, 1, 256],
  [256, 255, 256],
  [256, 256, 1_024],
  [1_024, 1_023, 1_024],
  [1_024, 1_024, 4_096],
  [1_024, 65, 1_024],
  [1_024, 64, 256],
  [16_384, 16_384, 65_536],
  [65_536, 65_536, 65_536],
  [65_536, 4_097, 65_536],
  [65_536, 4_096, 16_384],
];

for (const [size, count, next] of CASES) {
  Deno.test(`after ${count} bytes in a buffer of ${size} comes one of ${next}`, () => {
    assertEquals(nextReadSize(size, count), next);
  });
}

Deno.test("a buffer grows to the largest by fours, and shrinks back to the first", () => {
  let size = FIRST_READ;
  for (let read = 0; read < 4; read++) size = nextReadSize(size, size);
  assertEquals(size, LARGEST_READ);
  for (let read = 0; read < 4; read++) size = nextReadSize(size, 1);
  assertEquals(size, FIRST_READ);
});
