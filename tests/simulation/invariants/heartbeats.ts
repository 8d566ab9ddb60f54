/**
 * Whether what a server says of a client is so: for heartbeats of any transport.
 *
 * All instants are those of the server's clock.
 *
 * @module
 */
import type { Slot } from "../../../core/deadlines.ts";
import type { Instant } from "../../../core/machine.ts";
import { type Process, TICK } from "../process.ts";
import type { World } from "../world.ts";

/** What all witnesses of one server share. */
export class Watch {
  readonly server: Process;
  readonly world: World;
  /** Timeout and grace, in ms. */
  readonly patience: number;
  /** All the time for which the server said that it did not run. */
  lag = 0;
  /** How long after its due time each alarm came, in ms. */
  readonly lateness: number[] = [];
  alarms = 0;
  /** Alarms of clients that were running and sending. */
  falseAlarms = 0;
  recoveries = 0;

  constructor(server: Process, patience: number) {
    this.server = server;
    this.world = server.world;
    this.patience = patience;
  }
}

/** Stands beside one client. */
export class HeartbeatWitness {
  /** As the server's words have it. */
  state: "waiting" | "up" | "down" = "waiting";
  readonly #watch: Watch;
  readonly #client: Process;
  /** When the last heartbeat was read, or the client registered; and all lag until then. */
  #readAt: Instant;
  #lagAtRead: number;
  #readSinceAlarm = 0;
  #readAtAll = 0;
  readonly #slot: Slot;

  constructor(watch: Watch, client: Process) {
    this.#watch = watch;
    this.#client = client;
    this.#readAt = watch.server.clock.now();
    this.#lagAtRead = watch.lag;
    this.#slot = watch.world.place(() => this.#look());
    this.#lookLater();
  }

  /** The server is about to read a heartbeat. */
  reads(now: Instant): void {
    this.#expectAlarm(now);
    this.#readAt = now;
    this.#lagAtRead = this.#watch.lag;
    this.#readAtAll++;
    if (this.state === "down") {
      this.#watch.world.check(
        ++this.#readSinceAlarm <= MOST_DOUBTED,
        "heard-is-up",
        () => `${this.#client.name} is heard and heard and still down`,
      );
    } else this.#lookLater();
  }

  /** The server says that the client is silent. */
  alarmed(now: Instant): void {
    const { world, patience, lateness } = this.#watch;
    const { name } = this.#client;
    world.check(this.state !== "down", "down-once", () => `a second alarm for ${name}`);
    const early = this.#readAt + patience - now;
    world.check(early <= ROUNDING, "no-false-alarm", () => {
      return `an alarm for ${name}, ${early.toFixed(1)} ms before its time was over`;
    });
    const late = now - this.#dueAt;
    world.check(late <= TICK, "down-in-time", () => `an alarm for ${name}, ${late} ms late`);
    this.state = "down";
    this.#readSinceAlarm = 0;
    this.#watch.alarms++;
    if (this.#isAlive()) this.#watch.falseAlarms++;
    if (lateness.length < MOST_SAMPLES) lateness.push(-early);
    world.arm(this.#slot, Infinity);
  }

  /** The server says that the client is heard: for the first time, or again. */
  raised(word: "up" | "recovered"): void {
    const wanted = word === "up" ? "waiting" : "down";
    this.#watch.world.check(this.state === wanted, "states-alternate", () => {
      return `${word} is said of ${this.#client.name}, which was ${this.state}`;
    });
    if (word === "recovered") this.#watch.recoveries++;
    this.state = "up";
    this.#lookLater();
  }

  /** The server was started again after `pause` ms; `kept`: it goes on where it stopped. */
  restarted(kept: boolean, pause: number): void {
    if (kept) {
      // The time between does not count, as if it had been a pause.
      this.#readAt += pause;
    } else {
      this.state = "waiting";
      this.#readAt = this.#watch.server.clock.now();
      this.#lagAtRead = this.#watch.lag;
    }
    if (this.state !== "down") this.#lookLater();
  }

  /** Nothing more is expected. */
  end(): void {
    this.#watch.world.arm(this.#slot, Infinity);
  }

  get #dueAt(): Instant {
    return this.#readAt + this.#watch.patience + (this.#watch.lag - this.#lagAtRead);
  }

  /** Whether the client ran for as long as the server was patient, so that only the network kept it. */
  #isAlive(): boolean {
    const { running, bornAt, world } = this.#client;
    return running && this.#readAtAll > 0 && world.now - bornAt > this.#watch.patience;
  }

  #lookLater(): void {
    const { world, server } = this.#watch;
    world.arm(this.#slot, server.clock.trueTime(this.#dueAt + TICK + 1));
  }

  #look(): void {
    const { server, world } = this.#watch;
    if (server.dead) return;
    if (!server.running) return world.arm(this.#slot, world.now + TICK);
    const now = server.clock.now();
    this.#expectAlarm(now);
    if (this.state !== "down") this.#lookLater();
  }

  #expectAlarm(now: Instant): void {
    const { world } = this.#watch;
    world.check(
      this.state === "down" || now <= this.#dueAt + TICK,
      "down-in-time",
      () => `no alarm for ${this.#client.name}, which was due at ${this.#dueAt} of ${now}`,
    );
  }
}

/** After a step of its clock a client needs some datagrams that are no copies and not overtaken. */
const MOST_DOUBTED = 100;
/** Of instants in ms since the start of a run. */
const ROUNDING = 1e-3;
const MOST_SAMPLES = 1e6;
