/**
 * The reception statistics of many clients.
 *
 * @module
 */
import { CellTable } from "./cells.ts";
import { ReceptionStatistics } from "./reception_statistics.ts";

/**
 * Reception statistics of clients that have a small whole number each, as from `Deadlines`: 384 bytes a
 * client. A `ReceptionStatistics` for each takes three times as much, and several cache misses a message.
 *
 * @example
 * ```ts
 * import { ReceptionTable } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const receptions = new ReceptionTable();
 * for (const client of [0, 1]) receptions.at(client).clear(); // new ones
 * receptions.at(0).observe(1, 1_000, 1_004, 0);
 * assertEquals([receptions.at(0).report().received, receptions.at(1).report().received], [1, 0]);
 * ```
 */
export class ReceptionTable {
  readonly #cells = new CellTable(ReceptionStatistics.CELLS);
  readonly #reception: ReceptionStatistics;

  /** A message counts as held back from `lateAfter` ms beyond the fastest on; default 1,000. */
  constructor(lateAfter?: number) {
    this.#reception = new ReceptionStatistics(lateAfter);
  }

  /** The statistics of a client, valid until the next call; those of a new client must be cleared. */
  at(client: number): ReceptionStatistics {
    this.#reception.over(this.#cells.page(client), this.#cells.at(client));
    return this.#reception;
  }
}
