/**
 * The files of this repository as the checks read them, and the way a check reports.
 *
 * @module
 */

/** Sources by path; paths are relative to the root of the repository, with forward slashes. */
export type Files = ReadonlyMap<string, string>;

/** One broken rule. */
export interface Violation {
  /** The file, relative to the root of the repository. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  /** What is wrong and what would be right. */
  readonly message: string;
}

/** The root of the repository. */
export const ROOT = new URL("../", import.meta.url);

/** Reads every TypeScript file of the repository, also those not yet under version control. */
export async function readTree(): Promise<Files> {
  const files = new Map<string, string>();
  for await (const path of listTree()) {
    if (path.endsWith(".ts")) files.set(path, await Deno.readTextFile(new URL(path, ROOT)));
  }
  return files;
}

/** The path of every file of the repository but hidden and generated ones. */
export async function* listTree(folder = ""): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
    const path = folder + entry.name;
    if (entry.name.startsWith(".") || GENERATED.has(entry.name)) continue;
    if (entry.isDirectory) yield* listTree(`${path}/`);
    else yield path;
  }
}

/** Prints the violations, one a line, and ends the process: 0 if there are none, else 1. */
export function report(violations: readonly Violation[]): never {
  for (const { path, line, message } of violations) console.error(`${path}:${line} ${message}`);
  Deno.exit(violations.length === 0 ? 0 : 1);
}

const GENERATED: ReadonlySet<string> = new Set(["node_modules", "npm"]);
