/**
 * The numbers of a sequence and their checksums, as both ends of a peer see them.
 *
 * This file knows values. It does not know how they travel.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** The longest sequence there is. */
export const LENGTH = 65_535;

/** Any values will do: what counts is that both ends agree. */
export function valueAt(index) {
  return Math.imul(index + 1, 2_654_435_761) >>> 0;
}

/** Takes numbers in turn and sums them up at the end. */
export class Checked {
  #values = new DataView(new ArrayBuffer(4 * LENGTH));
  next = 0;

  /** Takes one; a number that is not the next one is an error. */
  take(index, value) {
    if (index !== this.next) throw new Error(`wanted number ${this.next}, got ${index}`);
    this.#values.setUint32(4 * this.next++, value);
  }

  /** The SHA-256 of all values, in hexadecimal. */
  sum() {
    return createHash("sha256").update(new Uint8Array(this.#values.buffer)).digest("hex");
  }
}

/** Runs sequences one after the other for a while; answers with numbers a second. */
export async function rateOf(sequence) {
  const began = performance.now();
  let numbers = 0;
  while (performance.now() - began < RUN) {
    await sequence();
    numbers += LENGTH;
  }
  return numbers / (performance.now() - began) * 1000;
}

/** In ms. */
const RUN = 1_000;
