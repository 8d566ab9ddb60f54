/**
 * The one datagram of UDP heartbeats.
 *
 * ```text
 * heartbeat 3 1752356183.5769\n
 * \_______/ | \_____________/ \_ one line feed at the end is accepted
 *   word    |   time: seconds since 1970, decimals optional
 *           sequence: 1..10, the place of the datagram in its burst
 * ```
 *
 * One space between the fields, ASCII, no leading zeros in the sequence. Fields after the time are
 * reserved and rejected for now. What is no heartbeat is decoded to the reason, which servers count.
 * Source: seed 000.
 *
 * @module
 */
import { AsciiWriter } from "../core/ascii.ts";
import { decodeTimestamp, encodeTimestamp } from "../core/timestamp.ts";

/** What a datagram says. */
export interface Heartbeat {
  /** The place in the burst, 1..10. */
  readonly sequence: number;
  /** Milliseconds since 1970 on the sender's clock. */
  readonly sentAt: number;
}

/** Why a datagram is not a heartbeat. */
export type HeartbeatFault = "malformed" | "sequence-out-of-range";

/**
 * A full heartbeat message has this many datagrams.
 *
 * @example
 * ```ts
 * import { BURST_SIZE, encodeHeartbeat } from "@heartline/heartline/udp";
 * import { assertEquals } from "@std/assert";
 *
 * const burst = Array.from({ length: BURST_SIZE }, (_, index) =>
 *   encodeHeartbeat({ sequence: index + 1, sentAt: 1_752_356_183_250 })
 * );
 * assertEquals(burst.length, 10);
 * ```
 */
export const BURST_SIZE = 10;

/**
 * The longest heartbeat has 36 bytes; what is longer than this is none, whatever it says.
 *
 * @example
 * ```ts
 * import { decodeHeartbeat, MAX_HEARTBEAT_BYTES } from "@heartline/heartline/udp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeHeartbeat(new Uint8Array(MAX_HEARTBEAT_BYTES + 1)), "malformed");
 * ```
 */
export const MAX_HEARTBEAT_BYTES = 64;

/**
 * Reads the datagram in `bytes[start..end)`.
 *
 * @returns the heartbeat, or the reason why it is none; never throws
 *
 * @example
 * ```ts
 * import { decodeHeartbeat } from "@heartline/heartline/udp";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("heartbeat 3 1752356183.25");
 * assertEquals(decodeHeartbeat(bytes), { sequence: 3, sentAt: 1752356183250 });
 * assertEquals(decodeHeartbeat(bytes.subarray(0, 5)), "malformed");
 * ```
 */
export function decodeHeartbeat(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): Heartbeat | HeartbeatFault {
  if (end - start > MAX_HEARTBEAT_BYTES) return "malformed";
  if (bytes[end - 1] === LINE_FEED) end--;
  for (let i = 0; i < WORD.length; i++) {
    if (bytes[start + i] !== WORD[i]) return "malformed";
  }
  const first = start + WORD.length;
  let at = first;
  let sequence = 0;
  for (let digit; (digit = bytes[at]! - ZERO) >= 0 && digit <= 9; at++) {
    sequence = sequence * 10 + digit;
  }
  const digits = at - first;
  if (digits === 0 || bytes[at] !== SPACE) return "malformed";
  if (digits > 1 && bytes[first] === ZERO) return "malformed";
  const sentAt = decodeTimestamp(bytes, at + 1, end);
  if (sentAt < 0) return "malformed";
  if (sequence < 1 || sequence > BURST_SIZE) return "sequence-out-of-range";
  return { sequence, sentAt };
}

/**
 * Writes one datagram, without a line feed; the time has six decimals. Its memory is shared with others: it
 * may be kept, but not changed or transferred.
 *
 * @param heartbeat `sequence` 1..10 and `sentAt` in ms since 1970, from 0
 *
 * @example
 * ```ts
 * import { encodeHeartbeat } from "@heartline/heartline/udp";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = encodeHeartbeat({ sequence: 3, sentAt: 1752356183250 });
 * assertEquals(new TextDecoder().decode(bytes), "heartbeat 3 1752356183.250000");
 * ```
 */
export function encodeHeartbeat({ sequence, sentAt }: Heartbeat): Uint8Array {
  return WRITER.bytes(WORD).decimal(sequence).text(` ${encodeTimestamp(sentAt, 6)}`).take();
}

const LINE_FEED = 0x0a;
const SPACE = 0x20;
const ZERO = 0x30;
const WORD = new TextEncoder().encode("heartbeat ");
const WRITER = new AsciiWriter();
