/**
 * A network that carries datagrams: late, twice, out of order, or not at all.
 *
 * What a datagram draws does not depend on faults, so that a fault that is left out does not move the
 * datagrams after it.
 *
 * @module
 */
import type { Slot } from "../../core/deadlines.ts";
import type { Instant, Random } from "../../core/machine.ts";
import { Loss, type Weather } from "./weather.ts";
import type { World } from "./world.ts";

/** All lanes; what is under way lies in arrays by its slot in the queue of the world. */
export class DatagramNetwork {
  /** How many datagrams were sent, lost and doubled. */
  readonly counts = { sent: 0, lost: 0, doubled: 0 };

  readonly #world: World;
  readonly #lanes: DatagramLane<unknown>[] = [];
  readonly #datagrams: unknown[] = [];
  readonly #arrive = (slot: Slot) => this.#lanes[slot]!.arrive(this.#datagrams[slot]);

  constructor(world: World) {
    this.#world = world;
  }

  /** One direction of a path; `arrive` gets what comes out of it. */
  lane<Datagram>(
    weather: Weather,
    random: Random,
    arrive: (datagram: Datagram) => void,
  ): DatagramLane<Datagram> {
    return new DatagramLane(this, this.#world, weather, random, arrive);
  }

  /** Puts a datagram under way; for lanes. */
  carry<Datagram>(lane: DatagramLane<Datagram>, datagram: Datagram, due: Instant): void {
    const slot = this.#world.once(due, this.#arrive);
    this.#lanes[slot] = lane as DatagramLane<unknown>;
    this.#datagrams[slot] = datagram;
  }
}

/** One direction of one path. */
export class DatagramLane<Datagram> {
  /** Takes what comes out. */
  readonly arrive: (datagram: Datagram) => void;
  /** Until when nothing passes. */
  closedUntil: Instant = 0;
  /** Until when everything takes `slowBy` ms longer. */
  slowUntil: Instant = 0;
  slowBy = 0;

  readonly #network: DatagramNetwork;
  readonly #world: World;
  readonly #weather: Weather;
  readonly #random: Random;
  readonly #loss: Loss;

  constructor(
    network: DatagramNetwork,
    world: World,
    weather: Weather,
    random: Random,
    arrive: (datagram: Datagram) => void,
  ) {
    this.#network = network;
    this.#world = world;
    this.#weather = weather;
    this.#random = random;
    this.#loss = new Loss(weather, random);
    this.arrive = arrive;
  }

  /** Sends one datagram. */
  send(datagram: Datagram): void {
    const { counts } = this.#network;
    const { delay, jitter, duplication } = this.#weather;
    const random = this.#random, now = this.#world.now;
    counts.sent++;
    const lost = this.#loss.strikes(now), again = random();
    const due = now + delay + random() * jitter, copyDue = now + delay + random() * jitter;
    if (lost || now < this.closedUntil) {
      counts.lost++;
      return;
    }
    const slow = now < this.slowUntil ? this.slowBy : 0;
    this.#network.carry(this, datagram, due + slow);
    if (again >= duplication) return;
    counts.doubled++;
    this.#network.carry(this, datagram, copyDue + slow);
  }
}
