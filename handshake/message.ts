/**
 * The three messages of handshakes.
 *
 * ```text
 * HELLO 9876\r\n                 client to server: may I have this id?
 * \___/ \__/\__\_ LF or CR LF is accepted and not needed
 *  word   id: 1 to 64 printable ASCII characters without a space
 *
 * OK 9876 192.168.0.10 12345     it is yours; the address and port that we see you come from
 * RESET 9876                     somebody has it
 * ```
 *
 * One space between the fields, capitals as written. Over UDP one message is one datagram. Over TCP a
 * message ends at LF, at the end of the stream or after {@linkcode QUIET} ms without a byte, because
 * simple peers send no LF: `Framer("\n", { limit: MAX_HANDSHAKE_BYTES })` yields it. Source: seed 003.
 *
 * @module
 */
import type { Address } from "../core/address.ts";

/** What a server answers. */
export type HandshakeReply =
  /** The id is leased to the address, which is the client's as the server sees it. */
  | { readonly type: "ok"; readonly id: string; readonly address: Address }
  /** The id is in use. */
  | { readonly type: "reset"; readonly id: string };

/**
 * A UUID has 36 characters and a SHA-256 in hex has 64; the table of leases keeps every id.
 *
 * @example
 * ```ts
 * import { isConnectionId, MAX_ID_LENGTH } from "@heartline/heartline/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isConnectionId("x".repeat(MAX_ID_LENGTH)), true);
 * assertEquals(isConnectionId("x".repeat(MAX_ID_LENGTH + 1)), false);
 * ```
 */
export const MAX_ID_LENGTH = 64;

/**
 * The longest message is an OK with the longest id, an IPv6 address, a port and CR LF: 121 bytes.
 *
 * @example
 * ```ts
 * import { Framer } from "@heartline/heartline/core";
 * import { decodeHello, MAX_HANDSHAKE_BYTES } from "@heartline/heartline/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * const framer = new Framer("\n", { limit: MAX_HANDSHAKE_BYTES }); // of a TCP connection
 * framer.push(new TextEncoder().encode("HELLO 9876\n"));
 * assertEquals(framer.next(), true);
 * assertEquals(decodeHello(framer.bytes, framer.start, framer.end), "9876");
 * ```
 */
export const MAX_HANDSHAKE_BYTES = 128;

/**
 * So many ms without a byte end a message over TCP: longer than the segments of one message are apart
 * on a link that loses none, short enough not to be felt.
 *
 * @example
 * ```ts
 * import { encodeHello, HandshakeServerMachine, QUIET } from "@heartline/heartline/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new HandshakeServerMachine({}, {}, 0);
 * const remote = { hostname: "127.0.0.1", port: 50_000 };
 * machine.handle({ type: "opened", connection: 1, remote, local: remote }, 0);
 * machine.handle({ type: "data", connection: 1, bytes: encodeHello("9876") }, 0); // no line feed
 * assertEquals(machine.tick(QUIET).map(({ type }) => type), ["send"]);
 * ```
 */
export const QUIET = 50;

/**
 * Whether `id` can be a connection id: 1..64 printable ASCII characters, none of them a space.
 *
 * @example
 * ```ts
 * import { isConnectionId } from "@heartline/heartline/handshake";
 * import { assert } from "@std/assert";
 *
 * assert(isConnectionId("9876"));
 * assert(!isConnectionId("98 76"));
 * ```
 */
export function isConnectionId(id: string): boolean {
  return ID.test(id);
}

/**
 * Reads the id of the HELLO in `bytes[start..end)`.
 *
 * @returns the id, or `undefined` if it is no HELLO; never throws
 *
 * @example
 * ```ts
 * import { decodeHello } from "@heartline/heartline/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeHello(new TextEncoder().encode("HELLO 9876\n")), "9876");
 * assertEquals(decodeHello(new TextEncoder().encode("HELLO")), undefined);
 * ```
 */
export function decodeHello(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): string | undefined {
  const last = withoutLineEnd(bytes, start, end);
  const first = start + HELLO.length;
  if (last <= first || last - first > MAX_ID_LENGTH) return undefined;
  for (let i = 0; i < HELLO.length; i++) {
    if (bytes[start + i] !== HELLO[i]) return undefined;
  }
  // An ordinary array: to apply a function to a typed one takes twice as long.
  const id: number[] = [];
  for (let at = first; at < last; at++) {
    const byte = bytes[at]!;
    if (byte <= SPACE || byte >= DELETE) return undefined;
    id.push(byte);
  }
  return String.fromCharCode.apply(null, id);
}

/**
 * Reads the reply in `bytes[start..end)`.
 *
 * @returns the reply, or `undefined` if it is none; never throws
 *
 * @example
 * ```ts
 * import { decodeReply } from "@heartline/heartline/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeReply(new TextEncoder().encode("OK 9876 192.168.0.10 12345")), {
 *   type: "ok",
 *   id: "9876",
 *   address: { hostname: "192.168.0.10", port: 12345 },
 * });
 * assertEquals(decodeReply(new TextEncoder().encode("RESET 98 76")), undefined);
 * ```
 */
export function decodeReply(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): HandshakeReply | undefined {
  if (end - start > MAX_HANDSHAKE_BYTES) return undefined;
  const last = withoutLineEnd(bytes, start, end);
  const match = REPLY.exec(String.fromCharCode(...bytes.subarray(start, last)));
  if (!match) return undefined;
  const [, granted, hostname, port, refused] = match;
  if (refused !== undefined) return { type: "reset", id: refused };
  if (Number(port) > MAX_PORT) return undefined;
  return { type: "ok", id: granted!, address: { hostname: hostname!, port: Number(port) } };
}

/**
 * Writes a HELLO without a line feed.
 *
 * @param id see {@linkcode isConnectionId}
 *
 * @example
 * ```ts
 * import { encodeHello } from "@heartline/heartline/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new TextDecoder().decode(encodeHello("9876")), "HELLO 9876");
 * ```
 */
export function encodeHello(id: string): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(`HELLO ${id}`);
}

/**
 * Writes a reply without a line feed.
 *
 * @example
 * ```ts
 * import { encodeReply } from "@heartline/heartline/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = encodeReply({ type: "reset", id: "9876" });
 * assertEquals(new TextDecoder().decode(bytes), "RESET 9876");
 * ```
 */
export function encodeReply(reply: HandshakeReply): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(formatReply(reply));
}

/**
 * Writes a reply as text without a line feed; it is ASCII.
 *
 * @example
 * ```ts
 * import { formatReply } from "@heartline/heartline/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatReply({ type: "reset", id: "9876" }), "RESET 9876");
 * ```
 */
export function formatReply(reply: HandshakeReply): string {
  if (reply.type === "reset") return `RESET ${reply.id}`;
  const { hostname, port } = reply.address;
  return `OK ${reply.id} ${hostname} ${port}`;
}

/** Where the message ends if a LF or CR LF at its end is left out. */
function withoutLineEnd(bytes: Uint8Array, start: number, end: number): number {
  if (end > start && bytes[end - 1] === LINE_FEED) end--;
  if (end > start && bytes[end - 1] === CARRIAGE_RETURN) end--;
  return end;
}

const MAX_PORT = 65_535;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const DELETE = 0x7f;
const ID = /^[!-~]{1,64}$/;
const REPLY =
  /^(?:OK ([!-~]{1,64}) ([0-9a-zA-Z.:%_-]{1,45}) (0|[1-9]\d{0,4})|RESET ([!-~]{1,64}))$/;
const ENCODER = new TextEncoder();
const HELLO = ENCODER.encode("HELLO ");
