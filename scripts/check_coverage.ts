/**
 * Checks that tests reach every line and every branch of the pure files, and most of the others.
 *
 * A line that no test can reach says why: `// deno-coverage-ignore -- reason` stands above it, or
 * `// deno-coverage-ignore-start -- reason` and `// deno-coverage-ignore-stop` around several.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { isPure } from "./check_purity.ts";
import { type FileCoverage, parseLcov } from "./_lcov.ts";
import { codeOf } from "./_source.ts";
import { type Files, readTree, report, ROOT, type Violation } from "./_tree.ts";

/** Lines and branches of impure files that tests must reach, in percent, in every folder of the root. */
const FLOOR = 90;

/** How many lines or branches there are, and how many of them were reached. */
interface Share {
  found: number;
  hit: number;
}

/** What was reached in one folder. */
export interface Reached {
  readonly lines: Share;
  readonly branches: Share;
}

/** A report by path. */
type Coverage = ReadonlyMap<string, FileCoverage>;

/** Every line of a pure file that tests leave out, and every exception without a reason. */
export function violations(coverage: Coverage, files: Files): Violation[] {
  return [...files].filter(([path]) => ships(path)).flatMap(([path, source]) => [
    ...(isPure(path) ? leftOut(path, source, coverage.get(path)) : []),
    ...exceptions(path, source),
  ]);
}

/** What was reached of the impure files, by folder of the root. */
export function impureFolders(coverage: Coverage): Map<string, Reached> {
  const folders = new Map<string, Reached>();
  for (const [path, { lines, branches }] of coverage) {
    if (!ships(path) || isPure(path)) continue;
    const folder = path.slice(0, path.indexOf("/") + 1) || "./";
    const reached = folders.get(folder) ?? nothing();
    folders.set(folder, reached);
    add(reached.lines, [...lines.values()]);
    add(reached.branches, branches.map(({ hits }) => hits));
  }
  return folders;
}

/** The folders that fall short of the floor, and what they reach. */
export function belowFloor(folders: ReadonlyMap<string, Reached>): string[] {
  return [...folders]
    .filter(([, { lines, branches }]) => percent(lines) < FLOOR || percent(branches) < FLOOR)
    .map(([folder, reached]) => `${sentence(folder, reached)}, wanted are ${FLOOR} %`);
}

function leftOut(path: string, source: string, coverage: FileCoverage | undefined): Violation[] {
  if (!coverage) {
    // A file of nothing but types is never loaded.
    if (!/^export (?:async |abstract )*(?:class|const|function)/m.test(codeOf(source))) return [];
    return [{ path, line: 1, message: "is pure, but no test loads it" }];
  }
  const texts = source.split("\n");
  const unreached = new Map<number, string>();
  for (const { line, hits } of coverage.branches) {
    if (hits === 0) unreached.set(line, "a branch that no test takes");
  }
  for (const [line, hits] of coverage.lines) {
    if (hits === 0) unreached.set(line, "a line that no test reaches");
  }
  return [...unreached].sort(([a], [b]) => a - b).map(([line, what]) => ({
    path,
    line,
    message: `${what}: ${texts[line - 1]!.trim()}`,
  }));
}

/** Deno reads a directive only with a space behind it, so a misspelt one shows as a line left out. */
function exceptions(path: string, source: string): Violation[] {
  return source.split("\n").flatMap((text, index) => {
    const match = DIRECTIVE.exec(text);
    if (!match || match[1] === "-stop" || (match[1] !== "-file" && match[2])) return [];
    const message = match[1] === "-file"
      ? "leaves out a whole file: name the lines instead"
      : "leaves out lines without a reason: write `-- reason` behind it";
    return [{ path, line: index + 1, message }];
  });
}

function ships(path: string): boolean {
  return !NOT_SHIPPED.test(path);
}

function nothing(): Reached {
  return { lines: { found: 0, hit: 0 }, branches: { found: 0, hit: 0 } };
}

function add(share: Share, hits: readonly number[]): void {
  share.found += hits.length;
  share.hit += hits.filter((count) => count > 0).length;
}

function percent({ found, hit }: Share): number {
  return found === 0 ? 100 : (100 * hit) / found;
}

function sentence(name: string, { lines, branches }: Reached): string {
  const [ofLines, ofBranches] = [lines, branches].map((share) => percent(share).toFixed(1));
  return `${name.padEnd(12)} ${ofLines} % of lines, ${ofBranches} % of branches`;
}

async function readCoverage(): Promise<Coverage> {
  const args = ["coverage", "--lcov", "--quiet", "--exclude=tests/|bench/|scripts/"];
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args, ...(Deno.args.length > 0 ? Deno.args : [".coverage"])],
    cwd: ROOT,
    stderr: "inherit",
  });
  const { stdout, success } = await command.output();
  if (!success) Deno.exit(1);
  return parseLcov(new TextDecoder().decode(stdout), fileURLToPath(ROOT));
}

const NOT_SHIPPED = /^(?:\/|\.examples\/|npm\/|bench\/|examples\/|scripts\/|tests\/|types\/)/;
const DIRECTIVE = /^\s*\/\/\s*deno-coverage-ignore(-start|-stop|-file)?\b(?:\s+--\s+(\S.*))?/;

if (import.meta.main) {
  const coverage = await readCoverage();
  const folders = impureFolders(coverage);
  for (const [folder, reached] of [...folders].sort()) console.log(sentence(folder, reached));
  const short = belowFloor(folders);
  for (const complaint of short) console.error(complaint);
  const found = violations(coverage, await readTree());
  if (short.length > 0 && found.length === 0) Deno.exit(1);
  report(found);
}
