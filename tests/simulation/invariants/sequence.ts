/**
 * Whether every client gets its sequence, whole and once, or is told why not.
 *
 * @module
 */
import type { Instant } from "../../../core/machine.ts";
import type { SequenceClientEvent, SequenceServerEvent } from "../../../sequence/events.ts";
import { numbersOf } from "../../../sequence/generator.ts";
import type { Process } from "../process.ts";
import type { VirtualStore } from "../virtual_store.ts";
import type { World } from "../world.ts";

/** Stands beside the user of one client. */
export class ReceiverWitness {
  /** How many numbers the user got, all restarts counted as what they make of them. */
  taken = 0;
  repeated = 0;
  /** What it ended with, if it did. */
  end: string | undefined;
  session: string | undefined;
  /** The server that has its session, and since when it has no connection there, in true time. */
  holder: Process | undefined;
  lostAt: Instant = Infinity;
  #life = 0;
  /** How often it was started again. */
  restarts = 0;
  /** When a server last accepted a resume on a connection that the client had given up. */
  overtakenAt: Instant = -Infinity;

  readonly #world: World;
  readonly #store: VirtualStore;
  readonly #client: Process;
  readonly #length: number;
  #value: ((index: number) => number) | undefined;

  constructor(client: Process, store: VirtualStore, length: number) {
    this.#world = client.world;
    this.#store = store;
    this.#client = client;
    this.#length = length;
  }

  /** The client starts at number `taken`, of a session if it has one. */
  starts(taken: number, session: string | undefined): void {
    this.taken = taken;
    this.#know(session);
  }

  /** The user gets a number. */
  takes(value: number): void {
    const index = this.taken++;
    const wanted = this.#value!(index);
    if (value !== wanted || index >= this.#length) {
      const found = `number ${index} is ${value} and not ${wanted}`;
      this.#world.fail("delivered", `${this.#client.name} was given: ${found}`);
    }
  }

  /** The client confirms all numbers below `next`. */
  confirms(next: number): void {
    this.#world.check(next <= this.taken, "acked-received-sent", () => {
      return `${this.#client.name} confirmed ${next} and had ${this.taken}`;
    });
  }

  /** A server serves the session from now on. */
  isServed(by: Process): void {
    this.holder = by;
    this.#life = by.life;
    this.lostAt = Infinity;
  }

  /** A server has lost the connection of the session, or its own life. */
  isLost(by: Process, since: Instant = this.#world.now): void {
    if (this.holder === by) this.lostAt = Math.min(this.lostAt, since);
  }

  /** A server says that the session has expired. */
  expires(by: Process): void {
    const { name } = this.#client;
    // Without its store a server cannot know better.
    const blind = this.#world.now - this.#store.troubleAt < ANSWER;
    const lives = this.holder !== by && this.lostAt === Infinity && this.end === undefined &&
      !blind;
    this.#world.check(!lives, "resumable-in-window", () => {
      return `${by.name} says that the session of ${name} expired, which ${this.holder?.name} serves`;
    });
  }

  /** The client says something. */
  says(event: SequenceClientEvent): void {
    const world = this.#world, { name } = this.#client;
    switch (event.type) {
      case "started":
        this.#know(event.session);
        break;
      case "done":
        this.end = "SUCCESS";
        world.check(this.taken === this.#length, "delivered", () => {
          return `${name} is done with ${this.taken} of ${this.#length}`;
        });
        break;
      case "failed":
        this.end = event.code;
        world.check(this.#isJust(event.code), "typed-end", () => {
          return `${name} ended with ${event.code}, for no reason that is known`;
        });
    }
  }

  /** Whether there is a cause for such an end. */
  #isJust(code: string): boolean {
    const { troubleAt, wipedAt } = this.#store;
    const lost = wipedAt > -Infinity;
    switch (code) {
      case "EXPIRED":
        return this.#world.now - this.lostAt >= WINDOW ||
          this.#world.now - troubleAt < 2 * WINDOW;
      case "REPLACED":
        // An older attempt of the client, which a paused server reads late, is taken for the newer one.
        return this.#world.now - this.overtakenAt < WINDOW;
      case "UNKNOWN":
        return lost || this.restarts > 0 || this.#isGone ||
          this.#world.now - this.lostAt >= TOMBSTONE;
      case "COMPLETED":
        return this.restarts > 0;
      default:
        return false;
    }
  }

  /** The store lost what was written of it, and the server that held it was killed. */
  get #isGone(): boolean {
    const { holder } = this;
    return this.#store.rolledBackAt > -Infinity && (holder?.dead || holder?.life !== this.#life);
  }

  #know(session: string | undefined): void {
    this.session = session;
    const seed = session === undefined ? undefined : this.#store.seeds.get(session);
    if (seed) this.#value = numbersOf(seed);
  }
}

/** Stands beside one server. */
export class SenderWitness {
  /** All the time for which the server said that it did not run. */
  #lag = 0;
  readonly #server: Process;
  readonly #world: World;
  readonly #store: VirtualStore;
  /** What each connection carries. */
  readonly #carried = new Map<number, Sending>();
  /** The connection of each session that may send. */
  readonly #senders = new Map<string, number>();
  /** Sessions without a connection. */
  readonly #windows = new Map<string, Window>();
  /** The last epoch under which this server served each session. */
  readonly #epochs = new Map<string, number>();
  /** When something was last read from each connection, on the server's clock. */
  readonly #askedAt = new Map<number, Instant>();

  constructor(server: Process, store: VirtualStore) {
    this.#server = server;
    this.#world = server.world;
    this.#store = store;
  }

  /** The server reads from a connection. */
  reads(connection: number, now: Instant): void {
    this.#askedAt.set(connection, now);
  }

