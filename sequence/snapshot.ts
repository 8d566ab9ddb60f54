/**
 * What a client keeps to go on later, and how it is read back from a file that anybody may have changed.
 *
 * @module
 */
import { HeartlineError } from "../core/errors.ts";
import type { SavedChecksum } from "./checksum.ts";
import { MAX_SEQUENCE_LENGTH } from "./message.ts";

/** Everything a client needs to go on after it was killed. It holds a token: keep it to yourself. */
export interface SequenceSnapshot {
  /** The form of this record. */
  readonly version: 1;
  /** The client's id, a UUID. */
  readonly client: string;
  /** How many numbers there are, 1..65535. */
  readonly length: number;
  /** The session, once there is one. */
  readonly session?: { readonly id: string; readonly token: string };
  /** Checksums over the numbers that were taken; its `count` says where to go on. */
  readonly checksum: SavedChecksum;
  /** All numbers were taken and both checksums were equal. */
  readonly done: boolean;
}

/**
 * Returns `value` if it is a snapshot that a client saved.
 *
 * @throws {HeartlineError} `invalid-option`
 *
 * @example
 * ```ts
 * import { checkSequenceSnapshot } from "@heartline/heartline/sequence";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => checkSequenceSnapshot({ version: 2 }), Error, "Cannot use the saved sequence");
 * ```
 */
export function checkSequenceSnapshot(value: unknown): SequenceSnapshot {
  const saved = value as SequenceSnapshot;
  if (isRecord(value) && isSaved(saved)) return saved;
  throw new HeartlineError(
    "invalid-option",
    "Cannot use the saved sequence: wanted what a client of this version saved",
  );
}

function isSaved({ version, client, length, session, checksum, done }: SequenceSnapshot): boolean {
  return version === 1 && typeof client === "string" && UUID.test(client) &&
    isCount(length, MAX_SEQUENCE_LENGTH) && length > 0 && typeof done === "boolean" &&
    (session === undefined || isRecord(session) && isSecret(session.id) &&
        isSecret(session.token)) &&
    isRecord(checksum) && isCount(checksum.count, length) && isCount(checksum.crc32, UINT32) &&
    isRecord(checksum.sha256) && checksum.sha256.length === checksum.count * 4 &&
    isList(checksum.sha256.words, 8) && isList(checksum.sha256.rest, checksum.count * 4 % 64);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Asked first whether it is text: a pattern would try to make text of anything. */
function isSecret(value: unknown): boolean {
  return typeof value === "string" && SECRET.test(value);
}

function isCount(value: unknown, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
}

function isList(value: unknown, length: number): boolean {
  return Array.isArray(value) && value.length === length && value.every(Number.isInteger);
}

const UINT32 = 2 ** 32 - 1;
const SECRET = /^[0-9a-f]{32}$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
