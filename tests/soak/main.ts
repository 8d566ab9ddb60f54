/**
 * `deno task soak [--minutes N | --short] [--rig NAME] [--seed N]`: strains real processes for as long as
 * asked; `--short` is one round of each.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { seededRandom } from "../support/random.ts";
import { RIGS } from "./rigs.ts";

const given = parseArgs(Deno.args, {
  string: ["minutes", "rig", "seed"],
  boolean: ["short"],
});
/** Of all rigs together; a round is begun while there is time. */
const minutes = given.short ? Number.MIN_VALUE : Number(given.minutes ?? 10);
const seed = Number(given.seed ?? Math.floor(Math.random() * 2 ** 32));
const chosen = RIGS.filter(({ name }) => given.rig === undefined || name === given.rig);
if (chosen.length === 0 || !(minutes > 0) || !Number.isInteger(seed)) {
  const names = RIGS.map(({ name }) => name).join("|");
  console.error(`Cannot soak: wanted --minutes N or --short, --seed N and --rig ${names}`);
  Deno.exit(2);
}

console.log(
  `seed ${seed}, ${given.short ? "one round" : `${minutes} minutes`}, ${chosen.length} rigs`,
);
let failed = 0;
for (const { name, summary, missing, start } of chosen) {
  const why = await missing?.();
  if (why !== undefined) {
    console.log(`${name}: skipped, ${why}`);
    continue;
  }
  console.log(`${name}: ${summary}`);
  const end = performance.now() + minutes * 60_000 / chosen.length;
  try {
    await using strain = await start(seededRandom(seed));
    do console.log(`  ${await strain.round()}`); while (performance.now() < end);
  } catch (error) {
    failed++;
    console.error(`${name}: FAILED with seed ${seed}: ${(error as Error).stack}`);
  }
}
console.log(`soak: ${chosen.length - failed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);
