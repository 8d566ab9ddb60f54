/**
 * How much each of many senders may ask for, in bounded memory.
 *
 * A bucket is one number: the instant at which it will be full again (the generic cell rate algorithm,
 * ITU-T I.371). A bucket that is full holds no information, so it is forgotten: entries live in two
 * generations, and each time a whole bucket could have filled up the older one is dropped.
 *
 * @module
 */
import { checkNumber } from "./check.ts";
import type { Instant } from "./machine.ts";

/** What {@linkcode TokenBuckets} allows. */
export interface TokenBucketOptions {
  /** Tokens a second that flow into each bucket, above 0. */
  rate: number;
  /** Tokens in a full bucket, from 1 on. */
  burst: number;
  /** Keys remembered at a time, at most twice; all others then share one bucket. @default 10_000 */
  maxKeys?: number;
}

/**
 * A token bucket for each key.
 *
 * @example
 * ```ts
 * import { TokenBuckets } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const buckets = new TokenBuckets({ rate: 10, burst: 2 });
 * assertEquals([1, 2, 3].map(() => buckets.take("10.0.0.7", 0)), [true, true, false]);
 * assertEquals(buckets.take("10.0.0.8", 0), true); // has its own
 * assertEquals(buckets.take("10.0.0.7", 100), true); // one token came in
 * ```
 */
export class TokenBuckets {
  /** Milliseconds until one token has come in. */
  readonly #gap: number;
  /** Milliseconds until an empty bucket is full. */
  readonly #fill: number;
  readonly #maxKeys: number;
  /** When each bucket is full. */
  #young = new Map<string, Instant>();
  #old = new Map<string, Instant>();
  #rotateAt: Instant = -Infinity;
  /** The bucket of all keys for which there is no room. */
  #shared: Instant = -Infinity;

  /**
   * Makes full buckets for everybody.
   *
   * @throws {HeartlineError} `invalid-option`
   */
  constructor({ rate, burst, maxKeys = 10_000 }: TokenBucketOptions) {
    this.#gap = 1_000 / checkNumber("rate", rate, { min: 1e-6, max: 1e6 });
    this.#fill = this.#gap * checkNumber("burst", burst, { min: 1, max: 1e9 });
    this.#maxKeys = checkNumber("maxKeys", maxKeys, { min: 1, integer: true });
  }

  /** How many keys are remembered: at most twice `maxKeys`. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Takes a token of `key`; false if it has none. */
  take(key: string, now: Instant): boolean {
    this.#rotate(now);
    const known = this.#young.get(key) ?? this.#old.get(key);
    if (known === undefined && this.#young.size >= this.#maxKeys) {
      const full = this.#afterTaking(this.#shared, now);
      if (full !== undefined) this.#shared = full;
      return full !== undefined;
    }
    const full = this.#afterTaking(known ?? -Infinity, now);
    if (full === undefined) return false;
    // It moves to the younger generation only while there is room; else it is brought up to date.
    const into = this.#young.size < this.#maxKeys || this.#young.has(key) ? this.#young : this.#old;
    into.set(key, full);
    return true;
  }

  /** When a bucket is full after one more token; `undefined` if it has none. */
  #afterTaking(full: Instant, now: Instant): Instant | undefined {
    const next = Math.max(full, now) + this.#gap;
    // Sums of gaps are not exact; a millionth of a token is.
    return next - now <= this.#fill + this.#gap * 1e-6 ? next : undefined;
  }

  /** A key that was not seen for as long as a bucket takes to fill has a full one, as a new key has. */
  #rotate(now: Instant): void {
    if (now < this.#rotateAt) return;
    this.#old = now < this.#rotateAt + this.#fill ? this.#young : new Map();
    this.#young = new Map();
    this.#rotateAt = now + this.#fill;
  }
}
