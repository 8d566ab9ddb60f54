/**
 * Lengths of time as people type and read them.
 *
 * @module
 */

/** Reads `250ms`, `5s`, `1.5m`, `2h` or `1d` as milliseconds; `undefined` if it is none of them. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (!match) return undefined;
  return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}

/** Writes milliseconds in the largest unit that keeps them readable: `250 ms`, `1.5 s`, `2 min`. */
export function formatDuration(ms: number): string {
  for (const { from, size, unit } of READABLE) {
    if (ms >= from) return `${trimmed(ms / size)} ${unit}`;
  }
  return `${trimmed(ms)} ms`;
}

function trimmed(value: number): string {
  return String(Number(value.toFixed(value < 10 ? 2 : 1)));
}

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const READABLE = [
  { from: 86_400_000, size: 86_400_000, unit: "d" },
  { from: 3_600_000, size: 3_600_000, unit: "h" },
  // Up to two minutes people think in seconds.
  { from: 120_000, size: 60_000, unit: "min" },
  { from: 1_000, size: 1_000, unit: "s" },
];
