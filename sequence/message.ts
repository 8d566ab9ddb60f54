/**
 * The lines of a resumable sequence as bytes; `grammar.ts` says what they are.
 *
 * The lines that come all the time, NUMBER and ACK, PING and PONG, are read and written without a string
 * or an array of their own. Every other line goes by the grammar, and so does one of these that is not as
 * we write it. A request that is none is answered with a code, so it is decoded to that.
 *
 * @module
 */
import { AsciiWriter, decodeDecimal, latin1Text } from "../core/ascii.ts";
import {
  formatSequenceReply,
  formatSequenceRequest,
  MAX_SEQUENCE_LENGTH,
  parseSequenceReply,
  parseSequenceRequest,
  type SequenceRejection,
  type SequenceReply,
  type SequenceRequest,
} from "./grammar.ts";

export {
  MAX_SEQUENCE_LENGTH,
  MAX_SEQUENCE_LINE_BYTES,
  SEQUENCE_REJECTIONS,
  SEQUENCE_VERSION,
  type SequenceRejection,
  type SequenceReply,
  type SequenceRequest,
} from "./grammar.ts";

/**
 * Reads what a client says in `bytes[start..end)`, a line without its LF.
 *
 * @returns the request, or the code to reject it with; never throws
 *
 * @example
 * ```ts
 * import { decodeSequenceRequest } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * const line = (text: string) => decodeSequenceRequest(new TextEncoder().encode(text));
 * assertEquals(line("ACK 7"), { type: "ack", next: 7 });
 * assertEquals(line("ACK seven"), "MALFORMED");
 * assertEquals(line("HELLO 1 01234567-89ab-4def-8123-456789abcdef 65536"), "LENGTH");
 * ```
 */
export function decodeSequenceRequest(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): SequenceRequest | SequenceRejection {
  const next = numberBehind(ACK, bytes, start, end);
  if (next >= 0 && next <= MAX_SEQUENCE_LENGTH) return { type: "ack", next };
  const id = numberBehind(PONG, bytes, start, end);
  if (id >= 0) return { type: "pong", id };
  return parseSequenceRequest(latin1Text(bytes, start, end));
}

/**
 * Reads what a server says in `bytes[start..end)`, a line without its LF.
 *
 * @returns the reply, or `undefined` if it is malformed; never throws
 *
 * @example
 * ```ts
 * import { decodeSequenceReply } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * const line = (text: string) => decodeSequenceReply(new TextEncoder().encode(text));
 * assertEquals(line("NUMBER 3 0"), { type: "number", index: 3, value: 0 });
 * assertEquals(line("NUMBER 3 4294967296"), undefined);
 * ```
 */
export function decodeSequenceReply(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): SequenceReply | undefined {
  if (startsWith(bytes, start, NUMBER)) {
    const first = start + NUMBER.length;
    let space = first;
    while (space < end && bytes[space] !== SPACE) space++;
    const index = uint32In(bytes, first, space), value = uint32In(bytes, space + 1, end);
    if (index >= 0 && value >= 0) return { type: "number", index, value };
  }
  const id = numberBehind(PING, bytes, start, end);
  if (id >= 0) return { type: "ping", id };
  return parseSequenceReply(latin1Text(bytes, start, end));
}

/**
 * Writes what a client says, with its LF.
 *
 * @example
 * ```ts
 * import { encodeSequenceRequest } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = encodeSequenceRequest({ type: "ack", next: 17 });
 * assertEquals(new TextDecoder().decode(bytes), "ACK 17\n");
 * ```
 */
export function encodeSequenceRequest(request: SequenceRequest): Uint8Array {
  switch (request.type) {
    case "ack":
      return WRITER.bytes(ACK).decimal(request.next).bytes(LINE_FEED).take();
    case "pong":
      return WRITER.bytes(PONG).decimal(request.id).bytes(LINE_FEED).take();
    default:
      return ENCODER.encode(formatSequenceRequest(request));
  }
}

/**
 * Writes what a server says, with its LF.
 *
 * @example
 * ```ts
 * import { encodeSequenceReply } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = encodeSequenceReply({ type: "number", index: 3, value: 7 });
 * assertEquals(new TextDecoder().decode(bytes), "NUMBER 3 7\n");
 * ```
 */
export function encodeSequenceReply(reply: SequenceReply): Uint8Array {
  if (reply.type !== "ping") return ENCODER.encode(formatSequenceReply(reply));
  return WRITER.bytes(PING).decimal(reply.id).bytes(LINE_FEED).take();
}

/** Writes a NUMBER line for each of `values`, the first of which has the index `first`. */
export function encodeNumbers(first: number, values: readonly number[]): Uint8Array {
  for (let i = 0; i < values.length; i++) {
    WRITER.bytes(NUMBER).decimal(first + i).bytes(BLANK).decimal(values[i]!).bytes(LINE_FEED);
  }
  return WRITER.take();
}

/** The uint32 behind a word that the line begins with, or -1 if it is not such a line. */
function numberBehind(word: Uint8Array, bytes: Uint8Array, start: number, end: number): number {
  return startsWith(bytes, start, word) ? uint32In(bytes, start + word.length, end) : -1;
}

function uint32In(bytes: Uint8Array, start: number, end: number): number {
  const value = decodeDecimal(bytes, start, end);
  return value <= UINT32 ? value : -1;
}

/** Whether a word stands at `start`; if it reaches behind the end of the line, no number follows it. */
function startsWith(bytes: Uint8Array, start: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word[i]) return false;
  return true;
}

const ENCODER = new TextEncoder();
const ACK = ENCODER.encode("ACK ");
const NUMBER = ENCODER.encode("NUMBER ");
const PING = ENCODER.encode("PING ");
const PONG = ENCODER.encode("PONG ");
const BLANK = ENCODER.encode(" ");
const LINE_FEED = ENCODER.encode("\n");
const SPACE = 0x20;
const UINT32 = 2 ** 32 - 1;
/** No call leaves a message unfinished in it. */
const WRITER = new AsciiWriter();
