/**
 * What a network does to everybody all the time, and the models of loss that figures are published for.
 *
 * @module
 */
import type { Instant, Random } from "../../core/machine.ts";

/** One direction of a path; shares are 0..1 and lengths of time milliseconds. */
export interface Weather {
  /** How long everything takes. */
  readonly delay: number;
  /** Up to so much more, drawn for each: what is sent close together may change places. */
  readonly jitter: number;
  /** The share lost one by one. */
  readonly loss: number;
  /**
   * Gilbert-Elliott: times, drawn from exponential distributions, in which a `lost` share vanishes:
   * a `share` of all time, and their mean `length`.
   */
  readonly bursts: { readonly share: number; readonly length: number; readonly lost: number };
  /** The share that arrives twice. */
  readonly duplication: number;
}

/** Nothing is lost, and everything takes 20 to 30 ms. */
const CLEAR: Weather = {
  delay: 20,
  jitter: 10,
  loss: 0,
  bursts: { share: 0, length: 0, lost: 1 },
  duplication: 0,
};

/** The models by name. */
export const WEATHERS: Readonly<Record<string, Weather>> = {
  clear: CLEAR,
  // As much jitter as no heartbeat counts as held back for.
  rough: {
    delay: 20,
    jitter: 900,
    loss: 0.05,
    bursts: { share: 0.02, length: 5_000, lost: 0.9 },
    duplication: 0.02,
  },
  "loss-10": { ...CLEAR, loss: 0.1 },
  "loss-50": { ...CLEAR, loss: 0.5 },
  // The outages of the field notes: 5 % of the time, 200 ms on average; then ever longer ones.
  "outages-200ms": { ...CLEAR, bursts: { share: 0.05, length: 200, lost: 1 } },
  "outages-5s": { ...CLEAR, bursts: { share: 0.05, length: 5_000, lost: 1 } },
  "outages-20s": { ...CLEAR, bursts: { share: 0.05, length: 20_000, lost: 1 } },
};

/** Decides what is lost on one lane: Gilbert-Elliott in continuous time. */
export class Loss {
  readonly #weather: Weather;
  readonly #random: Random;
  #burst = true;
  #changesAt: Instant = -Infinity;

  constructor(weather: Weather, random: Random) {
    this.#weather = weather;
    this.#random = random;
  }

  /** Whether what is sent now is lost. */
  strikes(now: Instant): boolean {
    const { loss, bursts } = this.#weather;
    return this.#random() < (this.#inBurst(now) ? bursts.lost : loss);
  }

  #inBurst(now: Instant): boolean {
    const { share, length } = this.#weather.bursts;
    if (share === 0) return false;
    if (this.#changesAt === -Infinity) this.#changesAt = now;
    while (this.#changesAt <= now) {
      this.#burst = !this.#burst;
      const mean = this.#burst ? length : length * (1 - share) / share;
      this.#changesAt -= mean * Math.log(1 - this.#random());
    }
    return this.#burst;
  }
}
