/**
 * Targets made of a server or a client machine that lives through all inputs of a run.
 *
 * @module
 */
import type { Run, Target } from "./target.ts";

/** A machine that is fed with the samples of another target, damaged. */
export function machineTarget(
  { tokens, sample }: Target,
  name: string,
  start: () => Run,
): Target {
  return {
    name,
    tokens,
    sample,
    start,
    cost: {
      lengths: [2_048],
      work: (input) => start().take(input, (below) => below >> 1),
    },
  };
}

/** The types of what came out, as a class of outcomes. */
export function typesOf(types: Iterable<string>): string {
  return [...new Set(types)].sort().join(" ") || "nothing";
}
