/**
 * How a client receives a sequence, as its user says.
 *
 * This file knows the options, their defaults and ranges. It does not know what they lead to.
 *
 * @module
 */
import type { BackoffOptions } from "../core/backoff.ts";
import { checkDuration, checkNumber } from "../core/check.ts";

/** How a client waits. */
export interface SequenceClientMachineOptions {
  /** Milliseconds until an attempt to connect and to be greeted is given up. @default 10_000 */
  connectTimeout?: number;
  /** How long to wait between attempts. @default ceilings from 250 ms doubling to 5 s */
  backoff?: BackoffOptions;
  /** Milliseconds to wait for the server to close after the end. @default 2_000 */
  linger?: number;
  /** What was taken is kept by the caller before it is confirmed: `save` comes out. @default false */
  saves?: boolean;
}

/**
 * Fills in the defaults.
 *
 * @throws {HeartlineError} `invalid-option`
 */
export function completed(
  options: SequenceClientMachineOptions,
): Required<SequenceClientMachineOptions> {
  const { connectTimeout = 10_000, linger = 2_000, saves = false } = options;
  const { base = 250, cap = 5_000 } = options.backoff ?? {};
  return {
    connectTimeout: checkDuration("connectTimeout", connectTimeout),
    backoff: { base: checkDuration("backoff.base", base), cap: checkDuration("backoff.cap", cap) },
    linger: checkNumber("linger", linger),
    saves,
  };
}
