/**
 * What goes wrong in a run: a list that is drawn from the seed, and can be made shorter.
 *
 * @module
 */
import type { Instant, Random } from "../../core/machine.ts";
import { formatTime } from "./history.ts";

/** What can happen; `by` says more about each. */
export const FAULT_TEXTS = {
  stall: "does not run",
  kill: "is killed, and started again with what it had stored",
  wipe: "is killed, and started again without what it had stored",
  vanish: "loses its power, which its peers are not told",
  step: "has its wall clock set ahead by (ms)",
  drift: "has a clock that is fast from now on by (ppm)",
  "lose-up": "is not heard",
  "lose-down": "hears nothing",
  partition: "is cut off in both directions",
  slow: "gets and sends everything later, by (ms)",
  reset: "has its connections reset",
  "half-open": "has connections that carry nothing any more",
  "cut-up": "has a connection cut after so many more bytes from it",
  "cut-down": "has a connection cut after so many more bytes to it",
  rubbish: "is sent what is no message, of so many bytes",
  "store-fails": "cannot reach its store",
  "store-rolls-back": "has a store that loses its newest writes, those of the last ms",
  "store-slow": "gets answers of its store later, by (ms)",
} as const;

/** The kinds. */
export type FaultKind = keyof typeof FAULT_TEXTS;

/** One thing that goes wrong. */
export interface Fault {
  readonly kind: FaultKind;
  /** 0, -1, ...: a server; from 1 on: a client. */
  readonly who: number;
  readonly at: Instant;
  /** For how many ms; 0 if it is over at once. */
  readonly for: number;
  readonly by: number;
}

/** How often something goes wrong; lengths of time are ms. */
export interface FaultRate {
  readonly kind: FaultKind;
  readonly who: "server" | "clients";
  /** The mean time between two, for each of them. */
  readonly every: number;
  readonly for?: readonly [least: number, most: number];
  readonly by?: readonly [least: number, most: number];
}

/** Draws everything that goes wrong until `end`, in order. */
export function drawFaults(
  rates: readonly FaultRate[],
  { random, whos, end }: { random: Random; whos: readonly number[]; end: Instant },
): Fault[] {
  const faults: Fault[] = [];
  for (const { kind, who: side, every, for: lengths = NONE, by = NONE } of rates) {
    for (const who of whos) {
      if ((who <= 0) !== (side === "server")) continue;
      const within = () => Math.ceil(-every * Math.log(1 - random()));
      for (let at = within(); at < end; at += within()) {
        const fault = { kind, who, at, for: between(lengths, random), by: between(by, random) };
        faults.push(fault);
        at += fault.for;
      }
    }
  }
  return faults.sort((one, other) => one.at - other.at);
}

/** A line that a person can read. */
export function formatFault({ kind, who, at, for: length, by }: Fault): string {
  const more = (by ? ` ${by}` : "") + (length ? ` for ${length / 1000} s` : "");
  return `${formatTime(at)}  ${nameOf(who).padEnd(10)}  ${FAULT_TEXTS[kind]}${more}`;
}

/** What a process is called. */
export function nameOf(who: number): string {
  if (who > 0) return `client ${who}`;
  return who === 0 ? "server" : `server ${1 - who}`;
}

/** Short ones are more frequent than long ones: drawn evenly on a logarithmic scale. */
function between([least, most]: readonly [number, number], random: Random): number {
  const drawn = random();
  if (least <= 0) return Math.round(least + drawn * (most - least));
  return Math.round(least * (most / least) ** drawn);
}

const NONE = [0, 0] as const;
