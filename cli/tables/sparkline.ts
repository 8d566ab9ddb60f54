/**
 * A row of numbers as a row of bars.
 *
 * @module
 */

/**
 * Draws one character for each value, from the lowest bar for 0 to the highest for the largest value.
 *
 * @param values at least 0
 * @param least what counts as large at least, so that tiny differences of tiny values stay flat
 */
export function sparkline(values: readonly number[], least: number): string {
  const largest = Math.max(least, ...values);
  return values.map((value) => BARS[Math.round((value / largest) * (BARS.length - 1))]).join("");
}

const BARS = "▁▂▃▄▅▆▇█";
