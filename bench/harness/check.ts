/**
 * Whether ratios have fallen below those that are committed.
 *
 * This file knows ratios and what counts as a fall. It does not know how anything is measured, nor where
 * ratios are kept.
 *
 * A row that seems to have fallen is measured anew in processes of its own, until there are three
 * measurements, and the middle one counts. The rounds of one measurement share their processes, and with
 * them where memory lies and what the compiler chose; only other processes tell that from a change of the
 * code. So a fall is never called on one measurement, nor passed over because one of three was better.
 *
 * @module
 */
import type { Result } from "./row.ts";
import { spreadOf } from "./spread.ts";

/** Ours against the floor by what was done: those lines of a row that can be compared. */
export type RowRatios = Readonly<Record<string, number>>;

/** The same by the names of rows. */
export type Ratios = Readonly<Record<string, RowRatios>>;

/** What a measurement is compared with. */
export interface Bar {
  readonly ratios: Ratios;
  /** How much less is no fall, in parts of a ratio. */
  readonly tolerance: number;
}

/**
 * What a processor is held to: its own ratios, or where it has none the lowest of all others, and then
 * only gross falls count: the same code next to the same floor gave 0.44 on one and 0.65 on another.
 *
 * @param committed ratios by the model of the processor
 */
export function barFor(model: string, committed: Readonly<Record<string, Ratios>>): Bar {
  const own = committed[model];
  if (own) return { ratios: own, tolerance: TOLERANCE };
  const lowest: Record<string, Record<string, number>> = {};
  for (const ratios of Object.values(committed)) {
    for (const [row, works] of Object.entries(ratios)) {
      const known = lowest[row] ??= {};
      for (const [work, ratio] of Object.entries(works)) {
        known[work] = Math.min(known[work] ?? Infinity, ratio);
      }
    }
  }
  return { ratios: lowest, tolerance: FOREIGN_TOLERANCE };
}

/** A line that fell. */
export interface Fall {
  readonly row: string;
  readonly work: string;
  /** What it once reached. */
  readonly committed: number;
  /** `undefined` if the row no longer has such a line. */
  readonly measured: number | undefined;
}

/** What of a measurement is compared and committed. */
export function ratiosOf(results: readonly Result[]): RowRatios {
  return Object.fromEntries(
    results.flatMap(({ work, checked }) =>
      checked ? [[work, Number(checked.median.toPrecision(DIGITS))]] : []
    ),
  );
}

/**
 * The lines of a row that fell.
 *
 * @param measure measures the row once, in processes of its own
 * @param suspicious is told when it has to be measured again
 */
export async function checkRow(
  row: string,
  { ratios, tolerance }: Bar,
  measure: () => Promise<readonly Result[]>,
  suspicious: (falls: readonly Fall[]) => void,
): Promise<Fall[]> {
  const falls = (measured: RowRatios) => fallsOf(row, ratios[row] ?? {}, measured, tolerance);
  const runs = [ratiosOf(await measure())];
  const first = falls(runs[0]!);
  if (first.length === 0) return [];
  suspicious(first);
  while (runs.length < RUNS) runs.push(ratiosOf(await measure()));
  return falls(middleOf(runs));
}

/** A fall in one line. */
export function fallText({ row, work, committed, measured }: Fall): string {
  const found = measured === undefined
    ? "no longer measured"
    : `measured ${measured}, ${((1 - measured / committed) * 100).toFixed(0)} % less`;
  return `${row}, ${work}: committed ${committed}, ${found}`;
}

function fallsOf(
  row: string,
  committed: RowRatios,
  measured: RowRatios,
  tolerance: number,
): Fall[] {
  return Object.entries(committed)
    .map(([work, ratio]) => ({ row, work, committed: ratio, measured: measured[work] }))
    .filter(({ committed, measured = 0 }) => measured < committed * (1 - tolerance));
}

function middleOf(runs: readonly RowRatios[]): RowRatios {
  const works = Object.keys(runs[0]!);
  return Object.fromEntries(
    works.map((work) => [work, spreadOf(runs.map((ratios) => ratios[work] ?? 0)).median]),
  );
}

/** A smaller fall may be noise. */
const TOLERANCE = 0.15;
/** A smaller one may be the processor's. */
const FOREIGN_TOLERANCE = 0.5;
/** As many as noise leaves a meaning. */
const DIGITS = 3;
/** Measurements of a row that seems to have fallen. */
const RUNS = 3;
