/**
 * Records from outside: good ones as JSON in which a value or a name may be another.
 *
 * @module
 */
import { oneOf, type Pick } from "./target.ts";

/** A record as JSON; half of the time one of its values, at any depth, is another. */
export function jsonSample(pick: Pick, record: unknown): string {
  if (pick(2) === 0) return JSON.stringify(record);
  let values = 0;
  JSON.stringify(record, (_, value) => (values++, value));
  let left = pick(values);
  return JSON.stringify(record, (_, value) => left-- === 0 ? oneOf(pick, ODD) : value);
}

/** The value of a JSON text; `undefined` if it is none, which is the complaint of another file. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  "",
  "x",
  [],
  {},
  [null],
  { toString: 1 },
  [[1]],
  "1",
];
