/**
 * How a client of TCP heartbeats behaves, as its user says.
 *
 * This file knows the options, their defaults and ranges. It does not know what they lead to.
 *
 * @module
 */
import type { BackoffOptions } from "../core/backoff.ts";
import { checkDuration, checkNumber } from "../core/check.ts";

/** How often a client sends, and when it gives up on a connection. */
export interface TcpSchedule {
  /** Milliseconds between two heartbeats, at least 1. @default 1_000 */
  interval?: number;
  /** Stop after so many heartbeats. @default Infinity */
  count?: number;
  /** Expect an ack for each heartbeat; the server must be started with acks too. @default false */
  ack?: boolean;
  /** Milliseconds until a heartbeat without an ack is reported as unconfirmed. @default 5_000 */
  ackTimeout?: number;
  /**
   * With acks: give up a connection when a heartbeat went unconfirmed for `ackTimeout`, and open
   * another, because the bytes of this one may vanish for ever. @default true
   */
  abandon?: boolean;
  /** Connect again when the connection is refused or lost. @default true */
  reconnect?: boolean;
  /** Milliseconds until an attempt to connect is given up. @default 10_000 */
  connectTimeout?: number;
  /** How long to wait between attempts. @default ceilings from 250 ms doubling to 5 s */
  backoff?: BackoffOptions;
}

/**
 * Fills in the defaults.
 *
 * @throws {HeartlineError} `invalid-option`
 */
export function completed(schedule: TcpSchedule): Required<TcpSchedule> {
  const { interval = 1_000, count = Infinity, connectTimeout = 10_000 } = schedule;
  const { ack = false, ackTimeout = 5_000, abandon = true, reconnect = true } = schedule;
  const { base = 250, cap = 5_000 } = schedule.backoff ?? {};
  return {
    interval: checkNumber("interval", interval, { min: 1, max: Number.MAX_SAFE_INTEGER }),
    count: count === Infinity ? count : checkNumber("count", count, { min: 1, integer: true }),
    ack,
    ackTimeout: checkDuration("ackTimeout", ackTimeout),
    abandon,
    reconnect,
    connectTimeout: checkDuration("connectTimeout", connectTimeout),
    backoff: { base: checkDuration("backoff.base", base), cap: checkDuration("backoff.cap", cap) },
  };
}
