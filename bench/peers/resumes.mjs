/**
 * What clients saw of their streams while the network came and went.
 *
 * This file knows indices and instants. It does not know what carries the numbers.
 *
 * @module
 */
import { wallClock } from "./worker.mjs";

/** One client's view of its stream. */
export class Resumes {
  #seen = new Set();
  #largest = -1;
  #repeated = 0;
  #reordered = 0;
  /** When it last began to connect, and whether it is to be seen going on. */
  #tried = 0;
  away = true;

  /** It begins an attempt to connect. */
  trying() {
    this.#tried = wallClock();
  }

  /** It lost its connection. */
  gone() {
    this.away = true;
  }

  /** Number `index` came. */
  take(index) {
    if (this.#seen.has(index)) this.#repeated++;
    else if (index < this.#largest) this.#reordered++;
    this.#seen.add(index);
    this.#largest = Math.max(this.#largest, index);
    if (!this.away) return;
    this.away = false;
    this.back = { at: wallClock(), tried: this.#tried };
  }

  /** Indices that should have come by now. */
  get account() {
    const wanted = this.#largest + 1;
    return {
      received: this.#seen.size,
      lost: wanted - this.#seen.size,
      repeated: this.#repeated,
      reordered: this.#reordered,
    };
  }
}

/**
 * The answers `steady`, when every client has its numbers, `back`, when every one was away since and has
 * had a number again, and `seen`, the sum of accounts.
 */
export function resumeAnswers(clients) {
  return {
    async steady() {
      await until(() => clients.every(({ away }) => !away));
      for (const client of clients) client.back = undefined;
    },
    async back() {
      await until(() => clients.every(({ back }) => back));
      return clients.map(({ back }) => back);
    },
    seen() {
      const sum = { received: 0, lost: 0, repeated: 0, reordered: 0 };
      for (const { account } of clients) for (const key in sum) sum[key] += account[key];
      return sum;
    },
  };
}

async function until(holds) {
  const began = performance.now();
  while (!holds()) {
    if (performance.now() - began > PATIENCE) throw new Error("a client did not come back");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** In ms. */
const PATIENCE = 60_000;
