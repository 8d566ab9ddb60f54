/**
 * What was received and ignored, counted by reason and reported at most once a second each.
 *
 * This file knows counts and reports. It does not know why anything is rejected.
 *
 * @module
 */
import { type Address, formatAddress } from "./address.ts";
import type { Instant } from "./machine.ts";
import { ReportLimit } from "./report_limit.ts";

/** Something was ignored: `count` times since the last report of this reason, the last one `from`. */
export interface RejectedEvent<Reason extends string> {
  /** The tag of this event. */
  readonly type: "rejected";
  /** Why it was ignored. */
  readonly reason: Reason;
  /** Who sent the last one, as `host:port`. */
  readonly from: string;
  /** How many there were since the last report of this reason. */
  readonly count: number;
}

/**
 * The rejections of one server: a flood of them costs one report a second and no memory.
 *
 * @example
 * ```ts
 * import { Rejections } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const rejections = new Rejections<"malformed">();
 * const from = { hostname: "10.0.0.7", port: 5001 };
 * assertEquals(rejections.count("malformed", from, 0)?.count, 1);
 * assertEquals(rejections.count("malformed", from, 1), undefined);
 * assertEquals(rejections.totals(), { malformed: 2 });
 * ```
 */
export class Rejections<Reason extends string> {
  readonly #byReason = new Map<Reason, Rejection>();

  /** When `flush` has something to say, `undefined` if nothing is held back. */
  get due(): Instant | undefined {
    let earliest: Instant | undefined;
    for (const { limit: { due } } of this.#byReason.values()) {
      if (due !== undefined && (earliest === undefined || due < earliest)) earliest = due;
    }
    return earliest;
  }

  /** Counts one; returns the report if it is time for one. */
  count(reason: Reason, from: Address, now: Instant): RejectedEvent<Reason> | undefined {
    let rejection = this.#byReason.get(reason);
    if (!rejection) {
      rejection = { from, total: 0, limit: new ReportLimit(REPORT_INTERVAL) };
      this.#byReason.set(reason, rejection);
    }
    rejection.from = from;
    rejection.total++;
    return report(reason, rejection, rejection.limit.count(now));
  }

  /** Reports what was held back and is due. */
  flush(now: Instant): RejectedEvent<Reason>[] {
    return Array.from(
      this.#byReason,
      ([reason, rejection]) => report(reason, rejection, rejection.limit.flush(now)),
    ).filter((event) => event !== undefined);
  }

  /** How many were rejected, ever, by reason. */
  totals(): Partial<Record<Reason, number>> {
    const totals: Partial<Record<Reason, number>> = {};
    for (const [reason, { total }] of this.#byReason) totals[reason] = total;
    return totals;
  }
}

/** The rejections for one reason. */
interface Rejection {
  /** The last sender. */
  from: Address;
  total: number;
  readonly limit: ReportLimit;
}

function report<Reason extends string>(
  reason: Reason,
  { from }: Rejection,
  count: number,
): RejectedEvent<Reason> | undefined {
  return count === 0 ? undefined : { type: "rejected", reason, from: formatAddress(from), count };
}

/** Often enough to notice, seldom enough to read, in ms. */
const REPORT_INTERVAL = 1_000;
