/**
 * A network that loses, doubles, delays and reorders what is sent over it, the same way every time.
 *
 * This file knows faults. It does not know what is sent.
 *
 * @module
 */
import { type Instant, type Machine, NOTHING, type Random } from "../../core/machine.ts";

/** What goes wrong, and how much; nothing does unless asked for. */
export interface LinkFaults {
  /** The share of messages that vanish, each for itself. */
  loss?: number;
  /** Times in which every message vanishes: a share of all time, and their mean length in ms. */
  outages?: { share: number; length: number };
  /** The share of messages that arrive twice. */
  duplication?: number;
  /** Milliseconds that every message takes. */
  delay?: number;
  /** Up to so many more, evenly distributed; messages sent closer together may change places. */
  jitter?: number;
}

/** One direction of a bad link: messages go in by `handle` and come out of `tick`. */
export class LossyLink<Message> implements Machine<Message, Message> {
  /** How many messages went in, vanished, and were doubled. */
  readonly counts = { sent: 0, lost: 0, doubled: 0 };

  readonly #faults: Required<LinkFaults>;
  readonly #random: Random;
  /** In the order of arrival. */
  readonly #underway: { readonly due: Instant; readonly message: Message }[] = [];
  #outage = true;
  #changesAt: Instant = -Infinity;

  constructor(faults: LinkFaults, random: Random) {
    const none = { loss: 0, outages: { share: 0, length: 0 }, duplication: 0, delay: 0, jitter: 0 };
    this.#faults = { ...none, ...faults };
    this.#random = random;
  }

  /** When the next message arrives. */
  get deadline(): Instant | undefined {
    return this.#underway[0]?.due;
  }

  /** Sends one message. */
  handle(message: Message, now: Instant): readonly never[] {
    this.counts.sent++;
    // Always the same number of draws, so that a fault does not change the ones after it.
    const [loss, again] = [this.#random(), this.#random()];
    const due = now + this.#faults.delay + this.#random() * this.#faults.jitter;
    const copyDue = now + this.#faults.delay + this.#random() * this.#faults.jitter;
    if (this.#isOut(now) || loss < this.#faults.loss) {
      this.counts.lost++;
      return NOTHING;
    }
    this.#put(message, due);
    if (again < this.#faults.duplication) {
      this.counts.doubled++;
      this.#put(message, copyDue);
    }
    return NOTHING;
  }

  /** Takes out what has arrived. */
  tick(now: Instant): readonly Message[] {
    const arrived: Message[] = [];
    while (this.#underway.length > 0 && this.#underway[0]!.due <= now) {
      arrived.push(this.#underway.shift()!.message);
    }
    return arrived;
  }

  #put(message: Message, due: Instant): void {
    const place = this.#underway.findIndex((other) => other.due > due);
    this.#underway.splice(place < 0 ? this.#underway.length : place, 0, { due, message });
  }

  /** Outages and the times between them have exponentially distributed lengths. */
  #isOut(now: Instant): boolean {
    const { share, length } = this.#faults.outages;
    if (share === 0) return false;
    if (this.#changesAt === -Infinity) this.#changesAt = now;
    while (this.#changesAt <= now) {
      this.#outage = !this.#outage;
      const mean = this.#outage ? length : length * (1 - share) / share;
      this.#changesAt -= mean * Math.log(1 - this.#random());
    }
    return this.#outage;
  }
}
