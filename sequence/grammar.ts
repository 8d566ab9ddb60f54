/**
 * The lines of a resumable sequence. Each ends in LF; a CR before it is accepted.
 *
 * ```text
 * client                                     server
 * HELLO 1 <client-uuid> <length>       ──▶
 *                                      ◀──   WELCOME <session> <token> <epoch> <interval-ms>
 *                                                    <heartbeat-ms> <session-ttl-ms>
 * RESUME 1 <session> <token> <next>    ──▶
 *                                      ◀──   RESUMED <token> <epoch> <next>
 * ACK <next>                           ──▶◀──   NUMBER <index> <value>
 * PONG <id>                            ──▶◀──   PING <id>
 * FIN-ACK                              ──▶◀──   FIN <length> <crc32> <sha256>
 *                                      ◀──   REJECTED <CODE> <text> | REPLACED | GOAWAY <retry-ms>
 * ```
 *
 * Indices and `next` count from 0; numbers are decimal without sign or leading zeros. Session and
 * token are 32 lower-case hexadecimal digits: 128 random bits each. Source: seed 002; the lines are ours.
 *
 * Here they are text; `message.ts` reads and writes them as bytes.
 *
 * @module
 */

/**
 * The version this library speaks.
 *
 * @example
 * ```ts
 * import { encodeSequenceRequest, SEQUENCE_VERSION } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * const client = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
 * const line = encodeSequenceRequest({ type: "hello", client, length: 10 });
 * assertEquals(new TextDecoder().decode(line), `HELLO ${SEQUENCE_VERSION} ${client} 10\n`);
 * ```
 */
export const SEQUENCE_VERSION = 1;

/**
 * The longest sequence.
 *
 * @example
 * ```ts
 * import { MAX_SEQUENCE_LENGTH, receiveSequence } from "@heartline/heartline/sequence";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(
 *   () => receiveSequence({ length: MAX_SEQUENCE_LENGTH + 1 }),
 *   Error,
 *   "Cannot use length: wanted a whole number in 1..65535",
 * );
 * ```
 */
export const MAX_SEQUENCE_LENGTH = 65_535;

/**
 * The longest line of ours, FIN, has 91 bytes and REJECTED less than 160; what is longer ends badly.
 *
 * @example
 * ```ts
 * import { Framer } from "@heartline/heartline/core";
 * import { decodeSequenceReply, MAX_SEQUENCE_LINE_BYTES } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * const framer = new Framer("\n", { limit: MAX_SEQUENCE_LINE_BYTES });
 * framer.push(new TextEncoder().encode("PING 3\n"));
 * assertEquals(framer.next(), true);
 * const { bytes, start, end } = framer;
 * assertEquals(decodeSequenceReply(bytes, start, end), { type: "ping", id: 3 });
 * ```
 */
export const MAX_SEQUENCE_LINE_BYTES = 256;

/**
 * Why a server rejects; the connection is closed, the session, if there is one, stays as it is.
 *
 * | code | meaning | the client |
 * |---|---|---|
 * | `MALFORMED` | a line that is no message, or not one for now | resumes |
 * | `TOO-LONG` | a line without an end | resumes |
 * | `VERSION` | another version than 1 | stops |
 * | `UUID` | the client's id is no UUID | stops |
 * | `LENGTH` | the length is not 1..65535 | stops |
 * | `RANGE` | an ACK beyond what was sent, or a RESUME beyond the length | resumes |
 * | `UNKNOWN` | no such session, or not its token: both are answered alike | stops |
 * | `EXPIRED` | the session was disconnected for the whole window | stops |
 * | `COMPLETED` | the session ended: everything was confirmed | stops |
 * | `BUSY` | a limit of sessions or connections is reached | tries again |
 * | `TIMEOUT` | neither HELLO nor RESUME came in time | tries again |
 * | `UNAVAILABLE` | the store of sessions does not answer | tries again |
 * | `SOURCE` | the server's source of numbers failed, or gave what is no uint32 | stops |
 */
export type SequenceRejection = typeof SEQUENCE_REJECTIONS[number];

