/**
 * One round of every rig; `deno task soak` goes on for as long as asked.
 *
 * @module
 */
import { seededRandom } from "../support/random.ts";
import { RIGS } from "./rigs.ts";

for (const { name, summary, missing, start } of RIGS) {
  // The kernel is asked what a process holds, by names that only Linux has.
  const why = Deno.build.os === "linux" ? await missing?.() : "Linux only";
  const skipped = why === undefined ? "" : ` (skipped: ${why})`;
  Deno.test(`soak ${name}: ${summary}${skipped}`, { ignore: why !== undefined }, async () => {
    await using strain = await start(seededRandom(1));
    await strain.round();
  });
}
