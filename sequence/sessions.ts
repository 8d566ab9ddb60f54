/**
 * The sessions that a server holds.
 *
 * How a client gets a session is decided in `session_requests.ts`, when its numbers are due in
 * `number_schedule.ts`.
 *
 * ```text
 *   connected ◀──resume──▶ disconnected ──window──▶ expired
 *       │ FIN, FIN-ACK
 *       ▼
 *   completed
 * ```
 *
 * Laws: a session has at most one connection, and only that one moves it; it keeps its full window after
 * every disconnect; while a resume is being decided it does not expire; whether it expired is decided here,
 * by our own clock, until the store has been asked what became of it; a store that has it under an earlier epoch,
 * or not at all, lost something, and gets back what we hold.
 *
 * @module
 */
import type { Instant } from "../core/machine.ts";
import type { Connections } from "./connections.ts";
import type { SequenceLossReason } from "./events.ts";
import { checkedNumber, numbersOf } from "./generator.ts";
import { LiveSession, type SequenceConnection } from "./live_session.ts";
import type { SequenceReply } from "./message.ts";
import type { NumberSchedule } from "./number_schedule.ts";
import type { SequenceSettings, SequenceSource } from "./options.ts";
import type { SequenceSession } from "./store.ts";
import type { StoreRequests } from "./store_requests.ts";
import type { Step } from "./step.ts";
import type { Timers } from "./timers.ts";
import type { WriteBack } from "./write_back.ts";

/** What sessions need of the rest of their server. */
export interface SessionContext {
  readonly settings: SequenceSettings;
  readonly source: SequenceSource | undefined;
  readonly wall: (now: Instant) => number;
  readonly timers: Timers;
  readonly requests: StoreRequests;
  readonly connections: Connections;
  readonly numbers: NumberSchedule;
  readonly writeBack: WriteBack;
}

/** Every session of one server, by id. */
export class Sessions {
  /** Ms between two saves of a session that is connected; each also checks its epoch. */
  readonly saveEvery: number;

  readonly #server: SessionContext;
  readonly #sessions = new Map<string, LiveSession>();
  /** Until when what the store says may be what it had before: other servers are still writing back. */
  #settledAt: Instant = -Infinity;

  /** None is held; those in the store are found when they are resumed. */
  constructor(context: SessionContext) {
    this.#server = context;
    this.saveEvery = Math.min(LONGEST_SAVE, context.settings.sessionTtl / 3);
  }

  /** How many are held, those without a connection counted. */
  get size(): number {
    return this.#sessions.size;
  }

  /** The session with this id, if it is held. */
  get(id: string): LiveSession | undefined {
    return this.#sessions.get(id);
  }

  /** Until when a record that is written now must last. */
  lifeFrom(now: Instant): number {
    return this.#server.wall(now) + this.#server.settings.sessionTtl + this.saveEvery;
  }

