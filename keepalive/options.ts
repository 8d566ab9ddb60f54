/**
 * When a keepalive connection sends data, when it probes, and when it gives up: the five lengths of time of
 * seed 004, their defaults and ranges, and what follows from them.
 *
 * @module
 */
import { checkDuration, checkNumber } from "../core/check.ts";
import { HeartlineError } from "../core/errors.ts";

/** The five figures of seed 004, in milliseconds. Both sides should run with the same ones. */
export interface KeepaliveTiming {
  /**
   * In the heartbeat phase: from the last sign of life to the next probe. Any byte is a sign of life,
   * so a busy connection is not probed. @default 5_000
   */
  heartBeatInterval?: number;
  /** How long a probe may be unanswered until it is missed. @default 10_000 */
  heartBeatThreshold?: number;
  /** How many more probes must be missed after the first, 0 or more. @default 3 */
  heartBeatAdditionalTries?: number;
  /**
   * Between two DATA messages of a client; `Infinity` leaves sending to the application. A server
   * sends none by itself. @default 5_000
   */
  dataInterval?: number;
  /** How long nothing may be heard until probing begins; above `dataInterval`. @default 20_000 */
  dataThreshold?: number;
}

/** How events with payloads are treated. */
export interface KeepalivePayloadOptions {
  /**
   * Whether `data` and `reply` events may be left out as all others are, when nobody takes them; for who only
   * watches. If not, a peer waits for who iterates slowly, and no payload is lost. @default false
   */
  dropPayloads?: boolean;
}

/** How a machine of one connection behaves. */
export interface KeepaliveMachineOptions extends KeepaliveTiming {
  /** The payload of the DATA messages sent every `dataInterval`. @default none is sent */
  payload?: string | undefined;
}

/** How a server watches its clients. */
export interface KeepaliveServerMachineOptions extends Omit<KeepaliveTiming, "dataInterval"> {
  /** Connections at most; further ones are told so and closed. @default 10_000 */
  maxClients?: number;
}

/** How long it takes to find a silent peer dead. */
export interface KeepaliveDetection {
  /** Milliseconds after it was last heard, if that was in the data phase. */
  readonly fromData: number;
  /** The same if it was in the heartbeat phase, where probing goes on already. */
  readonly fromHeartbeat: number;
  /** The longest pause of a peer, in ms, that can never be taken for its death. */
  readonly sparesStallsBelow: number;
}

/**
 * What a configuration means: how long it takes until a silent peer is declared dead.
 *
 * @throws {HeartlineError} `invalid-option`
 *
 * @example The figures of seed 004
 * ```ts
 * import { keepaliveDetection } from "@heartline/heartline/keepalive";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(keepaliveDetection(), {
 *   fromData: 60_000, // 20 s + (1 + 3) x 10 s
 *   fromHeartbeat: 45_000, // 5 s + (1 + 3) x 10 s
 *   sparesStallsBelow: 40_000,
 * });
 * ```
 */
export function keepaliveDetection(timing: KeepaliveTiming = {}): KeepaliveDetection {
  const { dataThreshold, heartBeatInterval, heartBeatThreshold, heartBeatAdditionalTries } =
    completed(timing);
  const probing = (1 + heartBeatAdditionalTries) * heartBeatThreshold;
  return {
    fromData: dataThreshold + probing,
    fromHeartbeat: heartBeatInterval + probing,
    sparesStallsBelow: probing,
  };
}

/**
 * Fills in the defaults.
 *
 * @throws {HeartlineError} `invalid-option`
 */
export function completed(timing: KeepaliveTiming): Required<KeepaliveTiming> {
  const { heartBeatInterval = 5_000, heartBeatThreshold = 10_000 } = timing;
  const { heartBeatAdditionalTries = 3, dataThreshold = 20_000 } = timing;
  // The default follows a short threshold: who sets one figure must not be refused for another.
  const { dataInterval = Math.min(5_000, dataThreshold / 4) } = timing;
  const all = {
    heartBeatInterval: checkDuration("heartBeatInterval", heartBeatInterval),
    heartBeatThreshold: checkNumber("heartBeatThreshold", heartBeatThreshold, { min: 1 }),
    heartBeatAdditionalTries: checkNumber("heartBeatAdditionalTries", heartBeatAdditionalTries, {
      max: MOST_TRIES,
      integer: true,
    }),
    dataInterval: checkNumber("dataInterval", dataInterval, { min: 1 }),
    dataThreshold: checkDuration("dataThreshold", dataThreshold),
  };
  if (dataInterval === Infinity || dataInterval < dataThreshold) return all;
  throw new HeartlineError(
    "invalid-option",
    `Cannot use dataInterval: wanted less than dataThreshold, ${dataThreshold} ms, or no ` +
      `data message would come in time, current value is ${dataInterval}`,
  );
}

/** More would be a mistake: 1,000 probes of one second are a quarter of an hour. */
const MOST_TRIES = 1_000;
