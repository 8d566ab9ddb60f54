/**
 * The two messages of TCP heartbeats.
 *
 * ```text
 * Sequence #3: Sending heartbeat at 1752356183.5769.␠
 *           |                       \_____________/\_ the mark: a full stop and a space, no newline
 *           |                       time: seconds since 1970, 0 to 9 decimals; we write 4
 *           sequence: counts up from 1, at most 15 digits, no leading zeros
 *
 * Ack #3 at 1752356183.5771.␠      the answer, only when both sides are started with acks
 * ```
 *
 * Bytes arrive cut and coalesced anywhere: `Framer(TCP_MARK, { limit: MAX_TCP_MESSAGE_BYTES })` yields each
 * message without its mark, which is what the decoders read. One LF or CR LF in front of a message is
 * skipped, so that it can be typed in netcat. Source: seed 001; the acks are ours.
 *
 * @module
 */
import { decodeTimestamp, encodeTimestamp } from "../core/timestamp.ts";

/** A number and a time: what both messages say. */
export interface TcpHeartbeat {
  /** Counts up from 1 with each heartbeat a client sends, below 10^15. */
  readonly sequence: number;
  /** Milliseconds since 1970 on the sender's clock. */
  readonly sentAt: number;
}

/**
 * What ends every message.
 *
 * @example
 * ```ts
 * import { Framer } from "@heartline/heartline/core";
 * import { encodeTcpHeartbeat, MAX_TCP_MESSAGE_BYTES, TCP_MARK } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * const framer = new Framer(TCP_MARK, { limit: MAX_TCP_MESSAGE_BYTES });
 * framer.push(encodeTcpHeartbeat({ sequence: 1, sentAt: 1_000 }));
 * assertEquals(framer.next(), true);
 * assertEquals(framer.text(), "Sequence #1: Sending heartbeat at 1.0000");
 * ```
 */
export const TCP_MARK = ". ";

/**
 * Without its mark the longest message has 72 bytes; what is longer than this is malformed.
 *
 * @example
 * ```ts
 * import { Framer } from "@heartline/heartline/core";
 * import { MAX_TCP_MESSAGE_BYTES, TCP_MARK } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * const framer = new Framer(TCP_MARK, { limit: MAX_TCP_MESSAGE_BYTES });
 * framer.push(new Uint8Array(2 * MAX_TCP_MESSAGE_BYTES)); // and no mark in it
 * assertEquals([framer.next(), framer.tooLong], [false, true]); // time to close the connection
 * ```
 */
export const MAX_TCP_MESSAGE_BYTES = 128;

/**
 * Reads the heartbeat in `bytes[start..end)`, its mark not included.
 *
 * @returns the heartbeat, or `undefined` if it is malformed; never throws
 *
 * @example
 * ```ts
 * import { decodeTcpHeartbeat } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("Sequence #3: Sending heartbeat at 1752356183.25");
 * assertEquals(decodeTcpHeartbeat(bytes), { sequence: 3, sentAt: 1752356183250 });
 * assertEquals(decodeTcpHeartbeat(bytes, 0, 20), undefined);
 * ```
 */
export function decodeTcpHeartbeat(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): TcpHeartbeat | undefined {
  return decode(bytes, start, end, SEQUENCE, SENDING);
}

/**
 * Reads the ack in `bytes[start..end)`, its mark not included; `sentAt` is the server's time.
 *
 * @returns the ack, or `undefined` if it is malformed; never throws
 *
 * @example
 * ```ts
 * import { decodeTcpAck } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("Ack #3 at 1752356183.25");
 * assertEquals(decodeTcpAck(bytes), { sequence: 3, sentAt: 1752356183250 });
 * ```
 */
export function decodeTcpAck(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): TcpHeartbeat | undefined {
  return decode(bytes, start, end, ACK, AT);
}

