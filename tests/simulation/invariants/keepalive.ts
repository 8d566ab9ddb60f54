/**
 * Whether an end of a keepalive connection is declared dead when it must be, and never without a cause.
 *
 * @module
 */
import type { Instant } from "../../../core/machine.ts";
import type { KeepaliveClientEvent, KeepaliveConnectionEvent } from "../../../keepalive/events.ts";
import { keepaliveDetection } from "../../../keepalive/options.ts";
import type { Process } from "../process.ts";
import type { World } from "../world.ts";

/** What was wrong with one client and its way to the server. */
export interface Trouble {
  /** Until when, in true time. */
  until: Instant;
}

/** Stands beside one end of one connection. */
export class LifeWitness {
  readonly #world: World;
  readonly #process: Process;
  /** Whatever may have kept the other end from being heard. */
  readonly #troubles: readonly Trouble[];
  /** When bytes were last read, on this end's clock and in true time. */
  #readAt: Instant;
  #trueReadAt: Instant;
  /** All pauses since then, those that the machine was told of and those that were too short. */
  #lag = 0;
  #unnoticedAtRead: number;
  #phase = "data";
  #over = false;

  constructor(process: Process, troubles: readonly Trouble[]) {
    this.#world = process.world;
    this.#process = process;
    this.#troubles = troubles;
    this.#readAt = process.clock.now();
    this.#trueReadAt = this.#world.now;
    this.#unnoticedAtRead = process.unnoticed;
  }

  /** This end reads bytes. */
  reads(): void {
    this.#readAt = this.#process.clock.now();
    this.#trueReadAt = this.#world.now;
    this.#lag = 0;
    this.#unnoticedAtRead = this.#process.unnoticed;
  }

  /** This end says something; `true` once its connection is over. */
  says(event: KeepaliveClientEvent | KeepaliveConnectionEvent, now: Instant): void {
    const world = this.#world, { name } = this.#process;
    world.check(
      !this.#over,
      "silent-after-close",
      () => `${name} says ${event.type} after its end`,
    );
    if (event.type === "stalled") this.#lag += event.by;
    if (event.type === "phase") {
      world.check(event.phase !== this.#phase, "states-alternate", () => {
        return `${name} enters the phase ${event.phase} a second time`;
      });
      this.#phase = event.phase;
    }
    if (event.type !== "disconnected") return;
    this.#over = true;
    if (event.reason === "silent") this.#expectJust(now);
  }

  /** Checks that a verdict which is due was given. */
  end(): void {
    const { fromData } = keepaliveDetection();
    const silentFor = this.#process.clock.now() - this.#readAt;
    const most = fromData + this.#lag + this.#late;
    this.#world.check(
      this.#over || !this.#process.running || silentFor <= most,
      "death-on-schedule",
      () => {
        return `${this.#process.name} has waited ${silentFor} ms and gives no verdict`;
      },
    );
  }

  #expectJust(now: Instant): void {
    const { fromData, fromHeartbeat } = keepaliveDetection();
    const world = this.#world, { name } = this.#process;
    const silentFor = now - this.#readAt - this.#lag;
    const fits = [fromData, fromHeartbeat].some((length) => {
      return silentFor >= length - ROUNDING && silentFor <= length + this.#late;
    });
    world.check(fits, "death-on-schedule", () => {
      return `${name} declares its peer dead after ${silentFor} ms of silence`;
    });
    const healthySince = this.#troubles.reduce((most, { until }) => Math.max(most, until), 0);
    world.check(healthySince + AFTERMATH >= this.#trueReadAt, "live-not-killed", () => {
      return `${name} declares its peer dead, which nothing kept from being heard`;
    });
  }

  /** How late a verdict may be: timers do not add up, pauses that are too short to be noticed do. */
  get #late(): number {
    return LATE + 2 * (this.#process.unnoticed - this.#unnoticedAtRead);
  }
}

/** A timer, the drain, and what rounding makes of five of them, in ms. */
const LATE = 10;
const ROUNDING = 1e-3;
/** A fault is felt for so much longer, in ms: by what waited, and by what is sent again. */
const AFTERMATH = 20_000;
