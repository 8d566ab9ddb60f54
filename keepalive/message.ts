/**
 * The messages of a keepalive connection.
 *
 * ```text
 * DATA 3 temperature 21.5␊     a payload of the application, numbered
 * REPLY 3 ok␊                  the answer to the DATA with that number
 * HEARTBEAT 1␊                 a probe, numbered on its own
 * HEARTBEAT-ACK 1␊             its answer
 * TERMINATE silent␊            the last line: the sender closes, and why
 * │         │ │
 * │         │ └ payload: printable ASCII up to the end of the line; may be empty
 * │         └ id: counts up from 1 for each kind and side, at most 15 digits, no leading zeros
 * └ one space after the word and one after the id
 * ```
 *
 * A payload is any text. What would break the line, or is no ASCII, is escaped as in JSON: `\\`, `\n`,
 * `\r`, `\t`, and `\uXXXX` for each other UTF-16 unit outside 0x20..0x7E. Plain ASCII without a
 * backslash stands as it is, so that the lines can be typed in netcat. A CR before the LF is skipped.
 *
 * Bytes arrive cut and joined anywhere: `Framer(KEEPALIVE_MARK, { limit: MAX_KEEPALIVE_LINE_BYTES })`
 * yields each line without its mark, which is what the decoder reads. Source: seed 004 and
 * docs/PROTOCOLS.md.
 *
 * @module
 */
import { HeartlineError } from "../core/errors.ts";

/** One line. */
export type KeepaliveMessage =
  | { readonly type: "data"; readonly id: number; readonly payload: string }
  | { readonly type: "reply"; readonly id: number; readonly payload: string }
  | { readonly type: "heartbeat"; readonly id: number }
  | { readonly type: "heartbeat-ack"; readonly id: number }
  | { readonly type: "terminate"; readonly reason: string };

/**
 * What ends every line.
 *
 * @example
 * ```ts
 * import { Framer } from "@heartline/heartline/core";
 * import {
 *   decodeKeepalive,
 *   encodeKeepalive,
 *   KEEPALIVE_MARK,
 *   MAX_KEEPALIVE_LINE_BYTES,
 * } from "@heartline/heartline/keepalive";
 * import { assertEquals } from "@std/assert";
 *
 * const framer = new Framer(KEEPALIVE_MARK, { limit: MAX_KEEPALIVE_LINE_BYTES });
 * framer.push(encodeKeepalive({ type: "heartbeat", id: 1 }));
 * assertEquals(framer.next(), true);
 * const { bytes, start, end } = framer;
 * assertEquals(decodeKeepalive(bytes, start, end), { type: "heartbeat", id: 1 });
 * ```
 */
export const KEEPALIVE_MARK = "\n";

/**
 * The longest payload in bytes as it stands on the line, escapes counted: eight of them fit into what
 * may wait unsent for a peer, and 10,000 peers that each stop in the middle of one hold 80 MB.
 *
 * @example
 * ```ts
 * import { encodeKeepalive, MAX_KEEPALIVE_PAYLOAD_BYTES } from "@heartline/heartline/keepalive";
 * import { assertThrows } from "@std/assert";
 *
 * const longest = "x".repeat(MAX_KEEPALIVE_PAYLOAD_BYTES);
 * encodeKeepalive({ type: "data", id: 1, payload: longest });
 * assertThrows(() => encodeKeepalive({ type: "data", id: 1, payload: `${longest}x` }));
 * ```
 */
export const MAX_KEEPALIVE_PAYLOAD_BYTES = 8_192;

/**
 * The longest line without its mark: `REPLY`, 15 digits, two spaces, the payload and a CR.
 *
 * @example
 * ```ts
 * import { Framer } from "@heartline/heartline/core";
 * import { KEEPALIVE_MARK, MAX_KEEPALIVE_LINE_BYTES } from "@heartline/heartline/keepalive";
 * import { assertEquals } from "@std/assert";
 *
 * const framer = new Framer(KEEPALIVE_MARK, { limit: MAX_KEEPALIVE_LINE_BYTES });
 * framer.push(new Uint8Array(MAX_KEEPALIVE_LINE_BYTES + 1)); // and no mark in it
 * assertEquals([framer.next(), framer.tooLong], [false, true]); // time to close the connection
 * ```
 */
export const MAX_KEEPALIVE_LINE_BYTES: number = 5 + 1 + 15 + 1 + MAX_KEEPALIVE_PAYLOAD_BYTES + 1;

/**
 * Writes a line with its mark.
 *
 * @throws {HeartlineError} `invalid-option` if the payload is longer than
 * {@linkcode MAX_KEEPALIVE_PAYLOAD_BYTES} with its escapes
 *
 * @example
 * ```ts
 * import { encodeKeepalive } from "@heartline/heartline/keepalive";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = encodeKeepalive({ type: "data", id: 3, payload: "a\nb" });
 * assertEquals(new TextDecoder().decode(bytes), "DATA 3 a\\nb\n");
 * ```
 */
