/**
 * Digits and letters as the bytes of a wire, without a string in between.
 *
 * @module
 */

/**
 * Reads a whole number without sign or leading zeros, which must fill `bytes[start..end)`: 1 to 15
 * digits.
 *
 * @returns the number, or -1 if it is malformed; never throws
 *
 * @example
 * ```ts
 * import { decodeDecimal } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("ACK 17");
 * assertEquals(decodeDecimal(bytes, 4, 6), 17);
 * assertEquals(decodeDecimal(bytes, 3, 6), -1); // a space is no digit
 * ```
 */
export function decodeDecimal(bytes: Uint8Array, start: number, end: number): number {
  const digits = end - start;
  if (digits < 1 || digits > MAX_DIGITS || bytes[start] === ZERO && digits > 1) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/**
 * Makes text of `bytes[start..end)`; bytes outside ASCII become their Latin-1 characters.
 *
 * @example
 * ```ts
 * import { latin1Text } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(latin1Text(new TextEncoder().encode("ACK 17"), 0, 3), "ACK");
 * ```
 */
export function latin1Text(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at += MOST_ARGUMENTS) {
    // Spread would walk through an iterator; `apply` takes the bytes as a list.
    const piece = bytes.subarray(at, Math.min(end, at + MOST_ARGUMENTS));
    text += String.fromCharCode.apply(undefined, piece as unknown as number[]);
  }
  return text;
}

/**
 * Writes short messages one behind the other into one page, and gives each out as a view of it.
 *
 * A `Uint8Array` with memory of its own costs ten times what a line of a few numbers costs to write,
 * so messages share theirs: whoever gets one may keep it, and may not change or transfer it. A page is
 * kept as long as one of its messages is.
 *
 * @example
 * ```ts
 * import { AsciiWriter } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const encoder = new TextEncoder();
 * const word = encoder.encode("ACK "), end = encoder.encode("\n");
 * const writer = new AsciiWriter();
 * assertEquals(writer.bytes(word).decimal(17).bytes(end).take(), encoder.encode("ACK 17\n"));
 * ```
 */
export class AsciiWriter {
  #page: Uint8Array<ArrayBuffer> = EMPTY;
  /** Where the message that is being written starts in the page, and where it goes on. */
  #start = 0;
  #at = 0;

  /** Goes on with bytes as they are. */
  bytes(word: Uint8Array): this {
    const { length } = word;
    if (this.#page.length - this.#at < length) this.#newPage(length);
    const page = this.#page, at = this.#at;
    for (let i = 0; i < length; i++) page[at + i] = word[i]!;
    this.#at = at + length;
    return this;
  }

  /** Goes on with the characters of an ASCII text. */
  text(text: string): this {
    const { length } = text;
    if (this.#page.length - this.#at < length) this.#newPage(length);
    const page = this.#page, at = this.#at;
    for (let i = 0; i < length; i++) page[at + i] = text.charCodeAt(i);
    this.#at = at + length;
    return this;
  }

  /** Goes on with a uint32 in decimal. */
  decimal(value: number): this {
    if (this.#page.length - this.#at < UINT32_DIGITS) this.#newPage(UINT32_DIGITS);
    const page = this.#page, start = this.#at, end = start + digitsOf(value);
    let rest = value;
    for (let at = end - 1; at >= start; at--) {
      const tenth = (rest / 10) >>> 0;
      page[at] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.#at = end;
    return this;
  }

  /** Ends the message, and returns it. */
  take(): Uint8Array<ArrayBuffer> {
    const message = this.#page.subarray(this.#start, this.#at);
    this.#start = this.#at;
    return message;
  }

  /** Takes what was written of the message to a new page, on which there is room for `more` bytes. */
  #newPage(more: number): void {
    const begun = this.#page.subarray(this.#start, this.#at);
    this.#page = new Uint8Array(Math.max(PAGE, 2 * (begun.length + more)));
    this.#page.set(begun);
    this.#start = 0;
    this.#at = begun.length;
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let power = 10; value >= power; power *= 10) digits++;
  return digits;
}

const ZERO = 0x30;
/** What a number holds exactly. */
const MAX_DIGITS = 15;
const UINT32_DIGITS = 10;
/** A call takes no more than its stack has room for. */
const MOST_ARGUMENTS = 1_024;
/** In bytes: some three hundred lines, which keep so much while one of them is kept. */
const PAGE = 8_192;
const EMPTY = new Uint8Array(0);
