/**
 * What can go wrong on the way, in words and numbers.
 *
 * @module
 */
import { checkNumber } from "../core/check.ts";
import { HeartlineError } from "../core/errors.ts";

/** A direction: `up` is from the client to the server, `down` is back. */
export type Direction = "up" | "down";

/**
 * Both directions, in the order in which they are looked at.
 *
 * @example
 * ```ts
 * import { DIRECTIONS, type Faults, faultsOf } from "@heartline/heartline/proxy";
 * import { assertEquals } from "@std/assert";
 *
 * const faults: Faults = { latency: 50, up: { latency: 200 } };
 * assertEquals(DIRECTIONS.map((direction) => faultsOf(faults, direction).latency), [200, 50]);
 * ```
 */
export const DIRECTIONS: readonly Direction[] = ["up", "down"];

/** How a connection is cut: `fin` ends one direction, `reset` drops both at once. */
export type CutBy = "fin" | "reset";

/** What happens to one direction of every link; nothing does unless asked for. */
export interface DirectionFaults {
  /** Everything takes so many milliseconds. */
  latency?: number;
  /** Up to so many milliseconds more, evenly drawn; TCP keeps its order, UDP may lose it. */
  jitter?: number;
  /** So many bytes a second at most. */
  bandwidth?: number;
  /** TCP: bytes travel in pieces of 1 to so many bytes, 1 ms apart. */
  slice?: number;
  /** TCP: the connection is cut behind so many bytes, counted from when this was set. */
  cutBytes?: number;
  /** TCP: the connection is cut behind so many lines, counted from when this was set. */
  cutLines?: number;
  /** TCP: how `cutBytes` and `cutLines` cut. @default "reset" */
  cutBy?: CutBy;
  /** Nothing comes through; what was held is delivered when this ends. */
  blackhole?: boolean;
  /** UDP: the share of datagrams that is lost, 0..1. */
  loss?: number;
  /** UDP: losses come in bursts of so many datagrams on average. @default 1 */
  burst?: number;
  /** UDP: the share of datagrams that arrives twice, 0..1. */
  duplicate?: number;
  /** UDP: the share of datagrams that the next one overtakes, 0..1. */
  reorder?: number;
  /** UDP: the share of datagrams with one bit flipped, 0..1. */
  corrupt?: number;
}

/** What happens to every link, in both directions and in each. */
export interface Faults extends DirectionFaults {
  /** TCP: the share of new connections that is refused, 0..1; with 1 nobody listens. */
  refuse?: number;
  /** TCP: the share of new connections that is accepted and then gets silence, 0..1. */
  silence?: number;
  /** What differs from the client to the server. */
  up?: DirectionFaults;
  /** What differs from the server to the client. */
  down?: DirectionFaults;
}

/** What kind of value a fault has, for those who read it from text. */
export type FaultKind = "duration" | "rate" | "count" | "share" | "flag" | "cut";

/**
 * Every fault of a direction and its kind.
 *
 * @example
 * ```ts
 * import { DIRECTION_FAULTS } from "@heartline/heartline/proxy";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([DIRECTION_FAULTS.latency, DIRECTION_FAULTS.loss], ["duration", "share"]);
 * ```
 */
export const DIRECTION_FAULTS: Readonly<Record<keyof DirectionFaults, FaultKind>> = {
  latency: "duration",
  jitter: "duration",
  bandwidth: "rate",
  slice: "count",
  cutBytes: "count",
  cutLines: "count",
  cutBy: "cut",
  blackhole: "flag",
  loss: "share",
  burst: "count",
  duplicate: "share",
  reorder: "share",
  corrupt: "share",
};

/**
 * Every fault of a link as a whole and its kind.
 *
 * @example
 * ```ts
 * import { LINK_FAULTS } from "@heartline/heartline/proxy";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Object.keys(LINK_FAULTS), ["refuse", "silence"]);
 * ```
 */
