/**
 * A known defect as a patch: what it re-introduces and which tests must notice.
 *
 * ```text
 * Row: the words of its row in tests/mutants/README.md
 * Tests: tests/udp/server_machine_test.ts tests/udp/burst_test.ts
 *
 * diff --git ...
 * ```
 *
 * @module
 */

/** One patch, read. */
export interface Mutant {
  /** The patch file without its folder and ending. */
  readonly name: string;
  /** The known defect, in a few words. */
  readonly row: string;
  /** The test files that must fail, relative to the root of the repository. */
  readonly tests: readonly string[];
}

/**
 * Reads the head of a patch.
 *
 * @throws an `Error` that says what is missing
 */
export function readMutant(name: string, patch: string): Mutant {
  const field = (key: string): string => {
    const found = new RegExp(`^${key}: (.+)$`, "m").exec(patch)?.[1];
    if (found === undefined) {
      throw new Error(`Cannot read ${name}.patch: wanted a line "${key}: ..."`);
    }
    return found;
  };
  return { name, row: field("Row"), tests: field("Tests").split(" ") };
}

/** What a mutant came to. */
export type Fate =
  /** A test failed: the defect would be noticed. */
  | "killed"
  /** Every test passed: a test is missing. */
  | "survived"
  /** The patch does not apply, or the code does not load: the patch must be written anew. */
  | "stale"
  /** The tests did not end in time: a defect must show as a failure. */
  | "hung";

/** Tells what a test run that printed `output` says about a mutant. */
export function fateOf(exitCode: number | undefined, output: string): Fate {
  if (exitCode === undefined) return "hung";
  if (exitCode === 0) return "survived";
  // A file that does not load counts as failed, too.
  const loads = !/SyntaxError|Module not found|\(uncaught error\)/.test(output);
  return loads && /^FAILED \| .*\b[1-9]\d* failed/m.test(output) ? "killed" : "stale";
}
