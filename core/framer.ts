/**
 * Cuts a byte stream into messages that end in a fixed mark, however the bytes arrive.
 *
 * @module
 */
import { latin1Text } from "./ascii.ts";

/**
 * A bounded, incremental framer that copies only messages which straddle two chunks.
 *
 * Push a chunk, then call `next` until it returns false; while it returns true a whole message
 * without its mark lies at `bytes[start..end)`, valid until the next call. "Need more bytes" is a
 * value (`false`), a message above the limit is a fact (`tooLong`) after which nothing comes.
 *
 * @example A line in two pieces, and two lines in one
 * ```ts
 * import { Framer } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const framer = new Framer("\n", { limit: 100 });
 * const seen: string[] = [];
 * for (const chunk of ["PI", "NG 1\nPONG 1\n"]) {
 *   framer.push(new TextEncoder().encode(chunk));
 *   while (framer.next()) seen.push(framer.text());
 * }
 * assertEquals(seen, ["PING 1", "PONG 1"]);
 * ```
 */
export class Framer {
  /** The bytes the current message lies in. */
  bytes: Uint8Array = EMPTY;
  /** Where the current message starts in `bytes`. */
  start = 0;
  /** Where the current message ends in `bytes`, the mark not counted. */
  end = 0;
  /** A message went over the limit; this framer yields nothing more. */
  tooLong = false;

  readonly #mark: Uint8Array;
  readonly #last: number;
  readonly #limit: number;
  /** The head of a message whose end has not arrived; at most limit and mark long. */
  #carry: Uint8Array = EMPTY;
  #carried = 0;
  #chunk: Uint8Array = EMPTY;
  #position = 0;

  /**
   * Makes a framer that waits for its first byte.
   *
   * @param mark the ASCII text that ends each message
   * @param options `limit`: the longest message in bytes, its mark not counted
   */
  constructor(mark: string, options: { limit: number }) {
    this.#mark = markOf(mark);
    this.#last = this.#mark[this.#mark.length - 1]!;
    this.#limit = options.limit;
  }

  /** How many bytes of an unfinished message are waiting. */
  get waiting(): number {
    return this.#carried;
  }

  /** Gives the framer the next bytes of the stream; all of the last chunk must have been taken. */
  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#position = 0;
  }

  /** Moves to the next whole message; false when more bytes are needed or one was too long. */
  next(): boolean {
    if (this.tooLong) return false;
    return this.#carried > 0 ? this.#nextCarried() : this.#nextInChunk();
  }

  /**
   * Moves to what waits, as if its mark had come: for streams in which silence or the end ends a
   * message too. False if nothing waits.
   */
  rest(): boolean {
    if (this.#carried === 0) return false;
    const end = this.#carried;
    this.#carried = 0;
    return this.#found(this.#carry, 0, end);
  }

  /** The current message as text; bytes outside ASCII become their Latin-1 characters. */
  text(): string {
    return latin1Text(this.bytes, this.start, this.end);
  }

  #nextInChunk(): boolean {
    const chunk = this.#chunk, last = this.#last, behind = this.#mark.length - 1;
    const start = this.#position;
    if (behind === 1) return this.#nextByPair(start);
    for (let i = start + behind; i < chunk.length; i++) {
      if (chunk[i] !== last || !this.#marked(chunk, i)) continue;
      this.#position = i + 1;
      return this.#found(chunk, start, i - behind);
    }
    return this.#keepTail(start);
  }

  /** A mark of two bytes is found by looking at every second byte: half the time of the general way. */
  #nextByPair(start: number): boolean {
    const chunk = this.#chunk, length = chunk.length, first = this.#mark[0], last = this.#last;
    for (let i = start + 1; i < length; i += 2) {
      const byte = chunk[i];
      if (byte === last && chunk[i - 1] === first) {
        this.#position = i + 1;
        return this.#found(chunk, start, i - 1);
      }
      if (byte === first && chunk[i + 1] === last) {
        this.#position = i + 2;
        return this.#found(chunk, start, i);
      }
    }
    return this.#keepTail(start);
  }

  /** Goes on with a message that began in an earlier chunk, one byte at a time. */
  #nextCarried(): boolean {
    const chunk = this.#chunk, carry = this.#carry;
    while (this.#position < chunk.length) {
      const byte = chunk[this.#position++]!;
      carry[this.#carried++] = byte;
      if (byte === this.#last && this.#marked(carry, this.#carried - 1)) {
        const end = this.#carried - this.#mark.length;
        this.#carried = 0;
        return this.#found(carry, 0, end);
      }
      if (this.#carried === carry.length) return this.#overflow();
    }
    return this.#taken();
  }

  /** Whether the mark ends at `at`; its last byte is known to match. */
  #marked(bytes: Uint8Array, at: number): boolean {
    const mark = this.#mark;
    for (let i = mark.length - 2, j = at - 1; i >= 0; i--, j--) {
      if (bytes[j] !== mark[i]) return false;
    }
    return true;
  }

  #found(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start > this.#limit) return this.#overflow();
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    return true;
  }

  #keepTail(start: number): false {
    const tail = this.#chunk.length - start;
    if (tail === 0) return this.#taken();
    const room = this.#limit + this.#mark.length;
    if (tail >= room) return this.#overflow();
    if (this.#carry.length === 0) this.#carry = new Uint8Array(room);
    this.#carry.set(this.#chunk.subarray(start));
    this.#carried = tail;
    return this.#taken();
  }

  /** The chunk is used up; not kept, because its owner may not say anything more for hours. */
  #taken(): false {
    this.#chunk = this.bytes = EMPTY;
    this.#position = 0;
    return false;
  }

  #overflow(): false {
    this.tooLong = true;
    this.#chunk = this.#carry = this.bytes = EMPTY;
    this.#carried = 0;
    return false;
  }
}

/** The bytes of a mark: there are few marks, and as many framers as connections. */
function markOf(text: string): Uint8Array {
  const known = MARKS.get(text);
  if (known) return known;
  const mark = Uint8Array.from(text, (character) => character.charCodeAt(0));
  MARKS.set(text, mark);
  return mark;
}

const MARKS = new Map<string, Uint8Array>();
const EMPTY = new Uint8Array(0);
