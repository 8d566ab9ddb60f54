/**
 * The statistics of many links.
 *
 * @module
 */
import { CellTable } from "./cells.ts";
import { LinkStatistics } from "./link_statistics.ts";

/**
 * Statistics of links that have a small whole number each, as from `Deadlines`: 344 bytes a link, where
 * a `LinkStatistics` of its own takes three times as much and several times longer to come from memory.
 *
 * @example
 * ```ts
 * import { LinkTable } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const links = new LinkTable();
 * for (const peer of [0, 1]) links.at(peer).clear(); // new ones
 * links.at(0).observe(1, 1_000, 1_004, 0);
 * assertEquals([links.at(0).report().received, links.at(1).report().received], [1, 0]);
 * ```
 */
export class LinkTable {
  readonly #cells = new CellTable(LinkStatistics.CELLS);
  readonly #link: LinkStatistics;

  /** A message counts as held back from `lateAfter` ms beyond the fastest on; default 1,000. */
  constructor(lateAfter?: number) {
    this.#link = new LinkStatistics(lateAfter);
  }

  /** The statistics of a link, good until the next call; those of a new link must be cleared. */
  at(link: number): LinkStatistics {
    this.#link.over(this.#cells.page(link), this.#cells.at(link));
    return this.#link;
  }
}
