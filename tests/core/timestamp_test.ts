import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { decodeTimestamp, encodeTimestamp } from "../../core/timestamp.ts";

const TABLE: [text: string, ms: number][] = [
  ["0", 0],
  ["1752356183", 1752356183000],
  ["1752356183.5769", 1752356183576.9],
  ["007.5", 7500],
  ["999999999999.999999999", 999999999999999.999],
  ["0.000000001", 0.000001],
  ["", -1],
  [".5", -1],
  ["5.", -1],
  ["5.5.5", -1],
  ["-5", -1],
  ["5e3", -1],
  ["5 ", -1],
  ["1000000000000", -1],
  ["0.0000000001", -1],
];

const decode = (text: string) => {
  // Bytes on both sides show that it keeps to its part.
  const bytes = new TextEncoder().encode(`9${text}9`);
  return decodeTimestamp(bytes, 1, bytes.length - 1);
};

Deno.test("a timestamp is digits with up to nine decimals", { permissions: "none" }, () => {
  for (const [text, ms] of TABLE) assertEquals(decode(text), ms, text);
});

Deno.test("what was written with decimals is read as it was", { permissions: "none" }, () => {
  fc.assert(fc.property(fc.nat(2 ** 41), fc.nat(9), (ms, decimals) => {
    const text = (ms / 1000).toFixed(decimals);
    assertAlmostEquals(decode(text), Number(text) * 1000, 0.001);
  }));
});

Deno.test("a time is written with its decimals, rounded", { permissions: "none" }, () => {
  const rows: [ms: number, decimals: number, text: string][] = [
    [0, 3, "0.000"],
    [1752356183576.9, 4, "1752356183.5769"],
    [1752356183576.9, 6, "1752356183.576900"],
    [1_000.04, 4, "1.0000"],
    [1_000.06, 4, "1.0001"],
    [1_999.9999, 4, "2.0000"],
    [999_999_999_998_999.9, 4, "999999999998.9999"],
  ];
  for (const [ms, decimals, text] of rows) assertEquals(encodeTimestamp(ms, decimals), text);
});

Deno.test("what was written is read and written the same, in any century", {
  permissions: "none",
}, () => {
  const ms = fc.double({ min: 0, max: 999_999_999_999_998, noNaN: true });
  fc.assert(
    fc.property(ms, fc.integer({ min: 3, max: 9 }), (ms, decimals) => {
      const text = encodeTimestamp(ms, decimals);
      assertEquals(encodeTimestamp(decode(text), decimals), text);
    }),
    { numRuns: 2_000 },
  );
});
