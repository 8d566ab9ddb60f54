/**
 * Numbers of many peers side by side in a few large arrays.
 *
 * As fields of objects a peer's numbers lie all over the heap, each fraction in a box of its own, and
 * each costs a cache miss. A row of cells is contiguous, and nothing is allocated beside it.
 *
 * @module
 */

/**
 * A piece of memory, to be read and written as doubles or as small counters.
 *
 * @example
 * ```ts
 * import { Cells } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const cells = new Cells(2);
 * cells.doubles[0] = 0.5;
 * cells.shorts[4] = 65_535; // the first counter of the second cell
 * assertEquals(cells.doubles[0], 0.5);
 * assertEquals(cells.doubles.byteLength, 16);
 * ```
 */
export class Cells {
  /** The cells, 64 bits each. */
  readonly doubles: Float64Array;
  /** The same cells as four counters of 16 bits each: cell `n` begins at `4 * n`. */
  readonly shorts: Uint16Array;

  /** Makes so many cells, all zero. */
  constructor(length: number) {
    this.doubles = new Float64Array(length);
    this.shorts = new Uint16Array(this.doubles.buffer);
  }
}

/**
 * Rows of cells for peers that have a small whole number each, as from `Deadlines`. It grows by pages,
 * so that no row ever moves; the rows of peers that are gone are used again.
 *
 * @example
 * ```ts
 * import { CellTable } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const table = new CellTable(2);
 * table.page(7).doubles[table.at(7) + 1] = 0.5;
 * assertEquals(table.page(7).doubles[table.at(7)], 0);
 * assertEquals(table.page(7).doubles[table.at(7) + 1], 0.5);
 * ```
 */
export class CellTable {
  readonly #width: number;
  readonly #pages: Cells[] = [];

  /** Rows are `width` cells long. */
  constructor(width: number) {
    this.#width = width;
  }

  /** The memory that holds row `row`, a whole number from 0. */
  page(row: number): Cells {
    const page = row >> PAGE_BITS;
    while (page >= this.#pages.length) this.#pages.push(new Cells(PAGE_ROWS * this.#width));
    return this.#pages[page]!;
  }

  /** The first cell of row `row` in its page. */
  at(row: number): number {
    return (row & (PAGE_ROWS - 1)) * this.#width;
  }
}

/** Few enough that an almost empty table is small, and a page is allocated seldom. */
const PAGE_BITS = 6;
const PAGE_ROWS = 1 << PAGE_BITS;