  /** Begins to hold a session whose first number here is due an interval from now. */
  hold(record: SequenceSession, now: Instant): LiveSession {
    const { source, settings, timers, numbers } = this.#server;
    const value = source
      ? (index: number) => checkedNumber(source(index, record), index)
      : numbersOf(record.seed);
    const slot = timers.add((step) => this.#review(session, step));
    const session = new LiveSession(record, value, slot, now + settings.interval);
    numbers.add(session);
    this.#sessions.set(record.id, session);
    return session;
  }

  /** Gives a session its connection, which may be gone by now, and greets. */
  bind(
    connection: SequenceConnection,
    session: LiveSession,
    greeting: SequenceReply,
    step: Step,
  ): void {
    const { connections, timers, numbers } = this.#server;
    if (!connections.has(connection)) return this.#awaitReturn(session, step);
    connections.open(connection, step);
    connection.session = session;
    session.connection = connection;
    timers.arm(session.slot, step.now + this.saveEvery);
    connections.reply(connection, greeting, step);
    numbers.proceed(session, step);
  }

  /** Tells a connection that another has its session, and closes it without touching the session. */
  replace(connection: SequenceConnection, session: LiveSession, step: Step): void {
    const { connections, numbers } = this.#server;
    connection.session = undefined;
    if (session.connection === connection) {
      session.connection = undefined;
      numbers.pause(session);
    }
    if (!connections.has(connection)) return;
    connections.reply(connection, { type: "replaced" }, step);
    step.outputs.push({ type: "replaced", session: session.id, client: connection.name });
    connections.close(connection, "rejected", step);
  }

  /** A connection is gone; its session, if it still has it, begins its window. */
  disconnected(connection: SequenceConnection, reason: SequenceLossReason, step: Step): void {
    const { session } = connection;
    if (!session) return;
    session.connection = undefined;
    this.#server.numbers.pause(session);
    this.#awaitReturn(session, step);
    const { id, confirmed: next } = session;
    step.outputs.push({ type: "disconnected", session: id, client: connection.name, reason, next });
    this.#save(session, this.#server.settings.sessionTtl, step);
  }

  /** The client has all numbers below `next`. */
  confirm(session: LiveSession, next: number, step: Step): "RANGE" | undefined {
    if (next > session.sent) return "RANGE";
    const { numbers, settings } = this.#server;
    const waited = numbers.blocks(session);
    session.confirm(next);
    if (!session.trusted) {
      session.trusted = true;
      this.#save(session, settings.sessionTtl + this.saveEvery, step);
    }
    if (waited || settings.interval === 0) numbers.proceed(session, step);
    return undefined;
  }

  /** The client has everything. */
  complete(connection: SequenceConnection, session: LiveSession, step: Step): void {
    connection.session = undefined;
    step.outputs.push({ type: "completed", session: session.id, length: session.length });
    this.#forget(session);
    this.#finish(session, "completed", step);
    this.#server.connections.close(connection, "end", step);
  }

  /** A resume waits for the store: until it is decided the session does not expire. */
  keep(session: LiveSession): void {
    session.resuming++;
  }

  /** That resume had no effect: the window goes on unchanged. */
  release(session: LiveSession, step: Step): void {
    session.resuming--;
    if (session.over) this.#expire(session, step);
  }

  /** Whether a resume that arrives now is too late. */
  isLate(session: LiveSession, { now }: Step): boolean {
    return session.over || !session.connection && now >= this.#server.timers.due(session.slot)!;
  }

  /**
   * The store may have lost its newest writes: saves every session, so many at a time, as each save finds out
   * what the store has.
   */
  lookAtAll(step: Step): void {
    this.#settledAt = step.now + SETTLING;
    const rest = [...this.#sessions.values()].values();
    const next = (later: Step): void => {
      for (let session; (session = rest.next().value) !== undefined;) {
        if (this.#sessions.get(session.id) !== session || session.over) continue;
        return this.#save(session, this.#lifeOf(session, later), later, next);
      }
    };
    for (let n = 0; n < MOST_AT_ONCE; n++) next(step);
  }

  /** The store has lost one session: it will not be the only one. */
  distrust(step: Step): void {
    if (!this.isSettling(step)) this.lookAtAll(step);
  }

  /** Whether a session that the store does not know may be one that another server is writing back. */
  isSettling({ now }: Step): boolean {
    return now < this.#settledAt;
  }

  /** Our own pause prolongs windows, but not the life of records, on which other servers count. */
  stalled(by: number): void {
    const { timers } = this.#server;
    for (const { connection, slot } of this.#sessions.values()) {
      if (connection) timers.arm(slot, timers.due(slot)! - by);
    }
  }

  /** A session is to be saved, or, without a connection, its window is over. */
  #review(session: LiveSession, step: Step): void {
    if (session.connection) {
      this.#save(session, this.#lifeOf(session, step), step);
      return this.#server.timers.arm(session.slot, step.now + this.saveEvery);
    }
    session.over = true;
    this.#expire(session, step);
  }

  /**
   * The store knows whether the client went on at another server; until it has said so, the session is
   * kept.
   */
  #expire(session: LiveSession, step: Step): void {
    const { id, epoch, confirmed: next } = session;
    if (session.resuming > 0) return;
    this.#server.requests.ask({ type: "load", id }, (answer, later) => {
      // It may have come back to us meanwhile, from another server.
      if (this.#sessions.get(id) !== session || session.epoch !== epoch) return;
      this.#forget(session);
      const moved = answer.type === "loaded" && session.standing(answer.session) === "ahead";
      later.outputs.push(
        moved ? { type: "moved", session: id } : { type: "expired", session: id, next },
      );
      if (!moved) this.#finish(session, "expired", later);
    }, step);
  }

