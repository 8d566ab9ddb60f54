/**
 * What the two halves of the contract of an adapter to sockets share.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import type { Address } from "../../core/address.ts";
import { type ErrorCode, HeartlineError } from "../../core/errors.ts";

/** The one host that tests may use. */
export const HOST = "127.0.0.1";

/** Any free port of this machine. */
export const ANY: Address = { hostname: HOST, port: 0 };

/** Checks that `action` fails with a typed error of one line. */
export async function assertFails(
  action: () => Promise<unknown>,
  code: ErrorCode,
  message: string | RegExp,
): Promise<void> {
  const error = await assertRejects(action, HeartlineError);
  assertEquals(error.code, code, error.message);
  if (typeof message === "string") assertEquals(error.message, message);
  else assertEquals(message.test(error.message), true, error.message);
  assertEquals(error.message.includes("\n"), false, error.message);
}

/** Bytes that tell their place, so that a swap or a repetition is seen. */
export function patternOf(length: number, seed = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    { length },
    (_, i) => (i * 31 + (i >> 8) * 7 + (i >> 16) * 13 + seed) & 0xff,
  );
}

/** A promise together with what settles it; `Promise.withResolvers` is missing on Node 20. */
export function deferred<Value = void>(): {
  promise: Promise<Value>;
  resolve: (value: Value) => void;
  reject: (error: unknown) => void;
} {
  let resolve!: (value: Value) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<Value>((settle, refuse) => [resolve, reject] = [settle, refuse]);
  return { promise, resolve, reject };
}
