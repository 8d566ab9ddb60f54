/**
 * Every way in which the clock of a client is wrong.
 *
 * @module
 */

/** What the clock says, in ms since 1970, `t` ms after the client was started at `START`. */
export type WrongClock = (t: number) => number;

/** When the client was started, in ms since 1970. */
export const START = Date.UTC(2026, 0, 1);

const HOUR = 3_600_000, SECOND = 1_000;

/** By name; the client is silent from `PAUSE` on, for `PAUSE_LENGTH` ms. */
export const PAUSE = 60_000, PAUSE_LENGTH = 3_000;

/** Within so many timeouts of beats a client is back; a clock without any rule may look like a lump for longer. */
export const timeoutsUntilBack = (name: string): number => name === "jumps at random" ? 60 : 3;

/** A clock that makes a step of `by` ms at `at`. */
const stepping = (at: number, by: number): WrongClock => (t) => START + t + (t < at ? 0 : by);

export const WRONG_CLOCKS: Readonly<Record<string, WrongClock>> = {
  "is right": (t) => START + t,
  "stands still": () => 946_684_800_000,
  "stands still at 0": () => 0,
  "stands still in the far future": () => 999_999_999_999_000,
  "starts at 0": (t) => t,
  "runs in the far future": (t) => 900_000_000_000_000 + t,
  "jumps back before the pause": stepping(PAUSE - 10_000, -HOUR),
  "jumps back in the pause": stepping(PAUSE + 1_000, -HOUR),
  "jumps back after the pause": stepping(PAUSE + PAUSE_LENGTH + 1_200, -HOUR),
  "jumps forward before the pause": stepping(PAUSE - 10_000, HOUR),
  "jumps forward in the pause": stepping(PAUSE + 1_000, HOUR),
  "jumps back in each beat": (t) => START - 10 * t,
  "jumps to and fro": (t) => START + t + (t / 500 % 3) * HOUR,
  "jumps at random": (t) =>
    START + (Math.imul(Math.imul(t + 1, 0x9e3779b1) >>> 15, 0x85ebca6b) >>> 0),
  "runs at double speed": (t) => START + 2 * t,
  "runs 10 % fast": (t) => START + 1.1 * t,
  "runs 10 % slow": (t) => START + 0.9 * t,
  "runs at half speed": (t) => START + t / 2,
  "runs at a hundredth": (t) => START + t / 100,
  "runs backwards": (t) => START - t,
  "wraps each 10 s": (t) => t % 10_000,
  "wraps each 65.536 s": (t) => t % 65_536,
  "wraps after 32 bits": (t) => (t + 2 ** 32 - PAUSE - 1_500) % 2 ** 32,
  "rounds to seconds": (t) => START + Math.floor(t / SECOND) * SECOND,
  "rounds to seconds and jumps back": (t) =>
    START + Math.floor(t / SECOND) * SECOND - (t < PAUSE ? 0 : HOUR),
  "rounds to minutes": (t) => START + Math.floor(t / 60_000) * 60_000,
  "is set once, from 1970": (t) => (t < PAUSE + 1_000 ? 0 : START) + t,
  "is set once, from the future": (t) => START + t + (t < PAUSE + 1_000 ? 1_000 * HOUR : 0),
  "stands still until it is set": (t) => t < PAUSE + 5_000 ? 0 : START + t,
  "stops in the pause": (t) => START + Math.min(t, PAUSE),
  "ends daylight saving": stepping(PAUSE + 2_000, -HOUR),
  "begins daylight saving": stepping(PAUSE + 2_000, HOUR),
};
