import { assertEquals } from "@std/assert";
import { barFor, checkRow, type Fall, fallText, ratiosOf } from "../../bench/harness/check.ts";
import type { Result } from "../../bench/harness/row.ts";

/** A measurement of one line for each of these ratios. */
function resultsOf(ratios: Readonly<Record<string, number>>): Result[] {
  return Object.entries(ratios).map(([work, median]) => ({
    work,
    ours: "-",
    floor: "-",
    checked: { median, min: median / 2, max: median * 2 },
    target: "-",
    met: true,
    notes: [],
  }));
}

const ONE = barFor("this", { this: { row: { work: 1 } } });

/** Checks a row of one line, committed as 1, that is measured so, one after the other. */
async function check(...measured: number[]) {
  let times = 0;
  const suspected: Fall[] = [];
  const measure = () => Promise.resolve(resultsOf({ work: measured[times++]! }));
  const falls = await checkRow("row", ONE, measure, (falls) => suspected.push(...falls));
  return { falls, suspected, times };
}

function fall(measured: number | undefined): Fall {
  return { row: "row", work: "work", committed: 1, measured };
}

Deno.test({
  name: "a ratio is compared by its median, and only where a line says that it may be",
  permissions: "none",
  fn() {
    const [compared] = resultsOf({ work: 0.98765 });
    const other: Result = {
      ...{ work: "other", ours: "-", floor: "-", target: "-", met: true, notes: [] },
      ratio: { median: 1, min: 1, max: 1 },
    };
    assertEquals(ratiosOf([compared!, other]), { work: 0.988 });
  },
});

Deno.test({
  name: "a fall of up to 15 % is none, and the row is measured once",
  permissions: "none",
  async fn() {
    for (const measured of [0.85, 1, 3]) {
      assertEquals(await check(measured), { falls: [], suspected: [], times: 1 });
    }
  },
});

Deno.test({
  name: "a row that seems to have fallen is measured three times, and the middle one counts",
  permissions: "none",
  async fn() {
    const suspected = [fall(0.84)];
    assertEquals(await check(0.84, 0.9, 0.8), { falls: [fall(0.84)], suspected, times: 3 });
    assertEquals(await check(0.84, 0.8, 0.7), { falls: [fall(0.8)], suspected, times: 3 });
    assertEquals(await check(0.84, 0.9, 0.86), { falls: [], suspected, times: 3 });
  },
});

Deno.test({
  name: "each line of a row is compared with its own ratio",
  permissions: "none",
  async fn() {
    const bar = barFor("this", { this: { row: { good: 0.5, bad: 2 } } });
    const measure = () => Promise.resolve(resultsOf({ good: 0.5, bad: 0.5, new: 0.1 }));
    const falls = await checkRow("row", bar, measure, () => {});
    assertEquals(falls, [{ row: "row", work: "bad", committed: 2, measured: 0.5 }]);
  },
});

Deno.test({
  name: "a line that is no longer measured has fallen",
  permissions: "none",
  async fn() {
    const measure = () => Promise.resolve(resultsOf({ other: 1 }));
    assertEquals(await checkRow("row", ONE, measure, () => {}), [fall(undefined)]);
  },
});

Deno.test({
  name: "a processor is held to its own ratios, another one to half of the lowest of all",
  permissions: "none",
  async fn() {
    const committed = {
      fast: { row: { work: 0.8, other: 0.2 } },
      slow: { row: { work: 0.4 }, more: { work: 0.3 } },
    };
    assertEquals(barFor("fast", committed), { ratios: committed.fast, tolerance: 0.15 });
    const bar = barFor("new", committed);
    assertEquals(bar.ratios, { row: { work: 0.4, other: 0.2 }, more: { work: 0.3 } });
    const falls = async (work: number) =>
      await checkRow("row", bar, () => Promise.resolve(resultsOf({ work, other: 0.2 })), () => {});
    assertEquals(await falls(0.2), []);
    assertEquals((await falls(0.19)).length, 1);
  },
});

Deno.test({
  name: "a fall is told in one line, with the row and both ratios",
  permissions: "none",
  fn() {
    assertEquals(fallText(fall(0.801)), "row, work: committed 1, measured 0.801, 20 % less");
    assertEquals(fallText(fall(undefined)), "row, work: committed 1, no longer measured");
  },
});
