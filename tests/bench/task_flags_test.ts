import { assertEquals } from "@std/assert";
import { v8FlagsOf } from "../../bench/harness/children.ts";

Deno.test("a task's options of V8 are those of its command", () => {
  assertEquals(v8FlagsOf("seq-server"), ["--max-semi-space-size=4", "--max-old-space-size=1500"]);
  assertEquals(v8FlagsOf("plan"), []);
});