export const LINK_FAULTS: Readonly<Record<"refuse" | "silence", FaultKind>> = {
  refuse: "share",
  silence: "share",
};

/**
 * Returns `faults` if there is every one of them and its value is in its range.
 *
 * @throws {HeartlineError} `invalid-option`, naming the fault
 *
 * @example
 * ```ts
 * import { checkFaults } from "@heartline/heartline/proxy";
 * import { assertThrows } from "@std/assert";
 *
 * checkFaults({ latency: 50, down: { blackhole: true } });
 * assertThrows(
 *   () => checkFaults({ up: { loss: 2 } }),
 *   Error,
 *   "Cannot use up.loss: wanted a number in 0..1, current value is 2",
 * );
 * ```
 */
export function checkFaults(faults: Faults): Faults {
  const { up: _up, down: _down, ...both } = faults;
  checkTable(both, { ...DIRECTION_FAULTS, ...LINK_FAULTS }, "");
  for (const direction of DIRECTIONS) {
    checkTable(faults[direction] ?? {}, DIRECTION_FAULTS, `${direction}.`);
  }
  return faults;
}

/**
 * What is in force in one direction.
 *
 * @example
 * ```ts
 * import { faultsOf } from "@heartline/heartline/proxy";
 * import { assertEquals } from "@std/assert";
 *
 * const { latency } = faultsOf({ latency: 50, up: { latency: 200 } }, "up");
 * assertEquals(latency, 200);
 * ```
 */
export function faultsOf(faults: Faults, direction: Direction): DirectionFaults {
  return { ...faults, ...faults[direction] };
}

/**
 * Lays faults over others: what the upper ones name is theirs.
 *
 * @example
 * ```ts
 * import { faultsOf, overlaid } from "@heartline/heartline/proxy";
 * import { assertEquals } from "@std/assert";
 *
 * const faults = faultsOf(overlaid({ latency: 50, loss: 0.1 }, { loss: 0 }), "down");
 * assertEquals([faults.latency, faults.loss], [50, 0]);
 * ```
 */
export function overlaid(lower: Faults, upper: Faults): Faults {
  const laid: Faults = { ...lower, ...upper };
  for (const direction of DIRECTIONS) {
    // What the upper ones say of both directions goes before what the lower ones say of one.
    const one = { ...lower[direction], ...upperOf(upper), ...upper[direction] };
    if (lower[direction] || upper[direction]) laid[direction] = one;
  }
  return laid;
}

function upperOf(faults: Faults): DirectionFaults {
  const { up: _up, down: _down, refuse: _refuse, silence: _silence, ...both } = faults;
  return both;
}

function checkTable(
  faults: object,
  kinds: Readonly<Record<string, FaultKind>>,
  prefix: string,
): void {
  for (const [name, value] of Object.entries(faults)) {
    const kind = kinds[name];
    if (kind === undefined) {
      const wanted = `one of ${Object.keys(kinds).join(", ")}`;
      throw new HeartlineError(
        "invalid-option",
        `Cannot use ${prefix}${name}: no such fault, wanted ${wanted}`,
      );
    }
    if (value === undefined) continue;
    checkValue(`${prefix}${name}`, kind, value);
  }
}

function checkValue(name: string, kind: FaultKind, value: unknown): void {
  if (kind === "flag" || kind === "cut") {
    const wanted: readonly unknown[] = kind === "flag" ? [true, false] : ["fin", "reset"];
    if (wanted.includes(value)) return;
    throw new HeartlineError(
      "invalid-option",
      `Cannot use ${name}: wanted ${wanted.join(" or ")}, current value is ${value}`,
    );
  }
  checkNumber(name, value as number, RANGES[kind]);
}

const RANGES = {
  duration: { max: 86_400_000 },
  rate: { min: 1 },
  count: { min: 1, integer: true },
  share: { max: 1 },
};