/**
 * All codes, in the order of the table.
 *
 * @example
 * ```ts
 * import { SEQUENCE_REJECTIONS, type SequenceRejection } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * const isRejection = (word: string): word is SequenceRejection =>
 *   SEQUENCE_REJECTIONS.some((code) => code === word);
 * assertEquals([isRejection("EXPIRED"), isRejection("LATE")], [true, false]);
 * ```
 */
export const SEQUENCE_REJECTIONS = [
  ...["MALFORMED", "TOO-LONG", "VERSION", "UUID", "LENGTH", "RANGE"] as const,
  ...["UNKNOWN", "EXPIRED", "COMPLETED", "BUSY", "TIMEOUT", "UNAVAILABLE", "SOURCE"] as const,
] as const;

/** What a client says. */
export type SequenceRequest =
  | { readonly type: "hello"; readonly client: string; readonly length: number }
  | {
    readonly type: "resume";
    readonly session: string;
    readonly token: string;
    readonly next: number;
  }
  | { readonly type: "ack"; readonly next: number }
  | { readonly type: "pong"; readonly id: number }
  | { readonly type: "fin-ack" };

/** What a server says. */
export type SequenceReply =
  | {
    readonly type: "welcome";
    readonly session: string;
    readonly token: string;
    readonly epoch: number;
    readonly interval: number;
    readonly heartbeat: number;
    readonly sessionTtl: number;
  }
  | {
    readonly type: "resumed";
    readonly token: string;
    readonly epoch: number;
    readonly next: number;
  }
  | { readonly type: "number"; readonly index: number; readonly value: number }
  | { readonly type: "ping"; readonly id: number }
  | {
    readonly type: "fin";
    readonly length: number;
    readonly crc32: number;
    readonly sha256: string;
  }
  | { readonly type: "rejected"; readonly code: SequenceRejection; readonly text: string }
  | { readonly type: "replaced" }
  | { readonly type: "goaway"; readonly retry: number };

/** Reads what a client says, a line without its LF, or says with which code to reject it. */
export function parseSequenceRequest(line: string): SequenceRequest | SequenceRejection {
  const [word, ...fields] = fieldsOf(line);
  const count = REQUEST_FIELDS[word as keyof typeof REQUEST_FIELDS];
  if (!Object.hasOwn(REQUEST_FIELDS, word!) || fields.length !== count) return "MALFORMED";
  switch (word) {
    case "HELLO":
      return decodeHello(fields as [string, string, string]);
    case "RESUME":
      return decodeResume(fields as [string, string, string, string]);
    case "ACK": {
      const next = decimal(fields[0]!, MAX_SEQUENCE_LENGTH);
      if (next !== undefined) return { type: "ack", next };
      return DIGITS.test(fields[0]!) ? "RANGE" : "MALFORMED";
    }
    case "PONG": {
      const id = decimal(fields[0]!);
      return id === undefined ? "MALFORMED" : { type: "pong", id };
    }
    default:
      return { type: "fin-ack" };
  }
}

/** Reads what a server says, a line without its LF; `undefined` if it is malformed. */
export function parseSequenceReply(line: string): SequenceReply | undefined {
  const [word, ...fields] = fieldsOf(line);
  if (word === "REJECTED") return decodeRejected(fields);
  return Object.hasOwn(REPLIES, word!) ? REPLIES[word!]!(fields) : undefined;
}

/** What a client says, with its LF. */
export function formatSequenceRequest(request: SequenceRequest): string {
  switch (request.type) {
    case "hello":
      return `HELLO ${SEQUENCE_VERSION} ${request.client} ${request.length}\n`;
    case "resume": {
      const { session, token, next } = request;
      return `RESUME ${SEQUENCE_VERSION} ${session} ${token} ${next}\n`;
    }
    case "ack":
      return `ACK ${request.next}\n`;
    case "pong":
      return `PONG ${request.id}\n`;
    case "fin-ack":
      return "FIN-ACK\n";
  }
}

