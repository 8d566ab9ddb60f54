/**
 * Session names and resume tokens: 128 random bits each.
 *
 * @module
 */
import { Sha256 } from "./sha256.ts";

/** Gives `count` bytes that nobody can guess. */
export type RandomBytes = (count: number) => Uint8Array;

/** 128 random bits as 32 hexadecimal digits. */
export function newSecret(bytes: RandomBytes): string {
  return Array.from(bytes(SECRET_BYTES), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * What is kept of a token: its SHA-256 as 64 hexadecimal digits. A slow hash would add nothing, because
 * 128 random bits cannot be guessed one by one.
 */
export function hashToken(token: string): string {
  const hash = new Sha256();
  hash.update(new TextEncoder().encode(token));
  return hash.hex();
}

/** Whether two hashes are equal, in a time that does not depend on where they differ. */
export function sameHash(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let i = 0; i < HASH_DIGITS; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return difference === 0;
}

const SECRET_BYTES = 16;
const HASH_DIGITS = 64;
