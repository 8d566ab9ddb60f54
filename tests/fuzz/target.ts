/**
 * What can be fuzzed, and how one is asked.
 *
 * @module
 */

/** A whole number in 0..below-1, drawn at random. */
export type Pick = (below: number) => number;

/** A decoder or a server, and what is needed to reach behind its first byte. */
export interface Target {
  /** Its name, which is also that of its file in `corpus/`. */
  readonly name: string;
  /** Pieces of its grammar, and what its grammar stops at; one character is one byte. */
  readonly tokens: readonly string[];
  /** Makes an input that is mostly good; one character is one byte. */
  sample(pick: Pick): string;
  /** Starts anew. */
  start(): Run;
  /** What is measured when its cost is; `undefined` where the time is not ours. */
  readonly cost?: Cost | undefined;
}

/** The work whose cost per byte must not grow with the input. */
export interface Cost {
  /** Lengths in bytes; each is compared with one 32 times as long. */
  readonly lengths: readonly number[];
  /** Takes an input without checking anything. */
  work(input: Uint8Array): void;
}

/** A target at work; a server lives through all inputs of a run, a decoder has nothing to remember. */
export interface Run {
  /**
   * Takes one input, valid only during the call.
   *
   * @param pick draws where streams are cut
   * @returns the class of what came of it
   * @throws if it broke a promise
   */
  take(input: Uint8Array, pick: Pick): string;
  /** Throws if all inputs together broke a promise. */
  finish?(): void;
}

/** Text whose characters are bytes. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** The bytes of a text whose characters are bytes. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** One of several. */
export function oneOf<Value>(pick: Pick, values: readonly Value[]): Value {
  return values[pick(values.length)]!;
}