/** What a server says, with its LF. */
export function formatSequenceReply(reply: SequenceReply): string {
  switch (reply.type) {
    case "welcome": {
      const { session, token, epoch, interval, heartbeat, sessionTtl } = reply;
      return `WELCOME ${session} ${token} ${epoch} ${interval} ${heartbeat} ${sessionTtl}\n`;
    }
    case "resumed":
      return `RESUMED ${reply.token} ${reply.epoch} ${reply.next}\n`;
    case "number":
      return `NUMBER ${reply.index} ${reply.value}\n`;
    case "ping":
      return `PING ${reply.id}\n`;
    case "fin":
      return `FIN ${reply.length} ${reply.crc32} ${reply.sha256}\n`;
    case "rejected":
      return `REJECTED ${reply.code} ${reply.text}\n`;
    case "replaced":
      return "REPLACED\n";
    case "goaway":
      return `GOAWAY ${reply.retry}\n`;
  }
}

function fieldsOf(line: string): string[] {
  return (line.endsWith("\r") ? line.slice(0, -1) : line).split(" ");
}

function decodeHello([version, client, length]: [string, string, string]) {
  if (version !== String(SEQUENCE_VERSION)) return "VERSION";
  if (!UUID.test(client)) return "UUID";
  const numbers = decimal(length, MAX_SEQUENCE_LENGTH);
  return numbers ? { type: "hello", client, length: numbers } as const : "LENGTH";
}

function decodeResume([version, session, token, next]: [string, string, string, string]) {
  if (version !== String(SEQUENCE_VERSION)) return "VERSION";
  // What cannot be a session or a token is answered as one that is not known.
  if (!SECRET.test(session) || !SECRET.test(token)) return "UNKNOWN";
  const index = decimal(next, MAX_SEQUENCE_LENGTH);
  return index === undefined ? "RANGE" : { type: "resume", session, token, next: index } as const;
}

function decodeRejected([code, ...text]: string[]): SequenceReply | undefined {
  const known = SEQUENCE_REJECTIONS.find((one) => one === code);
  // The words are for people: what could steer their terminal is not shown.
  return known &&
    { type: "rejected", code: known, text: text.join(" ").replace(UNPRINTABLE, "?") };
}

/** Reads a number without sign or leading zeros in 0..most. */
function decimal(text: string, most = UINT32): number | undefined {
  const value = Number(text);
  return DIGITS.test(text) && value <= most ? value : undefined;
}

const REQUEST_FIELDS = { HELLO: 3, RESUME: 4, ACK: 1, PONG: 1, "FIN-ACK": 0 };

/** One reader for each word; all fields must fit, and no more of them. */
const REPLIES: Record<string, (fields: string[]) => SequenceReply | undefined> = {
  WELCOME([session = "", token = "", ...numbers]) {
    const values = decimals(numbers, 4);
    if (!values || !SECRET.test(session) || !SECRET.test(token)) return undefined;
    const [epoch, interval, heartbeat, sessionTtl] = values as [number, number, number, number];
    return { type: "welcome", session, token, epoch, interval, heartbeat, sessionTtl };
  },
  RESUMED([token = "", ...numbers]) {
    const values = decimals(numbers, 2);
    if (!values || !SECRET.test(token)) return undefined;
    return { type: "resumed", token, epoch: values[0]!, next: values[1]! };
  },
  NUMBER(fields) {
    const values = decimals(fields, 2);
    return values && { type: "number", index: values[0]!, value: values[1]! };
  },
  PING(fields) {
    const values = decimals(fields, 1);
    return values && { type: "ping", id: values[0]! };
  },
  FIN([length = "", crc32 = "", sha256 = "", ...more]) {
    const values = decimals([length, crc32], 2);
    if (!values || !SHA256.test(sha256) || more.length > 0) return undefined;
    return { type: "fin", length: values[0]!, crc32: values[1]!, sha256 };
  },
  REPLACED: (fields) => fields.length === 0 ? { type: "replaced" } : undefined,
  GOAWAY(fields) {
    const values = decimals(fields, 1);
    return values && { type: "goaway", retry: values[0]! };
  },
};

function decimals(fields: string[], count: number): number[] | undefined {
  const values = fields.map((field) => decimal(field));
  return fields.length === count && !values.includes(undefined) ? values as number[] : undefined;
}

const UNPRINTABLE = /[^ -~]/g;
const UINT32 = 2 ** 32 - 1;
const DIGITS = /^(?:0|[1-9]\d{0,9})$/;
const SECRET = /^[0-9a-f]{32}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
