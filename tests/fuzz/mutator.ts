/**
 * Inputs: bytes at random, samples of a grammar, and what is left of either after some damage.
 *
 * @module
 */
import { bytesOf, type Pick } from "./target.ts";

/** What is in every protocol's way. */
const COMMON = ["\n", "\r\n", "\r", "\0", " ", "-", "+", ".", "0", "1", "9", "\x7f", "\xff", "\xe9"]
  .concat("e9", "NaN", "4294967296", "999999999999999", "9".repeat(40), "\\u0041", "__proto__");

/** Makes one input after the other in one buffer. */
export class Mutator {
  readonly #pick: Pick;
  readonly #tokens: readonly Uint8Array[];
  readonly #bytes = new Uint8Array(LONGEST);
  #length = 0;

  /** Damages with the pieces that are given and some that hurt everywhere. */
  constructor(pick: Pick, tokens: readonly string[]) {
    this.#pick = pick;
    this.#tokens = [...tokens, ...COMMON].map(bytesOf);
  }

  /** A copy of `base` with up to three damages, valid until the next. */
  damaged(base: string | Uint8Array): Uint8Array {
    this.#length = Math.min(base.length, LONGEST);
    if (typeof base === "string") {
      for (let i = 0; i < this.#length; i++) this.#bytes[i] = base.charCodeAt(i);
    } else this.#bytes.set(base.subarray(0, this.#length));
    for (let left = this.#pick(4); left > 0; left--) this.#damage();
    return this.#bytes.subarray(0, this.#length);
  }

  /** Up to 200 bytes at random, valid until the next. */
  noise(): Uint8Array {
    this.#length = this.#pick(200);
    for (let i = 0; i < this.#length; i++) this.#bytes[i] = this.#pick(256);
    return this.#bytes.subarray(0, this.#length);
  }

  #damage(): void {
    const pick = this.#pick;
    const at = pick(this.#length + 1);
    switch (pick(8)) {
      case 0:
        if (at < this.#length) this.#bytes[at] = pick(256);
        break;
      case 1:
        if (at < this.#length) this.#bytes[at]! ^= 1 << pick(8);
        break;
      case 2:
        this.#cut(at, 1 + pick(8));
        break;
      case 3:
        this.#insert(at, this.#bytes.slice(Math.max(0, at - pick(60)), at), 1);
        break;
      case 4: // as above, far beyond every limit
        if (pick(8) === 0) {
          this.#insert(at, this.#bytes.slice(Math.max(0, at - 1 - pick(9)), at), 999);
        }
        break;
      case 5:
        this.#cut(at, 1 + pick(2));
        this.#insert(at, this.#token(), 1);
        break;
      case 6:
        this.#insert(at, this.#token(), 1);
        break;
      default:
        this.#length = at;
    }
  }

  #token(): Uint8Array {
    return this.#tokens[this.#pick(this.#tokens.length)]!;
  }

  #cut(at: number, length: number): void {
    const end = Math.min(this.#length, at + length);
    this.#bytes.copyWithin(at, end, this.#length);
    this.#length -= end - Math.min(at, end);
  }

  #insert(at: number, piece: Uint8Array, times: number): void {
    const count = Math.min(times, Math.floor((LONGEST - this.#length) / (piece.length || 1)));
    const room = count * piece.length;
    this.#bytes.copyWithin(at + room, at, this.#length);
    for (let i = 0; i < count; i++) this.#bytes.set(piece, at + i * piece.length);
    this.#length += room;
  }
}

/** Above the longest message of any protocol, a keepalive line. */
const LONGEST = 16_384;
