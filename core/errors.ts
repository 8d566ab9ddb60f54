/**
 * Errors with stable codes.
 *
 * @module
 */

/**
 * What went wrong, as a word that programs may compare and that never changes its meaning.
 *
 * | code | meaning |
 * |---|---|
 * | `invalid-option` | an argument is outside its range or of the wrong form |
 * | `permission-denied` | the operating system, the runtime's sandbox or a Redis refuses |
 * | `address-in-use` | another socket already listens there |
 * | `address-not-available` | this machine has no such address |
 * | `name-not-found` | a host name does not resolve |
 * | `connection-refused` | nobody listens at the peer's address |
 * | `connection-reset` | the peer, or something between, dropped the connection |
 * | `unreachable` | there is no route to the peer |
 * | `timed-out` | the peer did not answer in time |
 * | `not-reading` | the peer does not take what is sent to it |
 * | `closed` | the socket was already closed on this side |
 * | `too-many-open-files` | this process may open no more descriptors |
 * | `not-supported` | this runtime lacks a part that is needed |
 * | `session-ended` | the server ended the session before its last number |
 * | `checksum-differs` | what arrived is not what was sent |
 * | `io` | any other failure of the operating system |
 */
export type ErrorCode =
  | "invalid-option"
  | "permission-denied"
  | "address-in-use"
  | "address-not-available"
  | "name-not-found"
  | "connection-refused"
  | "connection-reset"
  | "unreachable"
  | "timed-out"
  | "not-reading"
  | "closed"
  | "too-many-open-files"
  | "not-supported"
  | "session-ended"
  | "checksum-differs"
  | "io";

/** Who broke the rule: this program or its machine (`local`), or the peer and its network. */
export type ErrorSide = "local" | "remote";

/**
 * The only error class this library throws on purpose; anything else thrown is a bug in it.
 *
 * The message is one line, "Cannot <act>: <what was wanted or found>".
 *
 * @example Tell errors apart by code
 * ```ts
 * import { HeartlineError } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new HeartlineError("address-in-use", "Cannot listen on 127.0.0.1:6500: Address already in use");
 * assertEquals(error.code, "address-in-use");
 * assertEquals(error.side, "local");
 * ```
 */
export class HeartlineError extends Error {
  /** The stable name of this failure. */
  readonly code: ErrorCode;

  /** Makes an error with its stable code, a one-line message and, if there is one, its cause. */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    // What was found may come from anybody, and must not break the line or steer a terminal.
    super(message.replace(CONTROLS, escaped), options);
    this.name = "HeartlineError";
    this.code = code;
  }

  /** Who broke the rule. */
  get side(): ErrorSide {
    return REMOTE.has(this.code) ? "remote" : "local";
  }
}

/**
 * What an adapter to sockets threw, which is always typed; anything else is a bug and goes on.
 *
 * @throws `error` itself, if it is no {@linkcode HeartlineError}
 *
 * @example
 * ```ts
 * import { HeartlineError, typed } from "@heartline/heartline/core";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(typed(new HeartlineError("closed", "Cannot send: closed")).code, "closed");
 * assertThrows(() => typed(new TypeError("a bug")), TypeError, "a bug");
 * ```
 */
export function typed(error: unknown): HeartlineError {
  if (error instanceof HeartlineError) return error;
  throw error;
}

/**
 * Why reading from a connection failed, in the words of events.
 *
 * @throws `error` itself, if it is no {@linkcode HeartlineError}
 *
 * @example
 * ```ts
 * import { HeartlineError, lossOf } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(lossOf(new HeartlineError("connection-reset", "Cannot read: reset")), "reset");
 * assertEquals(lossOf(new HeartlineError("unreachable", "Cannot read: no route")), "unreachable");
 * ```
 */
export function lossOf(error: unknown): "reset" | ErrorCode {
  const { code } = typed(error);
  return code === "connection-reset" ? "reset" : code;
}

/**
 * One line of what somebody's code threw, which may be anything.
 *
 * @example
 * ```ts
 * import { messageOf } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(messageOf(new Error("no such file\nand where")), "no such file");
 * assertEquals(messageOf("nothing left"), "nothing left");
 * assertEquals(messageOf(Object.create(null)), "object"); // what has no text
 * ```
 */
export function messageOf(thrown: unknown): string {
  try {
    const text = String(thrown instanceof Error ? thrown.message || thrown.name : thrown);
    return text.split("\n", 1)[0]!.replace(CONTROLS, escaped);
  } catch {
    return typeof thrown;
  }
}

function escaped(control: string): string {
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

const CONTROLS = /[\p{Cc}\u2028\u2029]/gu;
const REMOTE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "connection-refused",
  "connection-reset",
  "unreachable",
  "timed-out",
  "not-reading",
  "session-ended",
  "checksum-differs",
]);
