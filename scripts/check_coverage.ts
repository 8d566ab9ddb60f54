/**
 * Prints how much of each folder the last test run reached, and holds the pure folders to a floor.
 *
 * This file knows the floor. It does not know the tests.
 *
 * @module
 */
import { isPure } from "./check_purity.ts";
import { ROOT } from "./_tree.ts";

/** Lines of the pure files that tests must reach, in percent. */
const FLOOR = 95;

/** Lines found and lines reached. */
interface Lines {
  found: number;
  hit: number;
}

/** Adds up an LCOV report by folder, and over all pure files; paths are relative to the root. */
export function linesByFolder(lcov: string): { folders: Map<string, Lines>; pure: Lines } {
  const folders = new Map<string, Lines>();
  const pure: Lines = { found: 0, hit: 0 };
  let path = "";
  for (const line of lcov.split("\n")) {
    if (line.startsWith("SF:")) path = line.slice(3);
    const match = /^(LF|LH):(\d+)$/.exec(line);
    if (!match) continue;
    const folder = path.includes("/") ? path.slice(0, path.indexOf("/")) : path;
    const lines = folders.get(folder) ?? { found: 0, hit: 0 };
    folders.set(folder, lines);
    for (const sum of isPure(path) ? [lines, pure] : [lines]) {
      sum[match[1] === "LF" ? "found" : "hit"] += Number(match[2]);
    }
  }
  return { folders, pure };
}

function percent({ found, hit }: Lines): number {
  return found === 0 ? 0 : (100 * hit) / found;
}

async function main(): Promise<number> {
  const args = ["coverage", "--lcov", "--quiet", "--exclude=tests/|bench/|scripts/", ".coverage"];
  const command = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stderr: "inherit" });
  const { stdout, success } = await command.output();
  if (!success) return 1;
  const lcov = new TextDecoder().decode(stdout).replaceAll(
    `SF:${decodeURIComponent(ROOT.pathname)}`,
    "SF:",
  );
  const { folders, pure } = linesByFolder(lcov);
  for (const [folder, lines] of [...folders].sort()) {
    console.log(`${folder.padEnd(10)} ${percent(lines).toFixed(1)} % of lines`);
  }
  console.log(`pure files ${percent(pure).toFixed(1)} % of lines, at least ${FLOOR} % wanted`);
  return percent(pure) >= FLOOR ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
