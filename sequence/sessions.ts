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
 * by our own clock, until the store has been asked what became of it.
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

/** What sessions need of the rest of their server. */
export interface SessionContext {
  readonly settings: SequenceSettings;
  readonly source: SequenceSource | undefined;
  readonly wall: (now: Instant) => number;
  readonly timers: Timers;
  readonly requests: StoreRequests;
  readonly connections: Connections;
  readonly numbers: NumberSchedule;
}

/** Every session of one server, by id. */
export class Sessions {
  /** Ms between two saves of a session that is connected; each also checks its epoch. */
  readonly saveEvery: number;

  readonly #server: SessionContext;
  readonly #sessions = new Map<string, LiveSession>();

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
      this.#save(session, this.#server.settings.sessionTtl + this.saveEvery, step);
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
      const found = answer.type === "loaded" ? answer.session : undefined;
      const moved = found !== undefined && found.epoch !== epoch;
      later.outputs.push(
        moved ? { type: "moved", session: id } : { type: "expired", session: id, next },
      );
      if (!moved) this.#finish(session, "expired", later);
    }, step);
  }

  #awaitReturn(session: LiveSession, { now }: Step): void {
    this.#server.timers.arm(session.slot, now + this.#server.settings.sessionTtl);
  }

  #save(session: LiveSession, life: number, step: Step): void {
    const { wall, requests } = this.#server;
    const { id, epoch, confirmed: next, trusted } = session;
    const change = { next, confirmed: trusted, expiresAt: wall(step.now) + life };
    requests.ask({ type: "progress", id, epoch, change }, (answer, later) => {
      const stale = answer.type === "stored" && !answer.changed;
      if (!stale || this.#sessions.get(id) !== session || session.epoch !== epoch) return;
      // A resume that is being decided here may be the one that raised the epoch.
      if (session.resuming > 0) return;
      later.outputs.push({ type: "moved", session: id });
      if (session.connection) this.replace(session.connection, session, later);
      this.#forget(session);
    }, step);
  }

  #finish(session: LiveSession, state: "completed" | "expired", step: Step): void {
    const { wall, requests, settings } = this.#server;
    const { id, epoch } = session;
    const end = { state, until: wall(step.now) + settings.tombstoneLife };
    requests.ask({ type: "finish", id, epoch, end }, () => {}, step);
  }

  #forget(session: LiveSession): void {
    this.#sessions.delete(session.id);
    this.#server.timers.remove(session.slot);
    this.#server.numbers.remove(session);
  }
}

/** In ms; a server learns within this time that another took a session over. */
const LONGEST_SAVE = 5_000;
