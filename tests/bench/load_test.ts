import { assertEquals, assertThrows } from "@std/assert";
import { CannotMeasure, Children } from "../../bench/harness/children.ts";
import { LoadPrograms } from "../../bench/harness/load.ts";

Deno.test("without a C compiler, a load says what is missing", () => {
  const children = new Children();
  try {
    const loads = new LoadPrograms(children, "no-such-compiler");
    const error = assertThrows(() => loads.program("tcp_beats"), CannotMeasure);
    assertEquals(
      error.message,
      "Cannot measure: no-such-compiler, which compiles tcp_beats, is not installed",
    );
  } finally {
    children.clear();
  }
});
