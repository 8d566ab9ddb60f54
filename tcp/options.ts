/**
 * How servers and clients of TCP heartbeats behave, as their users say: options, defaults and ranges.
 *
 * @module
 */
import { type BackoffOptions, checkBackoff } from "../core/backoff.ts";
import { checkDuration, checkNumber } from "../core/check.ts";

/** How a server watches its clients. */
export interface TcpServerMachineOptions {
  /** Milliseconds without a valid heartbeat until a client is down. @default 10_000 */
  timeout?: number;
  /** Added to the timeout, in ms, so that a hair's breadth is no silence. @default 0 */
  grace?: number;
  /**
   * Milliseconds of silence until the connection is closed, so that half-open ones do not live for
   * ever; `Infinity` keeps them. @default 10 timeouts
   */
  closeAfter?: number;
  /**
   * Connections at most; further ones are closed at once. So many cost up to 160 MB, most of it in
   * the runtime, and the process needs a limit of open files above it. @default 10_000
   */
  maxClients?: number;
  /**
   * Milliseconds for which a client that was heard is expected back after its connection; 0 expects nobody.
   * @default 86_400_000
   */
  forgetAfter?: number;
  /** Answer each heartbeat with an ack; the clients must be started with acks too. @default false */
  ack?: boolean;
  /** Emit a `beat` event for each heartbeat; off, none is allocated. @default false */
  emitBeats?: boolean;
}

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
 * Fills in the defaults of a server.
 *
 * @throws {HeartlineError} `invalid-option`
 */
export function serverSettings(
  options: TcpServerMachineOptions,
): Required<TcpServerMachineOptions> {
  const { timeout = 10_000, grace = 0, maxClients = 10_000, ack = false, emitBeats = false } =
    options;
  return {
    timeout: checkDuration("timeout", timeout),
    grace: checkNumber("grace", grace),
    forgetAfter: checkNumber("forgetAfter", options.forgetAfter ?? 86_400_000),
    closeAfter: checkDuration("closeAfter", options.closeAfter ?? 10 * timeout),
    maxClients: checkNumber("maxClients", maxClients, { min: 1, integer: true }),
    ack,
    emitBeats,
  };
}

/**
 * Fills in the defaults of a client.
 *
 * @throws {HeartlineError} `invalid-option`
 */
export function clientSettings(schedule: TcpSchedule): Required<TcpSchedule> {
  const { interval = 1_000, count = Infinity, connectTimeout = 10_000 } = schedule;
  const { ack = false, ackTimeout = 5_000, abandon = true, reconnect = true } = schedule;
  return {
    interval: checkNumber("interval", interval, { min: 1, max: Number.MAX_SAFE_INTEGER }),
    count: count === Infinity ? count : checkNumber("count", count, { min: 1, integer: true }),
    ack,
    ackTimeout: checkDuration("ackTimeout", ackTimeout),
    abandon,
    reconnect,
    connectTimeout: checkDuration("connectTimeout", connectTimeout),
    backoff: checkBackoff(schedule.backoff),
  };
}
