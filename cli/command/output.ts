/**
 * Lines on standard output and standard error, either of which may be slow, full, or gone as in `| head`.
 *
 * Nothing here waits: what a reader does not take yet is queued (`line_queue.ts`), and written in turn.
 *
 * @module
 */
import process from "node:process";
import { LineQueue, type Weight } from "./line_queue.ts";
import { openStandardStream, type StreamNumber, type WriteSome } from "./standard_stream.ts";

/** Why standard output takes nothing more. */
export type OutputEnd = "nobody-reads" | "no-room";

/** Writes a line to standard output; `weight` says how long it is kept where the reader is slow. */
export function print(line: string, weight: Weight = "kept"): void {
  OUT.add(`${line}\n`, weight);
}

/** Writes a line to standard error. */
export function complain(line: string): void {
  ERR.add(`${line}\n`, "kept");
}

/** Writes to standard output as it is: a part of a screen. */
export function draw(text: string, weight: Weight): void {
  OUT.add(text, weight);
}

/** Writes to standard error as it is: a question, or how far something is. */
export function prompt(text: string, weight: Weight = "kept"): void {
  ERR.add(text, weight);
}

/** Calls `act` when standard output takes nothing more, at once if that is so; returns what ends that. */
export function onOutputEnd(act: () => void): () => void {
  if (OUT.end) act();
  listeners.add(act);
  return () => void listeners.delete(act);
}

/** Why standard output takes nothing more, `undefined` while it does. */
export function outputEnd(): OutputEnd | undefined {
  return OUT.end;
}

/** Sets how standard output says that lines are missing. */
export function sayLeftOut(leftOut: (count: number) => string): void {
  OUT.leftOut = (count) => `${leftOut(count)}\n`;
}

/** Waits until a slow reader of standard output has made room, or `signal` says that there is no time. */
export async function roomForLines(signal: AbortSignal): Promise<void> {
  while (OUT.waiting > MANY && !signal.aborted) await OUT.progress(signal);
}

/**
 * Waits until all is written, and returns the exit code: a job whose lines found no room has failed. Where
 * the reader takes nothing for `PATIENCE` ms the process ends without it.
 */
export async function finishOutput(code: number): Promise<number> {
  const written = await Promise.all([OUT.written(), ERR.written()]);
  const result = code === 0 && OUT.end === "no-room" ? 1 : code;
  // What waits for a reader would keep the process alive.
  if (written.includes(false)) process.exit(result);
  return result;
}

/** Has `take` be given all that would be written, for tests; `undefined` writes it again. */
export function catchOutput(
  take: ((stream: StreamNumber, text: string) => void) | undefined,
): void {
  taker = take;
}

/** One of the two, opened when it is first written to. */
class Output {
  /** How it says that lines are missing. */
  leftOut = (count: number): string => `${count} lines left out\n`;
  readonly #number: StreamNumber;
  readonly #queue = new LineQueue();
  readonly #waiting = new Set<() => void>();
  #write: WriteSome | undefined;
  #writing = false;
  #end: OutputEnd | undefined;

  constructor(number: StreamNumber) {
    this.#number = number;
  }

  get end(): OutputEnd | undefined {
    return this.#end;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  add(text: string, weight: Weight): void {
    if (taker) return taker(this.#number, text);
    if (this.#end) return;
    this.#queue.add(text, weight);
    if (!this.#writing) void this.#writeAll();
  }

  /** Waits until something was written, at most until `signal` aborts; `false` if that came first. */
  progress(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (moved: boolean): void => {
        this.#waiting.delete(moves);
        signal.removeEventListener("abort", gives);
        resolve(moved);
      };
      const moves = (): void => settle(true);
      const gives = (): void => settle(false);
      this.#waiting.add(moves);
      signal.addEventListener("abort", gives);
    });
  }

  /** Waits until nothing waits, `false` if the reader does not take it. */
  async written(): Promise<boolean> {
    while (this.#writing) {
      const patience = new AbortController();
      const timer = setTimeout(() => patience.abort(), PATIENCE);
      const moved = await this.progress(patience.signal);
      clearTimeout(timer);
      if (!moved) return false;
    }
    return true;
  }

  async #writeAll(): Promise<void> {
    this.#writing = true;
    try {
      this.#write ??= openStandardStream(this.#number);
      for (;;) {
        const text = this.#queue.take(this.leftOut);
        if (text === "") break;
        let bytes = new TextEncoder().encode(text);
        while (bytes.length > 0) {
          bytes = bytes.subarray(await this.#write(bytes));
          this.#wake();
        }
      }
    } catch (error) {
      this.#fail(error as Error);
    }
    this.#writing = false;
    this.#wake();
  }

  /** A full disk is said, once, on standard error; of that itself there is nobody to tell. */
  #fail({ code, message }: Error & { code?: string }): void {
    const gone = code === "EPIPE" || code === "EIO" || message.includes("roken pipe");
    this.#end = gone ? "nobody-reads" : "no-room";
    this.#queue.clear();
    if (this.#number === 2) return;
    const why = code === "ENOSPC" ? "No space left on device" : message;
    if (!gone) complain(`Cannot write: ${why}`);
    for (const act of listeners) act();
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

let taker: ((stream: StreamNumber, text: string) => void) | undefined;
const listeners = new Set<() => void>();
const OUT = new Output(1);
const ERR = new Output(2);
/** From so many characters on events wait where they come from, which keeps the newest verdicts. */
const MANY = 64 * 1024;
/** A reader that takes nothing for so long, in ms, gets no more at the end: supervisors kill after 10 s. */
const PATIENCE = 2_000;
