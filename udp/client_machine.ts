/**
 * When to send which datagram: the sender of UDP heartbeats without its socket.
 *
 * It computes the schedule; addresses, sockets and the wall clock are its caller's.
 *
 * @module
 */
import { checkDuration, checkNumber } from "../core/check.ts";
import type { HeartlineError } from "../core/errors.ts";
import { type Instant, type Machine, NOTHING } from "../core/machine.ts";
import type { UdpClientEvent } from "./events.ts";
import { BURST_SIZE } from "./message.ts";

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

/** What a client machine is told: sending a datagram of that burst failed. */
export interface UdpClientInput {
  /** The tag of this input. */
  readonly type: "failed";
  /** The burst, counted from 1. */
  readonly burst: number;
  /** What went wrong. */
  readonly error: HeartlineError;
}

/** A datagram to send now, or an event. */
export type UdpClientOutput =
  | { readonly type: "send"; readonly sequence: number; readonly burst: number }
  | UdpClientEvent;

/**
 * Sends burst k at `start + k * interval` without drift. A process that was stopped goes on with the
 * burst that is due now; what it missed is not sent afterwards, because it would say nothing.
 *
 * Laws: within a burst the sequence numbers count up from 1; a failed datagram ends its burst.
 *
 * @example Driven by hand
 * ```ts
 * import { UdpClientMachine } from "@heartline/heartline/udp";
 * import { assertEquals } from "@std/assert";
 *
 * // Two datagrams every 10 s from 3 s on, the second half a spread later. `now` is what you say it is.
 * const machine = new UdpClientMachine({ interval: 10_000, burst: 2, spread: 0.5, count: 1 }, 3_000);
 * assertEquals(machine.deadline, 3_000);
 * assertEquals(machine.tick(2_999), []);
 * assertEquals(machine.tick(3_000), [{ type: "send", sequence: 1, burst: 1 }]);
 * assertEquals(machine.deadline, 5_500);
 * assertEquals(machine.tick(5_500).map(({ type }) => type), ["send", "sent", "done"]);
 * assertEquals(machine.deadline, undefined);
 * ```
 */
export class UdpClientMachine implements Machine<UdpClientInput, UdpClientOutput> {
  readonly #start: Instant;
  readonly #interval: number;
  readonly #size: number;
  readonly #gap: number;
  readonly #count: number;
  /** The next datagram: its burst, counted from 0, and its sequence number. */
  #burst = 0;
  #sequence = 1;
  /** The last burst whose failure was said, counted from 1. */
  #failed = 0;

  /**
   * Makes a client whose first burst begins at `start`.
   *
   * @param schedule see {@linkcode UdpSchedule}
   * @param start when the first burst begins: the present plus a random phase below the interval
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(schedule: UdpSchedule, start: Instant) {
    const { interval = 10_000, burst = BURST_SIZE, spread = 0.5, count = Infinity } = schedule;
    this.#start = start;
    checkNumber("interval", checkDuration("interval", interval), { max: LONGEST_INTERVAL });
    this.#interval = interval;
    this.#size = checkNumber("burst", burst, { min: 1, max: BURST_SIZE, integer: true });
    this.#gap = checkNumber("spread", spread, { max: 1 }) * interval / burst;
    this.#count = count === Infinity
      ? count
      : checkNumber("count", count, { min: 1, integer: true });
  }

  /** When the next datagram is due; `undefined` once all bursts are sent. */
  get deadline(): Instant | undefined {
    if (this.#burst >= this.#count) return undefined;
    return this.#start + this.#burst * this.#interval + (this.#sequence - 1) * this.#gap;
  }

  /** Takes a failure: it is said once for its burst, and the rest of that burst is not sent. */
  handle({ burst, error }: UdpClientInput, _now: Instant): readonly UdpClientOutput[] {
    if (burst <= this.#failed) return NOTHING;
    this.#failed = burst;
    const { code, message } = error;
    const outputs: UdpClientOutput[] = [{ type: "send-failed", burst, code, message }];
    if (burst === this.#burst + 1) this.#endBurst(outputs);
    return outputs;
  }

  /** Sends what is due. */
  tick(now: Instant): readonly UdpClientOutput[] {
    const outputs: UdpClientOutput[] = [];
    while (this.#burst < this.#count && this.deadline! <= now) {
      this.#skipMissed(now, outputs);
      outputs.push({ type: "send", sequence: this.#sequence, burst: this.#burst + 1 });
      if (this.#sequence++ < this.#size) continue;
      outputs.push({ type: "sent", burst: this.#burst + 1, datagrams: this.#size });
      this.#endBurst(outputs);
    }
    return outputs;
  }

  #skipMissed(now: Instant, outputs: UdpClientOutput[]): void {
    const current = Math.min(Math.floor((now - this.#start) / this.#interval), this.#count - 1);
    if (current <= this.#burst) return;
    outputs.push({ type: "skipped", bursts: current - this.#burst });
    this.#burst = current;
    this.#sequence = 1;
  }

  #endBurst(outputs: UdpClientOutput[]): void {
    this.#burst++;
    this.#sequence = 1;
    if (this.#burst === this.#count) outputs.push({ type: "done", bursts: this.#burst });
  }
}

/** A century, in ms: there is a next burst, so that every deadline is a number. */
const LONGEST_INTERVAL = 36_525 * 86_400_000;
