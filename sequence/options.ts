/**
 * How servers and clients of sequences behave, as their users say: options, defaults and ranges.
 *
 * @module
 */
import { type BackoffOptions, checkBackoff } from "../core/backoff.ts";
import { checkDuration, checkNumber } from "../core/check.ts";
import type { SequenceSeed } from "./generator.ts";
import { MAX_SEQUENCE_LENGTH } from "./message.ts";

/** Gives number `index` of a session; it must give the same one whenever it is asked again. */
export type SequenceSource = (
  index: number,
  session: { readonly id: string; readonly seed: SequenceSeed; readonly length: number },
) => number;

/** How a server treats its sessions. */
export interface SequenceServerMachineOptions {
  /**
   * The numbers, whole and in 0..2^32-1. Whatever is asked may be asked again, by another server too, so it
   * must be a function of its arguments. If it throws, or gives anything else, the session's client is told
   * and stops, and all others go on. @default Philox4x32-10 under the seed of the session
   */
  source?: SequenceSource;
  /** Milliseconds between two numbers; 0 sends as fast as they are confirmed. @default 1_000 */
  interval?: number;
  /**
   * Milliseconds of silence after which a client is asked for a word; one that lets as many pass after
   * each of three such questions is lost. @default 5_000
   */
  heartbeat?: number;
  /** Milliseconds a session is kept without a connection. @default 30_000 */
  sessionTtl?: number;
  /** Milliseconds until a connection must have said HELLO or RESUME. @default 10_000 */
  helloTimeout?: number;
  /** Milliseconds until a connection that takes no bytes is closed. @default 10_000 */
  writeTimeout?: number;
  /**
   * Numbers sent and not confirmed at most: 100 KB a client that does not read. A client confirms at
   * the latest 512 that it took; below 1,024 the server asks for more. @default 4_096
   */
  sendWindow?: number;
  /** Sessions at most, those without a connection counted. @default 100_000 */
  maxSessions?: number;
  /** Connections from one IP address at most. @default 10_000 */
  maxPerAddress?: number;
  /**
   * Milliseconds within which the clients of a server that stops come back, evenly from a tenth of it on;
   * keep it below `sessionTtl`. @default 5_000, or one for each client if that is more, but half of the window
   * at most
   */
  spread?: number;
  /** Milliseconds an ended session is remembered. @default 600_000 */
  tombstoneLife?: number;
}

/** Every option but the source, which has its default elsewhere. */
export interface SequenceSettings
  extends Required<Omit<SequenceServerMachineOptions, "source" | "spread">> {
  /** Milliseconds over which the return of so many clients is spread. */
  readonly spread: (clients: number) => number;
}

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
 * Fills in the defaults of a server.
 *
 * @throws {HeartlineError} `invalid-option`
 */
export function serverSettings(options: SequenceServerMachineOptions): SequenceSettings {
  const { interval = 1_000, heartbeat = 5_000, sessionTtl = 30_000 } = options;
  const { helloTimeout = 10_000, writeTimeout = 10_000, tombstoneLife = 600_000 } = options;
  const { sendWindow = 4_096, maxSessions = 100_000, maxPerAddress = 10_000 } = options;
  const count = { min: 1, integer: true };
  // They go over the wire as whole milliseconds.
  const wire = { min: 1, max: MAX_MS, integer: true };
  return {
    interval: checkNumber("interval", interval, { ...wire, min: 0 }),
    heartbeat: checkNumber("heartbeat", heartbeat, wire),
    sessionTtl: checkNumber("sessionTtl", sessionTtl, wire),
    helloTimeout: checkDuration("helloTimeout", helloTimeout),
    writeTimeout: checkDuration("writeTimeout", writeTimeout),
    sendWindow: checkNumber("sendWindow", sendWindow, {
      ...count,
      max: MAX_SEQUENCE_LENGTH,
    }),
    maxSessions: checkNumber("maxSessions", maxSessions, count),
    maxPerAddress: checkNumber("maxPerAddress", maxPerAddress, count),
    spread: spreadOf(options.spread, sessionTtl),
    tombstoneLife: checkDuration("tombstoneLife", tombstoneLife),
  };
}

/**
 * Fills in the defaults of a client.
 *
 * @throws {HeartlineError} `invalid-option`
 */
export function clientSettings(
  options: SequenceClientMachineOptions,
): Required<SequenceClientMachineOptions> {
  const { connectTimeout = 10_000, linger = 2_000, saves = false } = options;
  return {
    connectTimeout: checkDuration("connectTimeout", connectTimeout),
    backoff: checkBackoff(options.backoff),
    linger: checkNumber("linger", linger),
    saves,
  };
}

function spreadOf(given: number | undefined, sessionTtl: number): (clients: number) => number {
  if (given === undefined) return (clients) => Math.min(Math.max(SPREAD, clients), sessionTtl / 2);
  checkNumber("spread", given, { max: MAX_MS });
  return () => given;
}

/** Milliseconds; with 10,000 clients or more a server is asked to take one in each. */
const SPREAD = 5_000;
/** 49 days: the largest uint32. */
const MAX_MS = 2 ** 32 - 1;
