/**
 * Runs Deno itself, and other programs, as child processes.
 *
 * @module
 */
import { ROOT } from "./_tree.ts";

/** Runs `deno` with these arguments at the root of the repository; true if it succeeded. */
export async function deno(...args: string[]): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdin: "null" });
  return (await command.spawn().status).success;
}

/**
 * Runs a program in a folder without a word and returns what it wrote to standard output.
 *
 * @throws {Error} with all it said, if it failed
 */
export async function quietly(
  cwd: string,
  program: string,
  ...args: readonly string[]
): Promise<string> {
  const command = new Deno.Command(program, { args: [...args], cwd, stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  const [said, complaints] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(`Failed: ${program} ${args.join(" ")}\n${said}${complaints}`);
  return said!;
}