export function encodeKeepalive(message: KeepaliveMessage): Uint8Array {
  return ENCODER.encode(formatKeepalive(message));
}

/**
 * The text that {@linkcode encodeKeepalive} writes.
 *
 * @throws {HeartlineError} `invalid-option` if the payload is too long
 *
 * @example
 * ```ts
 * import { formatKeepalive } from "@heartline/heartline/keepalive";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatKeepalive({ type: "heartbeat", id: 1 }), "HEARTBEAT 1\n");
 * ```
 */
export function formatKeepalive(message: KeepaliveMessage): string {
  switch (message.type) {
    case "data":
      return `DATA ${message.id} ${escapePayload(message.payload)}\n`;
    case "reply":
      return `REPLY ${message.id} ${escapePayload(message.payload)}\n`;
    case "heartbeat":
      return `HEARTBEAT ${message.id}\n`;
    case "heartbeat-ack":
      return `HEARTBEAT-ACK ${message.id}\n`;
    case "terminate":
      return `TERMINATE ${message.reason}\n`;
  }
}

/**
 * Reads the line in `bytes[start..end)`, its mark not included.
 *
 * @returns the message, or `undefined` if it is malformed; never throws
 *
 * @example
 * ```ts
 * import { decodeKeepalive } from "@heartline/heartline/keepalive";
 * import { assertEquals } from "@std/assert";
 *
 * const line = (text: string) => decodeKeepalive(new TextEncoder().encode(text));
 * assertEquals(line("REPLY 3 a\\nb"), { type: "reply", id: 3, payload: "a\nb" });
 * assertEquals(line("HEARTBEAT-ACK 1"), { type: "heartbeat-ack", id: 1 });
 * assertEquals(line("HEARTBEAT one"), undefined);
 * ```
 */
export function decodeKeepalive(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): KeepaliveMessage | undefined {
  // Checked first: text is made of what came, however much that is.
  if (end - start > MAX_KEEPALIVE_LINE_BYTES) return undefined;
  const match = LINE.exec(String.fromCharCode(...bytes.subarray(start, end)));
  if (!match) return undefined;
  const [, word, id, payload = "", probe, probeId, last, reason = ""] = match;
  if (word !== undefined) return decodePayload(word, Number(id), payload);
  if (last !== undefined) return { type: "terminate", reason };
  return { type: probe === "HEARTBEAT" ? "heartbeat" : "heartbeat-ack", id: Number(probeId) };
}

/**
 * Writes a payload as it stands on the line.
 *
 * @throws {HeartlineError} `invalid-option` if it is too long
 *
 * @example
 * ```ts
 * import { escapePayload } from "@heartline/heartline/keepalive";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escapePayload("21 °C"), "21 \\u00b0C");
 * ```
 */
export function escapePayload(payload: string): string {
  const escaped = UNSAFE.test(payload) ? payload.replace(EACH_UNSAFE, escapeUnit) : payload;
  if (escaped.length <= MAX_KEEPALIVE_PAYLOAD_BYTES) return escaped;
  throw new HeartlineError(
    "invalid-option",
    `Cannot send a payload: wanted at most ${MAX_KEEPALIVE_PAYLOAD_BYTES} bytes with its ` +
      `escapes, current value has ${escaped.length}`,
  );
}

function decodePayload(word: string, id: number, escaped: string): KeepaliveMessage | undefined {
  if (escaped.length > MAX_KEEPALIVE_PAYLOAD_BYTES) return undefined;
  let payload = escaped;
  if (escaped.includes("\\")) {
    if (!ESCAPED.test(escaped)) return undefined;
    payload = escaped.replace(EACH_ESCAPE, unescapeUnit);
  }
  return { type: word === "DATA" ? "data" : "reply", id, payload };
}

function escapeUnit(unit: string): string {
  const short = SHORT.get(unit);
  return short ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function unescapeUnit(escape: string): string {
  return LONG.get(escape) ?? String.fromCharCode(parseInt(escape.slice(2), 16));
}

/** The reason of a TERMINATE is for people, and short. */
const LINE = new RegExp(
  "^(?:(DATA|REPLY) ([1-9]\\d{0,14})(?: ([\\x20-\\x7e]*))?" +
    "|(HEARTBEAT(?:-ACK)?) ([1-9]\\d{0,14})" +
    "|(TERMINATE)(?: ([\\x20-\\x7e]{0,128}))?)\\r?$",
);
const UNSAFE = /[^\x20-\x5b\x5d-\x7e]/;
const EACH_UNSAFE = /[^\x20-\x5b\x5d-\x7e]/g;
const ESCAPED = /^(?:[^\\]|\\[\\nrt]|\\u[0-9a-fA-F]{4})*$/;
const EACH_ESCAPE = /\\(?:u[0-9a-fA-F]{4}|.)/g;
const SHORT: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);
const LONG: ReadonlyMap<string, string> = new Map(
  Array.from(SHORT, ([unit, escape]) => [escape, unit]),
);
const ENCODER = new TextEncoder();
