/**
 * How servers and clients of UDP heartbeats behave, as their users say: options, defaults and ranges.
 *
 * @module
 */
import { checkDuration, checkNumber } from "../core/check.ts";
import { BURST_SIZE } from "./message.ts";
import type { UdpServerSnapshot } from "./server_snapshot.ts";

/** One client to watch. */
export interface UdpClientRegistration {
  /** Where its heartbeats come from: an IP address and a port, as `ip:port`. */
  readonly address: string;
  /** Milliseconds without a heartbeat until it is down; any length works. */
  readonly timeout: number;
  /** Clients of one group that go down together are said in one event. */
  readonly group?: string;
}

/** What a server watches and how. */
export interface UdpServerMachineOptions {
  /** The clients watched from the start. @default [] */
  clients?: readonly UdpClientRegistration[];
  /** Watch any address from its first heartbeat on, with this timeout in ms. @default off */
  autoRegisterTimeout?: number;
  /** Added to every timeout, in ms, so that a hair's breadth is no `down`. @default 0 */
  grace?: number;
  /** How long the first silent client of a group waits for the others, in ms. @default 5000 */
  groupWait?: number;
  /** Addresses watched at most; further ones are rejected. @default 100_000 */
  maxClients?: number;
  /** Automatic registrations end after so long in `down`, in ms. @default 86_400_000 */
  forgetAfter?: number;
  /** Emit a `beat` event for each heartbeat; off, none is allocated. @default false */
  emitBeats?: boolean;
  /** What an earlier server knew when it stopped, from `UdpServerMachine.snapshot`. */
  snapshot?: UdpServerSnapshot;
}

/** How often and how evenly a client sends. */
export interface UdpSchedule {
  /** Milliseconds between the starts of two bursts. @default 10_000 */
  interval?: number;
  /** Datagrams in a burst, 1..10. @default 10 */
  burst?: number;
  /**
   * The share of the interval over which a burst is spread, 0..1. 0 sends back to back, as the seed
   * does; spread out, a burst survives an outage shorter than its spread. @default 0.5
   */
  spread?: number;
  /** Stop after so many bursts. @default Infinity */
  count?: number;
}

/** What a server is from its options, besides its clients. */
export interface UdpServerSettings {
  readonly autoRegisterTimeout: number | undefined;
  readonly grace: number;
  readonly groupWait: number;
  readonly maxClients: number;
  readonly forgetAfter: number;
  readonly emitBeats: boolean;
}

/**
 * Fills in the defaults of a server.
 *
 * @throws {HeartlineError} `invalid-option`
 */
export function serverSettings(options: UdpServerMachineOptions): UdpServerSettings {
  const { autoRegisterTimeout, grace = 0, groupWait = 5_000, maxClients = 100_000 } = options;
  const { forgetAfter = 86_400_000, emitBeats = false } = options;
  if (autoRegisterTimeout !== undefined) checkDuration("autoRegisterTimeout", autoRegisterTimeout);
  return {
    autoRegisterTimeout,
    grace: checkNumber("grace", grace),
    groupWait: checkDuration("groupWait", groupWait),
    maxClients: checkNumber("maxClients", maxClients, { min: 1, integer: true }),
    forgetAfter: checkDuration("forgetAfter", forgetAfter),
    emitBeats,
  };
}

/**
 * Fills in the defaults of a client.
 *
 * @throws {HeartlineError} `invalid-option`
 */
export function clientSettings(schedule: UdpSchedule): Required<UdpSchedule> {
  const { interval = 10_000, burst = BURST_SIZE, spread = 0.5, count = Infinity } = schedule;
  return {
    interval: checkNumber("interval", checkDuration("interval", interval), {
      max: LONGEST_INTERVAL,
    }),
    burst: checkNumber("burst", burst, { min: 1, max: BURST_SIZE, integer: true }),
    spread: checkNumber("spread", spread, { max: 1 }),
    count: count === Infinity ? count : checkNumber("count", count, { min: 1, integer: true }),
  };
}

/** A century, in ms: there is a next burst, so that every deadline is a number. */
const LONGEST_INTERVAL = 36_525 * 86_400_000;
