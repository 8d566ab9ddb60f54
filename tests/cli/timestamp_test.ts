import { assertEquals } from "@std/assert";
import { formatTimestamp } from "../../cli/lines/timestamp.ts";

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

const CASES: [parts: [number, number, number, number, number, number], ms: number, said: string][] =
  [
    [[2023, 0, 16, 6, 6, 6], 123.456, "2023-01-16 06:06:06.123456"],
    [[2023, 11, 31, 23, 59, 59], 0, "2023-12-31 23:59:59.000000"],
    [[2023, 11, 31, 23, 59, 59], 0.001, "2023-12-31 23:59:59.000001"],
    [[2023, 11, 31, 23, 59, 59], 999.9996, "2024-01-01 00:00:00.000000"],
  ];

pure("local time with six decimals, rounded as a whole", () => {
  for (const [parts, ms, said] of CASES) {
    assertEquals(formatTimestamp(new Date(...parts).getTime() + ms), said);
  }
});
