/**
 * A row that cannot be measured takes no other with it.
 *
 * @module
 */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CannotMeasure, Children, measurable } from "../../bench/harness/children.ts";

Deno.test("what is measured is handed on", async () => {
  assertEquals(await measurable("a", { end: unexpected }, () => Promise.resolve(5)), 5);
});

Deno.test("a row that cannot be measured ends its processes, and nothing more", async () => {
  let ended = 0;
  const end = () => void ended++;
  const cannot = () => Promise.reject(new CannotMeasure("no room"));
  assertEquals(await measurable("a", { end }, cannot), undefined);
  assertEquals(ended, 1);
});

Deno.test("a fault of the benchmark itself is no matter of the machine", async () => {
  const faulty = () => Promise.reject(new TypeError("x is not a function"));
  await assertRejects(() => measurable("a", { end: unexpected }, faulty), TypeError);
});

Deno.test("a load that failed is told by its name and code, one that was stopped is not", async () => {
  const children = new Children();
  const program = [Deno.execPath(), "eval", "--quiet"];
  const failing = children.load(program, "Deno.exit(3)");
  for (;;) {
    try {
      failing.check();
    } catch (error) {
      assertEquals(/failed with code 3/.test((error as Error).message), true);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assertThrows(() => failing.check(), CannotMeasure, "ulimit -n");
  const stopped = children.load(program, "setTimeout(() => {}, 60_000)");
  await stopped.stop();
  stopped.check();
  await failing.stop();
});

function unexpected(): never {
  throw new Error("nothing was to be ended");
}
