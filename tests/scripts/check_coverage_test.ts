import { assertEquals } from "@std/assert";
import { linesByFolder } from "../../scripts/check_coverage.ts";

const LCOV = `SF:core/framer.ts
LF:10
LH:9
end_of_record
SF:core/clock.ts
LF:10
LH:1
end_of_record
SF:cli/demo.ts
LF:4
LH:2
end_of_record
`;

Deno.test({
  name: "lines are added up by folder, and impure files do not count as pure",
  permissions: "none",
  fn() {
    const { folders, pure } = linesByFolder(LCOV);
    assertEquals([...folders], [
      ["core", { found: 20, hit: 10 }],
      ["cli", { found: 4, hit: 2 }],
    ]);
    assertEquals(pure, { found: 10, hit: 9 });
  },
});
