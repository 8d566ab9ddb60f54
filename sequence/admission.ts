/**
 * Whether a RESUME is accepted.
 *
 * @module
 */
import type { SequenceRejection } from "./message.ts";
import { hashToken, sameHash } from "./secret.ts";
import type { SequenceSession } from "./store.ts";

/** What decides about a RESUME besides the record. */
export interface ResumeAttempt {
  /** The token that was presented. */
  readonly token: string;
  /** Where to go on. */
  readonly next: number;
  /** Ms since 1970 at which it arrived. */
  readonly wall: number;
  /** `undefined` if this server does not hold the session; else whether its window was over. */
  readonly late: boolean | undefined;
}

/**
 * The code to reject a RESUME with, `undefined` if it is accepted.
 *
 * Whoever has no valid token learns nothing: not whether the session exists, nor what became of it.
 * A server that holds the session decides on its own clock, any other on the time in the record.
 */
export function rejectionOf(
  session: SequenceSession | undefined,
  { token, next, wall, late }: ResumeAttempt,
): SequenceRejection | undefined {
  const hash = hashToken(token);
  const current = sameHash(session?.tokenHash ?? NO_HASH, hash);
  const previous = sameHash(session?.previousTokenHash ?? NO_HASH, hash);
  if (!session || !(current || previous)) return "UNKNOWN";
  if (session.state === "completed") return "COMPLETED";
  // A sweep goes by the record, and so may have come too early for who holds the session.
  if (late ?? (session.state === "expired" || session.expiresAt <= wall)) return "EXPIRED";
  return next > session.length ? "RANGE" : undefined;
}

/** What is sent along with a code. */
export const REJECTION_TEXTS: Readonly<Record<SequenceRejection, string>> = {
  MALFORMED: "wanted a message of the protocol",
  "TOO-LONG": "wanted a line of at most 256 bytes",
  VERSION: "wanted version 1",
  UUID: "wanted a UUID",
  LENGTH: "wanted a length in 1..65535",
  RANGE: "wanted an index that was sent",
  UNKNOWN: "no such session, or another token",
  EXPIRED: "the session was away for too long",
  COMPLETED: "the session was completed",
  BUSY: "too many sessions, try again later",
  TIMEOUT: "wanted HELLO or RESUME in time",
  UNAVAILABLE: "the sessions cannot be reached, try again later",
  SOURCE: "the source of numbers failed",
};

const NO_HASH = "-".repeat(64);
