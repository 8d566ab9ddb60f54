/**
 * Model tests in few words: a step is done to the real thing and to a small obvious model of it.
 *
 * @module
 */
import fc from "fast-check";

/** A step, and its words when a run fails. */
export type Step<Model extends object, Real> = fc.AsyncCommand<Model, Real>;

/** Makes a step that does something to both and compares; `may` says where it makes sense. */
export function step<Model extends object, Real>(
  words: string,
  run: (model: Model, real: Real) => void | Promise<void>,
  may: (model: Readonly<Model>) => boolean = () => true,
): Step<Model, Real> {
  return {
    check: may,
    run: async (model, real) => await run(model, real),
    toString: () => words,
  };
}

/** Runs many sequences of steps, each on a fresh model and a fresh real thing. */
export async function runSteps<Model extends object, Real>(
  steps: fc.Arbitrary<Step<Model, Real>>[],
  start: () => { model: Model; real: Real } | Promise<{ model: Model; real: Real }>,
  { runs = 300, length = 60, end }: {
    runs?: number;
    length?: number;
    /** What is checked, and given back, behind the last step. */
    end?: (model: Model, real: Real) => void | Promise<void>;
  } = {},
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.commands(steps, { maxCommands: length, size: "max" }), async (all) => {
      const { model, real } = await start();
      try {
        await fc.asyncModelRun(() => ({ model, real }), all);
      } finally {
        await end?.(model, real);
      }
    }),
    { numRuns: runs },
  );
}
