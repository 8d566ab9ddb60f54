/**
 * The events of a server that may not be said more than once a second each.
 *
 * @module
 */
import type { Slot } from "../core/deadlines.ts";
import { counted, LimitedReports } from "../core/limited_reports.ts";
import type { SequenceServerEvent } from "./events.ts";
import type { Step } from "./step.ts";
import type { Timers } from "./timers.ts";

/** An event before it was counted. */
type Uncounted<Type> = Omit<Extract<SequenceServerEvent, { type: Type }>, "count">;
type LimitedEvent =
  | Uncounted<"rejected">
  | Uncounted<"store-failed">
  | Uncounted<"written-back">
  | Uncounted<"accept-failed">;

/** Says or holds back, each kind by itself. */
export class Reports {
  readonly #timers: Timers;
  readonly #limited = new LimitedReports(counted<LimitedEvent>);
  readonly #slot: Slot;

  /** Nothing is held back. */
  constructor(timers: Timers) {
    this.#timers = timers;
    this.#slot = timers.add((step) => {
      step.outputs.push(...this.#limited.flush(step.now));
      this.#arm();
    });
  }

  /** Says an event, or counts it and says it later. */
  count(event: LimitedEvent, step: Step): void {
    const report = this.#limited.count(event.type, event, step.now);
    if (report) step.outputs.push(report);
    else this.#arm();
  }

  #arm(): void {
    const { due } = this.#limited;
    if (due !== undefined) this.#timers.arm(this.#slot, due);
  }
}
