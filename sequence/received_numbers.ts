/**
 * The numbers of a client, from the wire to its user.
 *
 * @module
 */
import { type SavedChecksum, SequenceChecksum, type SequenceDigest } from "./checksum.ts";

/** Gives out each index exactly once and in order. */
export class ReceivedNumbers {
  readonly #length: number;
  /** Over the numbers that the user has come back from. */
  readonly #checksum: SequenceChecksum;
  /** Numbers received and not given out; the first `#head` of them are gone. */
  #queue: number[] = [];
  #head = 0;
  /** The number the user has and has not come back from. */
  #out: number | undefined;
  #received: number;
  #repeated = 0;

  /** Goes on where `saved` stands. */
  constructor(length: number, saved: SavedChecksum) {
    this.#length = length;
    this.#checksum = new SequenceChecksum(saved);
    this.#received = saved.count;
  }

  /** The next index to receive. */
  get received(): number {
    return this.#received;
  }

  /** How many numbers the user has come back from. */
  get taken(): number {
    return this.#checksum.count;
  }

  /** How many numbers came again. */
  get repeated(): number {
    return this.#repeated;
  }

  /** Whether the user has come back from the last number. */
  get complete(): boolean {
    return this.taken === this.#length;
  }

  /** Takes a number from the wire; false if those before it did not come, or it is past the end. */
  receive(index: number, value: number): boolean {
    if (index < this.#received) {
      this.#repeated++;
      return true;
    }
    if (index > this.#received || index >= this.#length) return false;
    this.#received++;
    this.#queue.push(value);
    return true;
  }

  /** The next number for the user, `undefined` if it did not come yet; the one before counts as taken. */
  take(): number | undefined {
    if (this.#out !== undefined) this.#checksum.add(this.#out);
    this.#out = this.#head < this.#queue.length ? this.#queue[this.#head++] : undefined;
    if (this.#head === this.#queue.length && this.#head > 0) {
      this.#queue = [];
      this.#head = 0;
    }
    return this.#out;
  }

  /** The checksums of what was taken. */
  digest(): SequenceDigest {
    return this.#checksum.digest();
  }

  /** What it takes to go on elsewhere. */
  save(): SavedChecksum {
    return this.#checksum.save();
  }
}
