/**
 * How a server of TCP heartbeats watches its clients, as its user says.
 *
 * This file knows the options, their defaults and ranges. It does not know what they lead to.
 *
 * @module
 */
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
  /** Answer each heartbeat with an ack; the clients must be started with acks too. @default false */
  ack?: boolean;
  /** Emit a `beat` event for each heartbeat; off, none is allocated. @default false */
  emitBeats?: boolean;
}

/**
 * Fills in the defaults.
 *
 * @throws {HeartlineError} `invalid-option`
 */
export function completed(options: TcpServerMachineOptions): Required<TcpServerMachineOptions> {
  const { timeout = 10_000, grace = 0, maxClients = 10_000, ack = false, emitBeats = false } =
    options;
  return {
    timeout: checkDuration("timeout", timeout),
    grace: checkNumber("grace", grace),
    closeAfter: checkDuration("closeAfter", options.closeAfter ?? 10 * timeout),
    maxClients: checkNumber("maxClients", maxClients, { min: 1, integer: true }),
    ack,
    emitBeats,
  };
}