/**
 * Writes a heartbeat with its mark; the time has four decimals.
 *
 * @param heartbeat `sequence` 1..10^15-1 and `sentAt` in ms since 1970, from 0
 *
 * @example
 * ```ts
 * import { encodeTcpHeartbeat } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = encodeTcpHeartbeat({ sequence: 3, sentAt: 1752356183250 });
 * assertEquals(new TextDecoder().decode(bytes), "Sequence #3: Sending heartbeat at 1752356183.2500. ");
 * ```
 */
export function encodeTcpHeartbeat(heartbeat: TcpHeartbeat): Uint8Array {
  return ENCODER.encode(formatTcpHeartbeat(heartbeat));
}

/**
 * Writes an ack with its mark; the time has four decimals.
 *
 * @param ack `sequence` of the heartbeat and `sentAt`, the server's time in ms since 1970
 *
 * @example
 * ```ts
 * import { encodeTcpAck } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = encodeTcpAck({ sequence: 3, sentAt: 1752356183250 });
 * assertEquals(new TextDecoder().decode(bytes), "Ack #3 at 1752356183.2500. ");
 * ```
 */
export function encodeTcpAck(ack: TcpHeartbeat): Uint8Array {
  return ENCODER.encode(formatTcpAck(ack));
}

/**
 * The text that {@linkcode encodeTcpHeartbeat} writes.
 *
 * @example
 * ```ts
 * import { formatTcpHeartbeat } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * const text = formatTcpHeartbeat({ sequence: 3, sentAt: 1752356183250 });
 * assertEquals(text, "Sequence #3: Sending heartbeat at 1752356183.2500. ");
 * ```
 */
export function formatTcpHeartbeat({ sequence, sentAt }: TcpHeartbeat): string {
  return `Sequence #${sequence}: Sending heartbeat at ${encodeTimestamp(sentAt, 4)}${TCP_MARK}`;
}

/**
 * The text that {@linkcode encodeTcpAck} writes.
 *
 * @example
 * ```ts
 * import { formatTcpAck } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatTcpAck({ sequence: 3, sentAt: 1752356183250 }), "Ack #3 at 1752356183.2500. ");
 * ```
 */
export function formatTcpAck({ sequence, sentAt }: TcpHeartbeat): string {
  return `Ack #${sequence} at ${encodeTimestamp(sentAt, 4)}${TCP_MARK}`;
}

/** Reads `<word><number><words><time>`, all of `bytes[start..end)`. */
function decode(
  bytes: Uint8Array,
  start: number,
  end: number,
  word: Uint8Array,
  words: Uint8Array,
): TcpHeartbeat | undefined {
  let at = start;
  if (bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED) at++;
  if (bytes[at] === LINE_FEED) at++;
  // The shortest message has one digit in each number; what follows may read that far unchecked.
  if (end - at < word.length + words.length + 2) return undefined;
  for (let i = 0; i < word.length; i++, at++) {
    if (bytes[at] !== word[i]) return undefined;
  }
  const firstDigit = at;
  let sequence = bytes[at++]! - ZERO;
  if (!(sequence >= 1 && sequence <= 9)) return undefined;
  for (let digit; at < end && (digit = bytes[at]! - ZERO) >= 0 && digit <= 9; at++) {
    sequence = sequence * 10 + digit;
  }
  if (at - firstDigit > MAX_SEQUENCE_DIGITS || end - at <= words.length) return undefined;
  for (let i = 0; i < words.length; i++, at++) {
    if (bytes[at] !== words[i]) return undefined;
  }
  const sentAt = decodeTimestamp(bytes, at, end);
  return sentAt < 0 ? undefined : { sequence, sentAt };
}

/** Below 2^53, so that every number is exact. */
const MAX_SEQUENCE_DIGITS = 15;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
const ZERO = 0x30;
const ENCODER = new TextEncoder();
const SEQUENCE = ENCODER.encode("Sequence #");
const SENDING = ENCODER.encode(": Sending heartbeat at ");
const ACK = ENCODER.encode("Ack #");
const AT = ENCODER.encode(" at ");
