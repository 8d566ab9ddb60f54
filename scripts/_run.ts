/**
 * Runs Deno itself as a child process.
 *
 * This file knows how to start it. It does not know what is run.
 *
 * @module
 */
import { ROOT } from "./_tree.ts";

/** Runs `deno` with these arguments at the root of the repository; true if it succeeded. */
export async function deno(...args: string[]): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdin: "null" });
  return (await command.spawn().status).success;
}
