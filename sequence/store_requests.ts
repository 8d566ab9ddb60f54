/**
 * What the store was asked and has not answered.
 *
 * @module
 */
import type { Reports } from "./reports.ts";
import type { StoreAnswer, StoreCall } from "./inputs.ts";
import type { Step } from "./step.ts";

/** What to do with an answer. */
export type Answered = (answer: StoreAnswer, step: Step) => void;

/** Questions by their number. */
export class StoreRequests {
  readonly #reports: Reports;
  readonly #waiting = new Map<number, Answered>();
  #asked = 0;

  /** Nothing was asked; a store that fails is told to `reports`. */
  constructor(reports: Reports) {
    this.#reports = reports;
  }

  /** Asks the store. */
  ask(call: StoreCall, answered: Answered, step: Step): void {
    const request = ++this.#asked;
    this.#waiting.set(request, answered);
    step.outputs.push({ type: "store", request, call });
  }

  /** Takes the answer to a question. */
  answer(request: number, answer: StoreAnswer, step: Step): void {
    const answered = this.#waiting.get(request);
    this.#waiting.delete(request);
    if (answer.type === "failed") {
      this.#reports.count({ type: "store-failed", message: answer.message }, step);
    }
    answered?.(answer, step);
  }
}
