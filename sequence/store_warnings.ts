/**
 * What is wrong with a store, told when it begins to be.
 *
 * @module
 */
import type { Step } from "./step.ts";
import type { StoreWarning } from "./store.ts";

/** What was wrong when the store was last looked at. */
export class StoreWarnings {
  #known: ReadonlySet<StoreWarning["code"]> = new Set();

  /** Takes all that is wrong now, and says what was not before. */
  take(warnings: readonly StoreWarning[], step: Step): void {
    for (const { code, message } of warnings) {
      if (!this.#known.has(code)) step.outputs.push({ type: "store-warning", code, message });
    }
    this.#known = new Set(warnings.map(({ code }) => code));
  }
}
