import { assertEquals, assertStringIncludes } from "@std/assert";
import { command } from "../support/process.ts";

for (
  const [args, code, said] of [
    [["--loss", "5%", "--timeout", "10s"], 0, "timeout 10 s: 0.0000586 false alarms"],
    [["--loss", "5%", "--timeout", "5s"], 1, "nothing is sent for so long"],
    [["--loss", "20%", "--clients", "1000"], 0, "The shortest with at most 1 a year"],
    [["--loss", "0.999", "--loss-burst", "1000000", "--most", "0"], 1, "send more often"],
    [["--loss", "200%"], 2, "wanted a share such as 5% or 0.05"],
  ] as const
) {
  Deno.test(`plan ${args.join(" ")} says so and exits ${code}`, async () => {
    await using plan = command("plan", ...args);
    assertEquals(await plan.exitCode(), code);
    assertStringIncludes([...plan.out, ...plan.err].join("\n"), said);
  });
}
