/**
 * All that comes out of an iteration; `Array.fromAsync` is missing on Node 20.
 *
 * @module
 */

/** Iterates to the end and returns everything in order. */
export async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}
