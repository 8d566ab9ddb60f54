/**
 * When to send which datagram: the sender of UDP heartbeats without its socket.
 *
 * It computes the schedule; addresses, sockets and the wall clock are its caller's.
 *
 * @module
 */
import { type Instant, type Machine, NOTHING } from "../core/machine.ts";
import type { UdpClientEnvironment, UdpClientInput, UdpClientOutput } from "./inputs.ts";
import { clientSettings, type UdpSchedule } from "./options.ts";

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
 * const machine = new UdpClientMachine({ interval: 10_000, burst: 2, spread: 0.5, count: 1 }, {}, 3_000);
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
   * Makes a client whose first burst begins `phase` ms after `now`.
   *
   * @param schedule see {@linkcode UdpSchedule}
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(schedule: UdpSchedule, { phase = 0 }: UdpClientEnvironment, now: Instant) {
    const { interval, burst, spread, count } = clientSettings(schedule);
    this.#start = now + phase;
    this.#interval = interval;
    this.#size = burst;
    this.#gap = spread * interval / burst;
    this.#count = count;
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
