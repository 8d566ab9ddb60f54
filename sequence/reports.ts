/**
 * The events of a server that may not be said more than once a second each.
 *
 * This file knows the kinds and holds them back. It does not know what leads to one.
 *
 * @module
 */
import type { Slot } from "../core/deadlines.ts";
import { LimitedReport } from "../core/limited_report.ts";
import type { SequenceServerEvent } from "./events.ts";
import type { Step } from "./step.ts";
import type { Timers } from "./timers.ts";

/** An event before it was counted. */
type Uncounted<Type> = Omit<Extract<SequenceServerEvent, { type: Type }>, "count">;
type LimitedEvent =
  | Uncounted<"rejected">
  | Uncounted<"store-failed">
  | Uncounted<"accept-failed">;

/** Says or holds back, each kind by itself. */
export class Reports {
  readonly #timers: Timers;
  readonly #kinds: Readonly<Record<LimitedEvent["type"], Kind>>;

  /** Nothing is held back. */
  constructor(timers: Timers) {
    this.#timers = timers;
    this.#kinds = {
      "rejected": this.#kind(),
      "store-failed": this.#kind(),
      "accept-failed": this.#kind(),
    };
  }

  /** Says an event, or counts it and says it later. */
  count(event: LimitedEvent, step: Step): void {
    const { report, slot } = this.#kinds[event.type];
    step.outputs.push(...report.count(event, step.now) as SequenceServerEvent[]);
    if (report.due !== undefined) this.#timers.arm(slot, report.due);
  }

  #kind(): Kind {
    const report = new LimitedReport<LimitedEvent>();
    const slot = this.#timers.add((step) => {
      step.outputs.push(...report.flush(step.now) as SequenceServerEvent[]);
    });
    return { report, slot };
  }
}

interface Kind {
  readonly report: LimitedReport<LimitedEvent>;
  readonly slot: Slot;
}
