/**
 * How many false alarms a timeout gives, and which timeout gives few enough.
 *
 * It computes with the schedule of a client and a model of loss, without any client.
 *
 * The model is Gilbert's (1960): the path is good or bad, a bad one loses everything, and it stays bad
 * for `lossBurst` datagrams on average. A client is alarmed without reason if, after one datagram that
 * arrived, all that are sent within the timeout are lost. Delays are taken to be constant: add to the
 * timeout what the network may hold a datagram back.
 *
 * @module
 */
import { checkDuration, checkNumber } from "../core/check.ts";
import { BURST_SIZE } from "./message.ts";

/** A client's schedule, its network, and how many of them there are. */
export interface UdpPlan {
  /** The share of datagrams that is lost, 0 to below 1. */
  loss: number;
  /** Datagrams that are lost in a row on average, at least 1. @default as if each were lost by itself */
  lossBurst?: number;
  /** Milliseconds between two heartbeat messages. @default 10_000 */
  interval?: number;
  /** Datagrams in a heartbeat message, 1..10. @default 10 */
  burst?: number;
  /** The share of the interval over which they are spread, 0..1. @default 0.5 */
  spread?: number;
  /** How many clients are watched. @default 1 */
  clients?: number;
}

/** What to expect of one timeout. */
export interface UdpForecast {
  /** Milliseconds of silence until the alarm: a client that dies is found so long after its last beat. */
  readonly timeout: number;
  /** False alarms in a year of one client. */
  readonly falseAlarmsPerClientYear: number;
  /** The same over all clients. */
  readonly falseAlarmsPerYear: number;
  /** Datagrams in a row, at least, that must be lost for a false alarm. */
  readonly datagrams: number;
}

/**
 * Forecasts the false alarms of a timeout.
 *
 * @param timeout milliseconds of silence until the alarm, grace included
 * @throws {HeartlineError} `invalid-option`
 *
 * @example A fifth of all datagrams is lost
 * ```ts
 * import { forecastUdpAlarms } from "@heartline/heartline/udp";
 * import { assertEquals } from "@std/assert";
 *
 * const { datagrams, falseAlarmsPerClientYear } = forecastUdpAlarms({ loss: 0.2 }, 15_000);
 * assertEquals(datagrams, 10);
 * assertEquals(falseAlarmsPerClientYear.toFixed(2), "0.32");
 * ```
 */
export function forecastUdpAlarms(plan: UdpPlan, timeout: number): UdpForecast {
  return forecast(checked(plan), checkDuration("timeout", timeout));
}

/**
 * The shortest timeout, in steps of a twentieth of an interval, with at most `most` false alarms a year
 * over all clients; `undefined` if none up to a thousand intervals is enough.
 *
 * @throws {HeartlineError} `invalid-option`
 *
 * @example
 * ```ts
 * import { shortestUdpTimeout } from "@heartline/heartline/udp";
 * import { assertEquals } from "@std/assert";
 *
 * const found = shortestUdpTimeout({ loss: 0.2, clients: 1_000, interval: 2_000 }, 1);
 * assertEquals(found?.timeout, 3_700);
 * ```
 */
export function shortestUdpTimeout(plan: UdpPlan, most: number): UdpForecast | undefined {
  const settings = checked(plan);
  checkNumber("most", most);
  for (let step = STEPS; step <= MOST_PERIODS * STEPS; step++) {
    const found = forecast(settings, step * settings.interval / STEPS);
    if (found.falseAlarmsPerYear <= most) return found;
  }
  return undefined;
}

function forecast(plan: Required<UdpPlan>, timeout: number): UdpForecast {
  const { loss, lossBurst, interval, burst, clients } = plan;
  const turnsBad = loss === 0 ? 0 : loss / (lossBurst * (1 - loss));
  const staysBad = 1 - 1 / lossBurst;
  let alarmsPerInterval = 0, fewest = Infinity;
  for (let place = 0; place < burst; place++) {
    const datagrams = sentWithin(timeout, place, plan);
    fewest = Math.min(fewest, datagrams);
    // With nothing sent within the timeout the client is alarmed, whatever is lost.
    alarmsPerInterval += (1 - loss) *
      (datagrams === 0 ? 1 : turnsBad * staysBad ** (datagrams - 1));
  }
  const falseAlarmsPerClientYear = alarmsPerInterval * YEAR / interval;
  const falseAlarmsPerYear = falseAlarmsPerClientYear * clients;
  return { timeout, falseAlarmsPerClientYear, falseAlarmsPerYear, datagrams: fewest };
}

/** How many datagrams are sent within `timeout` after the one at `place` of its burst. */
function sentWithin(
  timeout: number,
  place: number,
  { interval, burst, spread }: Required<UdpPlan>,
): number {
  const gap = spread * interval / burst;
  const end = place * gap + timeout;
  const intervals = Math.floor(end / interval);
  // One that is sent just as the timeout ends comes too late.
  const inLast = Math.ceil((end - intervals * interval) / (gap || Number.MIN_VALUE));
  return intervals * burst + Math.min(burst, inLast) - (place + 1);
}

function checked(plan: UdpPlan): Required<UdpPlan> {
  const { interval = 10_000, burst = BURST_SIZE, spread = 0.5, clients = 1 } = plan;
  const loss = checkNumber("loss", plan.loss, { max: 1 - Number.EPSILON });
  // Losses that know nothing of each other come in bursts of this mean.
  const single = 1 / (1 - loss);
  return {
    loss,
    // A path that is good for less than one datagram on average would lose less than that.
    lossBurst: checkNumber("lossBurst", plan.lossBurst ?? single, {
      min: Math.max(1, loss / (1 - loss)),
    }),
    interval: checkDuration("interval", interval),
    burst: checkNumber("burst", burst, { min: 1, max: BURST_SIZE, integer: true }),
    spread: checkNumber("spread", spread, { max: 1 }),
    clients: checkNumber("clients", clients, { min: 1, integer: true }),
  };
}

/** In ms; the mean year of the Gregorian calendar. */
const YEAR = 365.2425 * 86_400_000;
/** Steps in an interval: finer than anybody sets a timeout. */
const STEPS = 20;
const MOST_PERIODS = 1_000;
