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
import type { Turn } from "./turn.ts";
import type { Verdicts } from "./verdicts.ts";

/** An event before it was counted. */
type Uncounted<Type> = Omit<Extract<SequenceServerEvent, { type: Type }>, "count">;
type LimitedEvent =
  | Uncounted<"rejected">
  | Uncounted<"store-failed">
  | Uncounted<"accept-failed">;

/** Says or holds back, each kind by itself. */
export class Reports {
  readonly #verdicts: Verdicts;
  readonly #kinds: Readonly<Record<LimitedEvent["type"], Kind>>;

  /** Nothing is held back. */
  constructor(verdicts: Verdicts) {
    this.#verdicts = verdicts;
    this.#kinds = {
      "rejected": this.#kind(),
      "store-failed": this.#kind(),
      "accept-failed": this.#kind(),
    };
  }

  /** Says an event, or counts it and says it later. */
  count(event: LimitedEvent, turn: Turn): void {
    const { report, slot } = this.#kinds[event.type];
    turn.outputs.push(...report.count(event, turn.now) as SequenceServerEvent[]);
    if (report.due !== undefined) this.#verdicts.arm(slot, report.due);
  }

  #kind(): Kind {
    const report = new LimitedReport<LimitedEvent>();
    const slot = this.#verdicts.add((turn) => {
      turn.outputs.push(...report.flush(turn.now) as SequenceServerEvent[]);
    });
    return { report, slot };
  }
}

interface Kind {
  readonly report: LimitedReport<LimitedEvent>;
  readonly slot: Slot;
}
