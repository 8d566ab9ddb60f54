/**
 * The lines of a resumable sequence as bytes.
 *
 * This file knows which lines come all the time, NUMBER and ACK, PING and PONG: they are read and
 * written without a string or an array of their own. It does not know the grammar, which is in
 * `message.ts`: every other line goes by it, and so does one of these that is not as we write it.
 *
 * @module
 */
import { AsciiWriter, decodeDecimal, latin1Text } from "../core/ascii.ts";
import {
  decodeSequenceReply,
  decodeSequenceRequest,
  encodeSequenceReply,
  encodeSequenceRequest,
  MAX_SEQUENCE_LENGTH,
  type SequenceRejection,
  type SequenceReply,
  type SequenceRequest,
} from "./message.ts";

/** Reads what a client says in `bytes[start..end)`, a line without its LF, as `decodeSequenceRequest`. */
export function readSequenceRequest(
  bytes: Uint8Array,
  start: number,
  end: number,
): SequenceRequest | SequenceRejection {
  const next = numberBehind(ACK, bytes, start, end);
  if (next >= 0 && next <= MAX_SEQUENCE_LENGTH) return { type: "ack", next };
  const id = numberBehind(PONG, bytes, start, end);
  if (id >= 0) return { type: "pong", id };
  return decodeSequenceRequest(latin1Text(bytes, start, end));
}

/** Reads what a server says in `bytes[start..end)`, a line without its LF, as `decodeSequenceReply`. */
export function readSequenceReply(
  bytes: Uint8Array,
  start: number,
  end: number,
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
  return decodeSequenceReply(latin1Text(bytes, start, end));
}

/** Writes what a client says, with its LF. */
export function writeSequenceRequest(request: SequenceRequest): Uint8Array {
  switch (request.type) {
    case "ack":
      return WRITER.bytes(ACK).decimal(request.next).bytes(LINE_FEED).take();
    case "pong":
      return WRITER.bytes(PONG).decimal(request.id).bytes(LINE_FEED).take();
    default:
      return ENCODER.encode(encodeSequenceRequest(request));
  }
}

/** Writes what a server says, with its LF; many numbers are written at once by `writeNumbers`. */
export function writeSequenceReply(reply: SequenceReply): Uint8Array {
  if (reply.type !== "ping") return ENCODER.encode(encodeSequenceReply(reply));
  return WRITER.bytes(PING).decimal(reply.id).bytes(LINE_FEED).take();
}

/** Writes a NUMBER line for each of `values`, the first of which has the index `first`. */
export function writeNumbers(first: number, values: readonly number[]): Uint8Array {
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