  #awaitReturn(session: LiveSession, { now }: Step): void {
    this.#server.timers.arm(session.slot, now + this.#server.settings.sessionTtl);
  }

  /** How long a record that is written now must last, in ms. */
  #lifeOf({ connection, slot }: LiveSession, { now }: Step): number {
    const { settings, timers } = this.#server;
    return connection ? settings.sessionTtl + this.saveEvery : timers.due(slot)! - now;
  }

  /** Tells the store where a session stands, and learns from it whether the session is still ours. */
  #save(
    session: LiveSession,
    life: number,
    step: Step,
    saved: (step: Step) => void = () => {},
  ): void {
    const { wall, requests } = this.#server;
    const { id, epoch, confirmed: next, trusted } = session;
    const change = { next, confirmed: trusted, expiresAt: wall(step.now) + life };
    requests.ask({ type: "progress", id, epoch, change }, (answer, later) => {
      const stale = answer.type === "stored" && !answer.changed;
      if (stale && this.#isUndecided(session)) this.#lookAt(session, life, later);
      saved(later);
    }, step);
  }

  /** The store refused a change of a session that we hold. */
  #lookAt(session: LiveSession, life: number, step: Step): void {
    const { wall, requests, writeBack } = this.#server;
    requests.ask({ type: "load", id: session.id }, (answer, later) => {
      if (answer.type !== "loaded" || !this.#isUndecided(session)) return;
      const { session: found } = answer;
      const standing = session.standing(found);
      // It was written back meanwhile: two saves may be under way.
      if (standing === "same" && found?.state === "open") return;
      if (standing !== "behind") return this.#move(session, later);
      const record = session.record(wall(later.now) + life);
      writeBack.write(record, found, (outcome, then) => {
        if (outcome === "taken" && this.#isUndecided(session)) this.#move(session, then);
      }, later);
      this.distrust(later);
    }, step);
  }

  /** Whether it is held, and no resume is being decided here, which may be the one that raised the epoch. */
  #isUndecided(session: LiveSession): boolean {
    return this.#sessions.get(session.id) === session && session.resuming === 0;
  }

  /** Another server has it. */
  #move(session: LiveSession, step: Step): void {
    step.outputs.push({ type: "moved", session: session.id });
    if (session.connection) this.replace(session.connection, session, step);
    this.#forget(session);
  }

  /** Tells the store how a session that is forgotten here ended; one that it has lost it gets back for that. */
  #finish(session: LiveSession, state: "completed" | "expired", step: Step): void {
    const { wall, requests, settings, writeBack } = this.#server;
    const { id, epoch } = session;
    const end = { state, until: wall(step.now) + settings.tombstoneLife };
    const finish = { type: "finish", id, epoch, end } as const;
    requests.ask(finish, (answer, later) => {
      if (answer.type !== "stored" || answer.changed) return;
      requests.ask({ type: "load", id }, (loaded, then) => {
        if (loaded.type !== "loaded" || session.standing(loaded.session) !== "behind") return;
        writeBack.write(session.record(end.until), loaded.session, (outcome, at) => {
          if (outcome === "written") requests.ask(finish, () => {}, at);
        }, then);
      }, later);
    }, step);
  }

  #forget(session: LiveSession): void {
    this.#sessions.delete(session.id);
    this.#server.timers.remove(session.slot);
    this.#server.numbers.remove(session);
  }
}

/** In ms; a server learns within this time that another took a session over. */
const LONGEST_SAVE = 5_000;
/** In ms: two saves, within which every server finds out what was lost and writes back what it holds. */
const SETTLING = 2 * LONGEST_SAVE;
/** Sessions that are looked at together, so that a store that is back is not flooded. */
const MOST_AT_ONCE = 500;
