/**
 * Whether ratios have fallen below those that are committed in `bench/ratios.json`, by the model of the
 * processor.
 *
 * A row that seems to have fallen is measured anew in processes of its own, until there are three
 * measurements, and the middle one counts. The rounds of one measurement share their processes, and with
 * them where memory lies and what the compiler chose; only other processes tell that from a change of the
 * code. So a fall is never called on one measurement, nor passed over because one of three was better.
 *
 * @module
 */
import { cpus } from "node:os";
import type { Result } from "./row.ts";
import { medianOf } from "./statistics.ts";

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

/** A line that fell. */
export interface Fall {
  readonly row: string;
  readonly work: string;
  /** What it once reached. */
  readonly committed: number;
  /** `undefined` if the row no longer has such a line. */
  readonly measured: number | undefined;
}

/** The processor of this machine. */
export const PROCESSOR: string = cpus()[0]?.model ?? "unknown CPU";

/** Reads the committed ratios of all processors. */
export function readRatios(): Readonly<Record<string, Ratios>> {
  return JSON.parse(Deno.readTextFileSync(FILE));
}

/** Puts those of this processor in place of what was there, in a form that is formatted. */
export function writeRatios(ratios: Ratios): void {
  const all = { ...readRatios(), [PROCESSOR]: ratios };
  Deno.writeTextFileSync(FILE, JSON.stringify(all, null, 2) + "\n");
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
  for (const [row, works] of Object.values(committed).flatMap(Object.entries)) {
    const known = lowest[row] ??= {};
    for (const [work, ratio] of Object.entries<number>(works)) {
      known[work] = Math.min(known[work] ?? Infinity, ratio);
    }
  }
  return { ratios: lowest, tolerance: FOREIGN_TOLERANCE };
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
  const fallsOf = (measured: RowRatios): Fall[] =>
    Object.entries(ratios[row] ?? {})
      .map(([work, ratio]) => ({ row, work, committed: ratio, measured: measured[work] }))
      .filter(({ committed, measured = 0 }) => measured < committed * (1 - tolerance));
  const runs = [ratiosOf(await measure())];
  const first = fallsOf(runs[0]!);
  if (first.length === 0) return [];
  suspicious(first);
  while (runs.length < RUNS) runs.push(ratiosOf(await measure()));
  const middle = Object.keys(runs[0]!).map((work) => [
    work,
    medianOf(runs.map((ratios) => ratios[work] ?? 0)),
  ]);
  return fallsOf(Object.fromEntries(middle));
}

/** A fall in one line. */
export function fallText({ row, work, committed, measured }: Fall): string {
  const found = measured === undefined
    ? "no longer measured"
    : `measured ${measured}, ${((1 - measured / committed) * 100).toFixed(0)} % less`;
  return `${row}, ${work}: committed ${committed}, ${found}`;
}

const FILE = new URL("../ratios.json", import.meta.url);
/** A smaller fall may be noise. */
const TOLERANCE = 0.15;
/** A smaller one may be the processor's. */
const FOREIGN_TOLERANCE = 0.5;
/** As many as noise leaves a meaning. */
const DIGITS = 3;
/** Measurements of a row that seems to have fallen. */
const RUNS = 3;
