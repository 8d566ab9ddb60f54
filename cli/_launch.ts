/**
 * How a command of ours is called and started: on Deno from its source, on Node from the `bin` folder
 * of the npm package.
 *
 * This file knows the two runtimes. It does not know any command.
 *
 * @module
 */
import process from "node:process";
import { fileURLToPath } from "node:url";

const onDeno = process.versions.deno !== undefined;

/** What a user types before the name of a command. */
export const CALL: string = onDeno ? "deno task" : "heartline";

/**
 * The program, and the arguments before those of the command, that start the command in
 * `cli/<file>.ts`.
 *
 * @param access the permissions that Deno is to grant, as in `["--allow-net"]`
 */
export function launch(
  file: string,
  access: readonly string[],
): readonly [program: string, ...args: string[]] {
  const path = onDeno ? `./${file}.ts` : `../bin/${file}.js`;
  const start = onDeno ? ["run", "--quiet", ...access] : [];
  return [process.execPath, ...start, fileURLToPath(new URL(path, import.meta.url))];
}
