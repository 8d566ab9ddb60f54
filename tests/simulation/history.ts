/**
 * What happened: as a hash, always, and as lines that a person can read, when they are wanted.
 *
 * @module
 */
import type { Instant } from "../../core/machine.ts";

/** Who a line is about. */
export interface Named {
  /** As people read it: "server", "client 3". */
  readonly name: string;
  /** As the hash takes it. */
  readonly who: number;
}

/** The history of one run. */
export class History {
  /** Lines are kept, which costs more than the run itself. */
  readonly recording: boolean;
  readonly #lines: Line[] = [];
  #hash = 0x811c9dc5;

  constructor(recording: boolean) {
    this.recording = recording;
  }

  /** A number that is the same exactly for runs in which the same things happened. */
  get hash(): number {
    return this.#hash >>> 0;
  }

  /** Notes what a person who looks for the cause wants to read. */
  note(now: Instant, who: Named, what: string, detail: number | string = ""): void {
    this.#mix(now, who, what, detail);
    if (this.recording) this.#lines.push({ now, name: who.name, text: `${what} ${detail}` });
  }

  /** Notes what happens all the time. */
  routine(now: Instant, who: Named, what: string, detail: number | string = ""): void {
    this.#mix(now, who, what, detail);
    if (!this.recording) return;
    this.#lines.push({ now, name: who.name, text: `${what} ${detail}`, routine: true });
  }

  /** The last lines of both sorts; how many others there are is said. */
  lines(): string[] {
    const last = new Set([
      ...this.#lines.filter((line) => !line.routine).slice(-MOST_NOTES),
      ...this.#lines.filter((line) => line.routine).slice(-MOST_ROUTINE),
    ]);
    const left = this.#lines.length - last.size;
    const head = left > 0 ? [`${left} lines are left out`] : [];
    const shown = this.#lines.filter((line) => last.has(line));
    return [
      ...head,
      ...shown.map(({ now, name, text }) => {
        return `${formatTime(now)}  ${name.padEnd(10)}  ${text.trimEnd()}`;
      }),
    ];
  }

  #mix(now: Instant, { who }: Named, what: string, detail: number | string): void {
    const value = typeof detail === "number" ? detail * 1000 : detail.length;
    let hash = Math.imul(this.#hash ^ (now * 1000), PRIME);
    hash = Math.imul(hash ^ (who << 8) ^ what.charCodeAt(0) ^ (what.length << 4), PRIME);
    this.#hash = Math.imul(hash ^ (hash >>> 15) ^ value, PRIME);
  }
}

interface Line {
  readonly now: Instant;
  readonly name: string;
  readonly text: string;
  readonly routine?: true;
}

/** `3:25:45.678` for so much time since the beginning. */
export function formatTime(ms: Instant): string {
  const digits = (value: number, count: number) => String(Math.floor(value)).padStart(count, "0");
  const seconds = `${digits(ms / 60_000 % 60, 2)}:${digits(ms / 1000 % 60, 2)}`;
  return `${digits(ms / 3_600_000, 1)}:${seconds}.${digits(ms % 1000, 3)}`;
}

/** What a person reads to the end. */
const MOST_NOTES = 60;
const MOST_ROUTINE = 20;
/** Of FNV-1a (Fowler, Noll, Vo). */
const PRIME = 0x01000193;
