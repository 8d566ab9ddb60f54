/**
 * What the floors of both runtimes share; only their sockets differ.
 *
 * @module
 */
import process from "node:process";
import { answer, type Answers, costAnswers } from "./worker.ts";

/** A floor that runs. */
export interface Floor {
  /** Where it listens; none if it connects. */
  readonly port?: number;
  /** What it has taken. */
  count(): number;
  /** What else it is asked. */
  readonly answers?: Answers;
}

/** Starts the floor that the first argument of this process names, with the numbers that follow. */
export async function serveFloor(
  floors: Readonly<Record<string, (...args: number[]) => Floor | Promise<Floor>>>,
): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  const { port, count, answers } = await floors[name!]!(...args.map(Number));
  await answer({ port }, { ...costAnswers(count), ...answers });
}

/** Turns every `turn` ms of an interval, each time with what is due once an interval. */
export class Wheel<Item> {
  readonly #places: Item[][];
  readonly #turn: number;

  constructor(interval: number, turn: number) {
    this.#places = Array.from({ length: interval / turn }, () => []);
    this.#turn = turn;
  }

  /** Has the item be due next within a turn, and then once an interval. */
  add(item: Item): void {
    this.#places[Math.ceil(performance.now() / this.#turn) % this.#places.length]!.push(item);
  }

  /** Calls `act` for each item that is due, with the ms by which it is late. */
  async run(act: (item: Item, late: number) => void): Promise<never> {
    for (let turn = Math.ceil(performance.now() / this.#turn);;) {
      for (; turn * this.#turn <= performance.now(); turn++) {
        for (const item of this.#places[turn % this.#places.length]!) {
          act(item, performance.now() - turn * this.#turn);
        }
      }
      const wait = Math.max(0, turn * this.#turn - performance.now());
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** Lines as long as those of the longest sequence, in as many pieces as the library writes. */
export function numberLines(): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let next = 0; next < LENGTH;) {
    let text = "";
    const end = Math.min(LENGTH, next + NUMBERS_PER_WRITE);
    // Their values are spread over 32 bits as those of a sequence are.
    for (; next < end; next++) {
      text += `NUMBER ${next} ${Math.imul(next + 1, 2_654_435_761) >>> 0}\n`;
    }
    chunks.push(new TextEncoder().encode(text));
  }
  return chunks;
}

/** Counts line feeds. */
export function linesIn(bytes: Uint8Array, length = bytes.length): number {
  let lines = 0;
  for (let at = -1; (at = bytes.indexOf(LINE_FEED, at + 1)) >= 0 && at < length;) lines++;
  return lines;
}

/** The first line of a server of sequences to a client that talks. */
export const WELCOME = `WELCOME ${"0".repeat(32)} ${"0".repeat(32)} 1 1000 5000 30000\n`;
/** Of a TCP heartbeat. */
export const MESSAGE_BYTES = 59;
/** As the library's servers. */
export const BACKLOG = 4_096;
/** In ms: probes that are due within it leave together. */
export const PROBE_TURN = 10;
const LENGTH = 65_535;
const LINE_FEED = 10;
/** The library's server sends up to so many numbers in one write. */
const NUMBERS_PER_WRITE = 4_096;
