import { assertEquals, assertRejects } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { answerTo } from "../../sequence/store_call.ts";
import { MemoryStore } from "../../store/memory.ts";

const LOAD = { type: "load", id: "0".repeat(32) } as const;

/** A store that cannot load anything. */
function failing(error: Error): MemoryStore {
  return Object.assign(new MemoryStore(), { load: () => Promise.reject(error) });
}

Deno.test("a store that fails with a typed error has answered", {
  permissions: "none",
}, async () => {
  const gone = new HeartlineError("io", "Cannot use the store: gone");
  assertEquals(await answerTo(LOAD, failing(gone)), { type: "failed", message: gone.message });
});

Deno.test("a bug of a store is no answer", { permissions: "none" }, async () => {
  await assertRejects(() => answerTo(LOAD, failing(new TypeError("a bug"))), TypeError, "a bug");
});