  /** Whether something was read from a connection that was not closed since. */
  isOpen(connection: number): boolean {
    return this.#askedAt.has(connection);
  }

  /** The server says something; `connection` is the one of its client, if it has one. */
  says(event: SequenceServerEvent, connection: number, now: Instant): void {
    switch (event.type) {
      case "stalled":
        this.#lag += event.by;
        break;
      case "started":
        this.#bind(event.session, connection, now, { epoch: 1, sent: 0, length: event.length });
        break;
      case "resumed": {
        const { session, epoch, next } = event;
        this.#expectInTime(session, connection, epoch - 1, true);
        const length = this.#store.get(session)?.length ?? Infinity;
        this.#bind(session, connection, now, { epoch, sent: next, length });
        break;
      }
      case "disconnected":
        this.#release(event.session, connection);
        this.#wait(event.session, this.#epochs.get(event.session)!, now);
        break;
      case "replaced":
        this.#release(event.session, connection);
        break;
      case "moved":
      case "expired":
      case "completed":
        this.#windows.delete(event.session);
        this.#senders.delete(event.session);
        this.#epochs.delete(event.session);
    }
  }

  /** The server sends number `index` on a connection. */
  sends(connection: number, index: number): void {
    const carried = this.#carried.get(connection);
    const world = this.#world, { name } = this.#server;
    if (!carried || this.#senders.get(carried.session) !== connection) {
      return world.fail(
        "one-sender",
        `${name} sends number ${index} on a connection without a session`,
      );
    }
    world.check(!carried.fenced, "one-sender", () => {
      return `${name} sends number ${index} though it was told that the session has moved`;
    });
    world.check(index === carried.sent && index < carried.length, "acked-received-sent", () => {
      return `${name} sends number ${index} after ${carried.sent} of ${carried.length}`;
    });
    carried.sent++;
  }

  /** The server reads that all numbers below `next` were received. */
  confirmed(connection: number, next: number): void {
    const carried = this.#carried.get(connection);
    this.#world.check(!carried || next <= carried.sent, "acked-received-sent", () => {
      return `${next} was confirmed to ${this.#server.name}, which sent ${carried!.sent}`;
    });
  }

  /** The server refuses a resume of a session because its window has passed. */
  refuses(session: string, connection: number): void {
    this.#expectInTime(session, connection, this.#store.get(session)?.epoch ?? 0, false);
  }

  /** The store tells the server that another has the session. */
  fences(session: string, epoch: number): void {
    const carried = this.#carried.get(this.#senders.get(session) ?? -1);
    if (carried && carried.epoch <= epoch) carried.fenced = true;
  }

  /** A connection of the server is no more. */
  closes(connection: number): void {
    const carried = this.#carried.get(connection);
    if (carried && this.#senders.get(carried.session) === connection) {
      this.#senders.delete(carried.session);
    }
    this.#carried.delete(connection);
    this.#askedAt.delete(connection);
  }

  /** The server was killed: what it knew is gone. */
  forgets(): void {
    const all = [this.#carried, this.#senders, this.#windows, this.#epochs, this.#askedAt];
    for (const known of all) known.clear();
    this.#lag = 0;
  }

  #bind(
    session: string,
    connection: number,
    now: Instant,
    sending: { readonly epoch: number; readonly sent: number; readonly length: number },
  ): void {
    const other = this.#senders.get(session);
    if (other !== undefined && other !== connection && this.#carried.has(other)) {
      const both = `connections ${other} and ${connection}`;
      this.#world.fail("one-sender", `${this.#server.name} serves a session on ${both}`);
    }
    this.#epochs.set(session, sending.epoch);
    // The connection may be gone by now: then the session waits for the next one.
    if (!this.isOpen(connection)) {
      return this.#wait(session, sending.epoch, now);
    }
    this.#windows.delete(session);
    this.#senders.set(session, connection);
    this.#carried.set(connection, { session, ...sending, fenced: false });
  }

  #release(session: string, connection: number): void {
    if (this.#senders.get(session) === connection) this.#senders.delete(session);
  }

  #wait(session: string, epoch: number, now: Instant): void {
    this.#windows.set(session, { epoch, until: now + WINDOW - this.#lag });
  }

  /**
   * Below the window a resume is accepted, from the window on it is not; if under another epoch the
   * session has lived on elsewhere, the window that began here says nothing.
   */
  #expectInTime(session: string, connection: number, epoch: number, accepted: boolean): void {
    const window = this.#windows.get(session);
    const asked = this.#askedAt.get(connection);
    if (window?.epoch !== epoch || asked === undefined) return;
    const left = window.until + this.#lag - asked;
    const right = accepted ? left > -ROUNDING : left < ROUNDING;
    this.#world.check(right, "resumable-in-window", () => {
      const verdict = accepted ? "was accepted" : "was refused";
      return `a resume ${left.toFixed(3)} ms before the end of the window ${verdict}`;
    });
  }
}

interface Window {
  /** When it is over, on the server's clock, less all lag until it began. */
  readonly until: Instant;
  /** The epoch of the connection that was lost. */
  readonly epoch: number;
}

interface Sending {
  readonly session: string;
  readonly epoch: number;
  readonly length: number;
  /** The next number. */
  sent: number;
  /** The server was told that another has the session. */
  fenced: boolean;
}

/** How long a session is kept without a connection, in ms. */
export const WINDOW = 30_000;
/** How long it is known what became of it. */
const TOMBSTONE = 600_000;
/** What a call of the store takes at most, in ms. */
const ANSWER = 10_000;
/** Of instants in ms since the start of a run. */
const ROUNDING = 1e-6;
