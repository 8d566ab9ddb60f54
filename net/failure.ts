/**
 * Turns what a runtime throws into an error with a stable code and one clear line.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import { type ErrorCode, HeartlineError } from "../core/errors.ts";

/**
 * Makes a typed error of anything a socket call threw; one that is typed already stays as it is.
 *
 * @param act what was attempted, as in "listen on"
 * @param where the address it was attempted with
 */
export function failure(act: string, where: Address, thrown: unknown): HeartlineError {
  if (thrown instanceof HeartlineError) return thrown;
  const error = thrown as { code?: unknown; name?: unknown; message?: unknown };
  const message = typeof error?.message === "string" ? error.message : String(thrown);
  const [code, reason] = KNOWN.get(String(error?.code)) ?? KNOWN.get(String(error?.name)) ??
    (NO_NAME.test(message) ? UNKNOWN_NAME : ["io", firstLine(message)]);
  const detail = code === "permission-denied" && error?.name === "NotCapable"
    ? `Permission denied, run with --allow-net=${formatAddress(where)}`
    : reason;
  return new HeartlineError(code, `Cannot ${act} ${formatAddress(where)}: ${detail}`, {
    cause: thrown,
  });
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!.replace(/ \(os error \d+\)$/, "");
}

type Failure = readonly [ErrorCode, string];

const UNKNOWN_NAME: Failure = ["name-not-found", "Name or service not known"];
const RESET: Failure = ["connection-reset", "Connection reset by peer"];
const BROKEN: Failure = ["connection-reset", "Broken pipe"];
const REFUSED: Failure = ["connection-refused", "Connection refused"];
const IN_USE: Failure = ["address-in-use", "Address already in use"];
const NOT_AVAILABLE: Failure = ["address-not-available", "Cannot assign requested address"];
const DENIED: Failure = ["permission-denied", "Permission denied"];
const CLOSED: Failure = ["closed", "The socket is closed"];
const NO_NETWORK: Failure = ["unreachable", "Network is unreachable"];
const TIMED_OUT: Failure = ["timed-out", "Connection timed out"];
const NO_NAME = /lookup address|ENOTFOUND|EAI_AGAIN/;

/** The second word of each pair is the system's own sentence, which people and scripts know. */
const KNOWN: ReadonlyMap<string, Failure> = new Map<string, Failure>([
  ["EADDRINUSE", IN_USE],
  ["AddrInUse", IN_USE],
  ["EADDRNOTAVAIL", NOT_AVAILABLE],
  ["AddrNotAvailable", NOT_AVAILABLE],
  ["EACCES", DENIED],
  ["EPERM", DENIED],
  ["PermissionDenied", DENIED],
  ["NotCapable", DENIED],
  ["ENOTFOUND", UNKNOWN_NAME],
  ["EAI_AGAIN", UNKNOWN_NAME],
  ["ECONNREFUSED", REFUSED],
  ["ConnectionRefused", REFUSED],
  ["ECONNRESET", RESET],
  ["ConnectionReset", RESET],
  ["ECONNABORTED", RESET],
  ["ConnectionAborted", RESET],
  ["EPIPE", BROKEN],
  ["BrokenPipe", BROKEN],
  ["ERR_STREAM_WRITE_AFTER_END", BROKEN],
  ["ERR_STREAM_PREMATURE_CLOSE", RESET],
  ["ERR_STREAM_DESTROYED", CLOSED],
  ["ERR_SOCKET_DGRAM_NOT_RUNNING", CLOSED],
  ["ERR_SOCKET_BAD_PORT", ["io", "Invalid argument"]],
  ["BadResource", CLOSED],
  ["Interrupted", CLOSED],
  ["AbortError", ["closed", "Stopped"]],
  ["ABORT_ERR", ["closed", "Stopped"]],
  ["EHOSTUNREACH", ["unreachable", "No route to host"]],
  ["ENETUNREACH", NO_NETWORK],
  ["NetworkUnreachable", NO_NETWORK],
  ["ETIMEDOUT", TIMED_OUT],
  ["TimedOut", TIMED_OUT],
  ["EMFILE", ["too-many-open-files", "Too many open files"]],
  ["ENFILE", ["too-many-open-files", "Too many open files in the system"]],
  ["EMSGSIZE", ["io", "Message too long"]],
]);
