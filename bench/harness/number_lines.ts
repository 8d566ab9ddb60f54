/**
 * A whole sequence as its lines go over the wire.
 *
 * This file knows the line of a number. It does not know sockets.
 *
 * @module
 */
import { numbersOf } from "../../sequence/mod.ts";

/** The longest sequence there is, in as many pieces as the library writes without an interval. */
export function numberLines(): Uint8Array[] {
  const value = numbersOf([1, 2]);
  const chunks: Uint8Array[] = [];
  for (let next = 0; next < LENGTH;) {
    let text = "";
    const end = Math.min(LENGTH, next + NUMBERS_PER_WRITE);
    for (; next < end; next++) text += `NUMBER ${next} ${value(next)}\n`;
    chunks.push(new TextEncoder().encode(text));
  }
  return chunks;
}

const LENGTH = 65_535;
/** The library's server sends up to so many numbers in one write. */
const NUMBERS_PER_WRITE = 4_096;
