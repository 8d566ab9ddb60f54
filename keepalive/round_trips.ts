/**
 * Which numbered messages were sent and answered, and how long the answers took, in bounded memory.
 *
 * @module
 */
import type { Instant } from "../core/machine.ts";

/** The messages of one kind that one side sends. */
export class RoundTrips {
  /** The last number sent; 0 before the first. */
  sent = 0;
  /** The highest number answered; 0 before the first. */
  answered = 0;

  /** When each of the last numbers was sent; made for the side that sends any. */
  #sentAt: Float64Array | undefined;

  /** The next message is sent now; returns its number. */
  send(now: Instant): number {
    this.#sentAt ??= new Float64Array(REMEMBERED);
    this.#sentAt[++this.sent % REMEMBERED] = now;
    return this.sent;
  }

  /**
   * An answer came.
   *
   * @returns milliseconds since the message was sent, `undefined` if that is too long ago to
   * remember, "unknown" if it never was
   */
  answer(id: number, now: Instant): number | undefined | "unknown" {
    if (id > this.sent) return "unknown";
    if (id > this.answered) this.answered = id;
    return this.sent - id < REMEMBERED ? now - this.#sentAt![id % REMEMBERED]! : undefined;
  }
}

/** 512 bytes, and more than are under way where data is sent every few seconds. */
const REMEMBERED = 64;
