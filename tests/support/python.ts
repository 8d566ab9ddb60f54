/**
 * Tests that need a Python: it plays the seeds' programs over plain sockets, and holds terminals.
 *
 * @module
 */
import { spawnSync } from "node:child_process";

/** Whether this machine has Python; tests that need it are skipped where it has none. */
export const hasPython: boolean = spawnSync("python3", ["--version"]).status === 0;

/** A test that is skipped, and says why, where there is no Python. */
export function pythonTest(
  name: string,
  run: (t: Deno.TestContext) => void | Promise<void>,
): void {
  Deno.test({
    name: hasPython ? name : `${name} (skipped: python3 is not installed)`,
    ignore: !hasPython,
    fn: run,
  });
}
