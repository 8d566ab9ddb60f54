import { assertEquals, assertThrows } from "@std/assert";
import { npmExamples } from "../../scripts/_npm_examples.ts";

const PURE = { permissions: "none" } as const;

Deno.test("an example takes its assertions from Node", PURE, () => {
  assertEquals(
    npmExamples(` * import { assert, assertEquals } from "@std/assert";\n * assert(true);\n`),
    ` * import { ok as assert, deepEqual as assertEquals } from "node:assert/strict";\n` +
      " * assert(true);\n",
  );
});

Deno.test("code and other imports stay as they are", PURE, () => {
  const code = `import { assert } from "@std/assert";\n * import { serve } from "pulse";\n`;
  assertEquals(npmExamples(code), code);
});

Deno.test("an assertion that Node lacks is refused", PURE, () => {
  const code = ` * import { assertAlmostEquals } from "@std/assert";`;
  assertThrows(() => npmExamples(code), Error, "found assertAlmostEquals");
});
