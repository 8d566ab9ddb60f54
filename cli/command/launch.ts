/**
 * How a command of ours is called and started: on Deno from its source, which may be a file or lie on
 * JSR, on Node from the `bin` folder of the npm package.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const onDeno = process.versions.deno !== undefined;

/**
 * What a user types before the name of a command: a file of `cli/` was started by a task, all else goes
 * by the command that holds the others.
 */
export const CALL: string = isTask(process.argv[1] ?? "") ? "deno task" : "heartline";

function isTask(main: string): boolean {
  return dirname(main) === dirname(import.meta.dirname ?? "") && basename(main) !== "mod.ts";
}

/**
 * The program, and the arguments before those of the command, that start the command in
 * `cli/<file>.ts`.
 *
 * @param access the permissions that Deno is to grant, as in `["--allow-net"]`
 * @param here the URL of this module
 */
export function launch(
  file: string,
  access: readonly string[],
  here: string = import.meta.url,
): readonly [program: string, ...args: string[]] {
  const path = onDeno ? `../${file}.ts` : `../../bin/${file}.js`;
  const start = onDeno ? ["run", "--quiet", ...access] : [];
  const module = new URL(path, here);
  const argument = module.protocol === "file:" ? fileURLToPath(module) : module.href;
  return [process.execPath, ...start, argument];
}
