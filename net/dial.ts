/**
 * One attempt to connect, with a limit of time.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import type { Clock } from "../core/clock.ts";
import { HeartlineError } from "../core/errors.ts";
import type { Net } from "./net.ts";
import type { StreamConnection } from "./stream.ts";

/** How an attempt is made. */
export interface DialOptions {
  /** Where time comes from. */
  readonly clock: Clock;
  /** Milliseconds until it is given up. */
  readonly timeout: number;
  /** Gives it up when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a connection within `timeout` ms.
 *
 * @throws {HeartlineError} `timed-out`, `closed` if `signal` aborted, and whatever `connectStream` throws
 */
export async function dial(
  net: Net,
  to: Address,
  { clock, timeout, signal }: DialOptions,
): Promise<StreamConnection> {
  const attempt = new AbortController();
  let late = false;
  const giveUp = (): void => attempt.abort();
  const cancel = clock.schedule(timeout, () => {
    late = true;
    giveUp();
  });
  signal?.addEventListener("abort", giveUp, { once: true });
  if (signal?.aborted) giveUp();
  try {
    return await net.connectStream(to, { signal: attempt.signal });
  } catch (error) {
    if (!late) throw error;
    throw new HeartlineError(
      "timed-out",
      `Cannot connect to ${formatAddress(to)}: Connection timed out`,
    );
  } finally {
    cancel();
    signal?.removeEventListener("abort", giveUp);
  }
}
