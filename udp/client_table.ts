/**
 * What is counted of many clients, side by side.
 *
 * This file knows where each client's numbers are. It does not know what they say.
 *
 * @module
 */
import { CellTable } from "../core/cells.ts";
import { LinkStatistics } from "../core/link_statistics.ts";
import { BurstTracker } from "./burst.ts";

/**
 * Bursts and link of clients that have a small whole number each, as from `Deadlines`: one row for each,
 * because a heartbeat needs all of it, and a row comes from memory in one piece.
 */
export class ClientTable {
  readonly #cells = new CellTable(BurstTracker.CELLS + LinkStatistics.CELLS);
  readonly #bursts = new BurstTracker();
  readonly #link = new LinkStatistics();

  /** How a client's heartbeats arrive, good until the next call; that of a new client must be cleared. */
  link(client: number): LinkStatistics {
    this.#link.over(this.#cells.page(client), this.#cells.at(client) + BurstTracker.CELLS);
    return this.#link;
  }

  /** A client's bursts, good until the next call; those of a new client must be cleared. */
  bursts(client: number): BurstTracker {
    this.#bursts.over(this.#cells.page(client), this.#cells.at(client));
    return this.#bursts;
  }
}
