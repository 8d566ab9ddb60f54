/**
 * Makes a plan that fails as short as it can be, so that a person can read what happened.
 *
 * This is the minimizing delta debugging of Zeller and Hildebrandt ("Simplifying and Isolating
 * Failure-Inducing Input", 2002), by complements alone.
 *
 * @module
 */
import { type Outcome, type Plan, play, type Scenario, type Wrap } from "./scenario.ts";

/** Returns a plan with less time, fewer clients and fewer faults that breaks the same invariant. */
export function shrink(scenario: Scenario, plan: Plan, failed: Outcome, wrap?: Wrap): Plan {
  const { invariant } = failed.violation!;
  let runs = 0, best = plan;
  /** Whether a plan fails in the same way; if so, it is the best so far. */
  const fails = (less: Partial<Plan>): boolean => {
    if (runs++ >= MOST_RUNS) return false;
    const tried = { ...best, ...less };
    const { violation } = play(scenario, tried, wrap ? { wrap } : {});
    if (violation?.invariant !== invariant) return false;
    const { at } = violation;
    best = { ...tried, faults: tried.faults.filter((fault) => fault.at <= at) };
    // What a scenario finds at its end it finds only there.
    if (at < plan.hours * HOUR) best = { ...best, until: at };
    return true;
  };
  fails({});
  for (const client of best.clients) {
    // Most of the time one client is enough.
    if (fails({ clients: [client], faults: concerning(best, [client]) })) break;
    if (runs >= MOST_RUNS / 3) break;
  }
  minimize(() => best.clients, (clients) => fails({ clients, faults: concerning(best, clients) }));
  minimize(() => best.faults, (faults) => fails({ faults }));
  return best;
}

function concerning({ faults }: Plan, clients: readonly number[]): Plan["faults"] {
  const whos = new Set(clients);
  return faults.filter(({ who }) => who <= 0 || whos.has(who));
}

/** Leaves out ever smaller parts of a list for as long as it `fails` without them. */
function minimize<Item>(
  items: () => readonly Item[],
  fails: (items: readonly Item[]) => boolean,
): void {
  for (
    let size = Math.ceil(items().length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let at = 0; at < items().length;) {
      const without = items().toSpliced(at, size);
      if (!fails(without)) at += size;
    }
  }
}

const HOUR = 3_600_000;
const MOST_RUNS = 200;
