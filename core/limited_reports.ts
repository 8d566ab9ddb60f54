/**
 * Events that others can cause as often as they like, each kind said at most once a second.
 *
 * @module
 */
import { type Address, formatAddress } from "./address.ts";
import type { Instant } from "./machine.ts";

/**
 * Says the first of a kind at once and holds back what follows within a second; what is said then is the
 * last one, and how many there were. A flood costs one report a second and no memory.
 *
 * @example
 * ```ts
 * import { counted, LimitedReports } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const reports = new LimitedReports(counted<{ client: string }>);
 * assertEquals(reports.count("refused", { client: "a" }, 0), { client: "a", count: 1 });
 * assertEquals(reports.count("refused", { client: "b" }, 10), undefined);
 * assertEquals(reports.count("refused", { client: "c" }, 20), undefined);
 * assertEquals(reports.flush(1_000), [{ client: "c", count: 2 }]);
 * assertEquals(reports.totals(), { refused: 3 });
 * ```
 */
export class LimitedReports<Detail, Report, Kind extends string = string> {
  readonly #describe: (detail: Detail, count: number, kind: Kind) => Report;
  readonly #kinds = new Map<Kind, Held<Detail>>();

  /** `describe` makes the report of `count` of a kind, of which `detail` belongs to the last. */
  constructor(describe: (detail: Detail, count: number, kind: Kind) => Report) {
    this.#describe = describe;
  }

  /** When `flush` has something to say, `undefined` if nothing is held back. */
  get due(): Instant | undefined {
    let earliest: Instant | undefined;
    for (const { count, quietUntil } of this.#kinds.values()) {
      if (count > 0 && (earliest === undefined || quietUntil < earliest)) earliest = quietUntil;
    }
    return earliest;
  }

  /** Counts one; returns the report if it is time for one. */
  count(kind: Kind, detail: Detail, now: Instant): Report | undefined {
    let held = this.#kinds.get(kind);
    if (!held) this.#kinds.set(kind, held = { detail, count: 0, total: 0, quietUntil: -Infinity });
    held.detail = detail;
    held.count++;
    held.total++;
    return now < held.quietUntil ? undefined : this.#release(kind, held, now);
  }

  /** Reports what was held back and is due. */
  flush(now: Instant): Report[] {
    const reports: Report[] = [];
    for (const [kind, held] of this.#kinds) {
      if (held.count > 0 && now >= held.quietUntil) reports.push(this.#release(kind, held, now));
    }
    return reports;
  }

  /** How many there were, ever, of each kind. */
  totals(): Partial<Record<Kind, number>> {
    const totals: Partial<Record<Kind, number>> = {};
    for (const [kind, { total }] of this.#kinds) totals[kind] = total;
    return totals;
  }

  #release(kind: Kind, held: Held<Detail>, now: Instant): Report {
    const { detail, count } = held;
    held.count = 0;
    held.quietUntil = now + REPORT_INTERVAL;
    return this.#describe(detail, count, kind);
  }
}

/** What is held back of one kind. */
interface Held<Detail> {
  /** That of the last one. */
  detail: Detail;
  /** How many since the last report. */
  count: number;
  /** How many, ever. */
  total: number;
  quietUntil: Instant;
}

/**
 * Describes events that are complete but for their count.
 *
 * @example
 * ```ts
 * import { counted } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(counted({ type: "refused" }, 2), { type: "refused", count: 2 });
 * ```
 */
export function counted<Event>(event: Event, count: number): Event & { readonly count: number } {
  return { ...event, count };
}

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
 * Describes what was ignored, by its reason and the address of the last sender.
 *
 * @example
 * ```ts
 * import { rejected } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const { from, count } = rejected({ hostname: "10.0.0.7", port: 5001 }, 2, "malformed");
 * assertEquals([from, count], ["10.0.0.7:5001", 2]);
 * ```
 */
export function rejected<Reason extends string>(
  from: Address,
  count: number,
  reason: Reason,
): RejectedEvent<Reason> {
  return { type: "rejected", reason, from: formatAddress(from), count };
}

/** Often enough to notice, seldom enough to read, in ms. */
const REPORT_INTERVAL = 1_000;
