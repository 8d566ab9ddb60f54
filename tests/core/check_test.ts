import { assertEquals, assertThrows } from "@std/assert";
import { checkDuration, checkNumber, type Range } from "../../core/check.ts";
import { HeartlineError } from "../../core/errors.ts";

const ALLOWED: [value: number, range: Range][] = [
  [0, {}],
  [Infinity, {}],
  [1.5, { min: 1, max: 2 }],
  [1, { min: 1, max: 2 }],
  [2, { min: 1, max: 2 }],
  [-3, { min: -3, integer: true }],
];

for (const [value, range] of ALLOWED) {
  Deno.test(`${value} lies in ${JSON.stringify(range)}`, { permissions: "none" }, () => {
    assertEquals(checkNumber("size", value, range), value);
  });
}

const REFUSED: [value: number, range: Range, wanted: string][] = [
  [-1, {}, "a number of at least 0"],
  [NaN, {}, "a number of at least 0"],
  [2.01, { min: 1, max: 2 }, "a number in 1..2"],
  [1.5, { integer: true }, "a whole number of at least 0"],
  [Infinity, { integer: true }, "a whole number of at least 0"],
  [65_536, { max: 65_535, integer: true }, "a whole number in 0..65535"],
];

for (const [value, range, wanted] of REFUSED) {
  Deno.test(`${value} is refused where ${wanted} is wanted`, { permissions: "none" }, () => {
    const error = assertThrows(() => checkNumber("size", value, range), HeartlineError);
    assertEquals(error.code, "invalid-option");
    assertEquals(error.message, `Cannot use size: wanted ${wanted}, current value is ${value}`);
  });
}

Deno.test("what is no number at all is refused and shown", { permissions: "none" }, () => {
  const rows = [["1", "1"], [null, "null"], [{ toString: 1 }, "an object"], [
    Symbol("s"),
    "Symbol(s)",
  ]];
  for (const [value, shown] of rows) {
    for (const check of [checkNumber, checkDuration]) {
      const error = assertThrows(() => check("size", value as never), HeartlineError);
      assertEquals(error.message.split("current value is ")[1], shown as string);
    }
  }
});

for (const ms of [Number.MIN_VALUE, 1, 2 ** 31, Infinity]) {
  Deno.test(`${ms} ms is a length of time`, { permissions: "none" }, () => {
    assertEquals(checkDuration("timeout", ms), ms);
  });
}

for (const ms of [0, -1, -Infinity, NaN]) {
  Deno.test(`${ms} ms is no length of time`, { permissions: "none" }, () => {
    const error = assertThrows(() => checkDuration("timeout", ms), HeartlineError);
    assertEquals(
      error.message,
      `Cannot use timeout: wanted a number of milliseconds above 0, current value is ${ms}`,
    );
  });
}
