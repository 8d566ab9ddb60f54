/**
 * What was broken on purpose, what was noticed, and whether the two agree.
 *
 * @module
 */
import type { Instant } from "../../core/machine.ts";

/** What is expected to be noticed of a failure: that the client is lost, then that it is back. */
export type Notice = "lost" | "back";

/** Something broken on purpose. */
export interface Injection {
  /** The client it is done to. */
  readonly client: string;
  /** What is done, in words. */
  readonly what: string;
  /** What must be noticed. */
  readonly expected: Notice;
  /** When it was done. */
  readonly at: Instant;
}

/** An injection and how it ended. */
export interface Outcome extends Injection {
  /** How long it took to notice, in ms; `undefined` if it was not. */
  readonly after: number | undefined;
}

/** Holds injections against observations. */
export class FaultLog {
  readonly #open: Injection[] = [];
  readonly #outcomes: Outcome[] = [];
  readonly #unexplained: string[] = [];

  /** Notes that something was broken, or repaired. */
  inject(injection: Injection): void {
    this.#open.push(injection);
  }

  /** Notes that a client was found lost or back; without a cause it is a false alarm. */
  observe(client: string, notice: Notice, at: Instant): void {
    const index = this.#open.findIndex((one) => one.client === client && one.expected === notice);
    if (index >= 0) {
      const [injection] = this.#open.splice(index, 1);
      this.#outcomes.push({ ...injection!, after: at - injection!.at });
    } else {
      this.#unexplained.push(`${client} was reported ${notice} without a cause`);
    }
  }

  /** Whether everything injected so far was noticed. */
  get settled(): boolean {
    return this.#open.length === 0;
  }

  /** Every injection, those noticed first. */
  get outcomes(): readonly Outcome[] {
    return [...this.#outcomes, ...this.#open.map((one) => ({ ...one, after: undefined }))];
  }

  /** Observations without a cause. */
  get unexplained(): readonly string[] {
    return this.#unexplained;
  }

  /** Whether every injection was noticed and nothing else was. */
  get good(): boolean {
    return this.settled && this.#unexplained.length === 0;
  }
}
