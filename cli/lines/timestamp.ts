/**
 * Moments as people read them.
 *
 * @module
 */

/**
 * Writes ms since 1970 as local time with microseconds: `2023-01-16 06:06:06.123456`.
 *
 * @param wall with fractions, as `Clock.wall` returns it
 */
export function formatTimestamp(wall: number): string {
  // Rounded as a whole: 0.9999996 s is the next second and not 1,000,000 microseconds.
  const microseconds = Math.round(wall * 1000);
  const date = new Date(Math.floor(microseconds / 1000));
  const day = [date.getFullYear(), padded(date.getMonth() + 1, 2), padded(date.getDate(), 2)];
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => padded(n, 2));
  return `${day.join("-")} ${time.join(":")}.${padded(microseconds % 1e6, 6)}`;
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}
