/**
 * Datagrams that were ignored, counted by reason and reported at most once a second each.
 *
 * This file knows counts and reports. It does not know why a datagram is rejected.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import type { Instant } from "../core/machine.ts";
import { ReportLimit } from "../core/report_limit.ts";
import type { UdpRejection, UdpServerEvent } from "./events.ts";

/** The rejections of one server. */
export class Rejections {
  readonly #byReason = new Map<UdpRejection, Rejection>();

  /** Counts one; returns the report if it is time for one. */
  count(reason: UdpRejection, from: Address, now: Instant): UdpServerEvent | undefined {
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
  flush(now: Instant): UdpServerEvent[] {
    return Array.from(
      this.#byReason,
      ([reason, rejection]) => report(reason, rejection, rejection.limit.flush(now)),
    ).filter((event) => event !== undefined);
  }

  /** How many were rejected, ever, by reason. */
  totals(): Partial<Record<UdpRejection, number>> {
    return Object.fromEntries(Array.from(this.#byReason, ([reason, { total }]) => [reason, total]));
  }
}

/** The rejections for one reason. */
interface Rejection {
  /** The last sender. */
  from: Address;
  total: number;
  readonly limit: ReportLimit;
}

function report(
  reason: UdpRejection,
  { from }: Rejection,
  count: number,
): UdpServerEvent | undefined {
  return count === 0 ? undefined : { type: "rejected", reason, from: formatAddress(from), count };
}

/** Often enough to notice, seldom enough to read, in ms. */
const REPORT_INTERVAL = 1_000;
