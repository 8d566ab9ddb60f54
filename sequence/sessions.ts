/**
 * The sessions that a server holds.
 *
 * This file knows who has a session, how far it is, and when it is saved and expires. It does not know
 * how a client comes by one, nor when a number is due.
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
import { numbersOf } from "./generator.ts";
import type { Link } from "./link.ts";
import { LiveSession } from "./live_session.ts";
import type { SequenceReply } from "./message.ts";
import type { NumberSchedule } from "./number_schedule.ts";
import type { SequenceSettings, SequenceSource } from "./options.ts";
import type { SequenceSession } from "./store.ts";
import type { StoreRequests } from "./store_requests.ts";
import type { Turn } from "./turn.ts";
import type { Verdicts } from "./verdicts.ts";

/** What sessions need of the rest of their server. */
export interface SessionSurroundings {
  readonly settings: SequenceSettings;
  readonly source: SequenceSource | undefined;
  readonly wall: (now: Instant) => number;
  readonly verdicts: Verdicts;
  readonly requests: StoreRequests;
  readonly connections: Connections;
  readonly numbers: NumberSchedule;
}

/** Every session of one server, by id. */
export class Sessions {
  /** Ms between two saves of a session that is connected; each also checks its epoch. */
  readonly saveEvery: number;

  readonly #server: SessionSurroundings;
  readonly #sessions = new Map<string, LiveSession>();

  /** None is held; those in the store are found when they are resumed. */
  constructor(surroundings: SessionSurroundings) {
    this.#server = surroundings;
    this.saveEvery = Math.min(LONGEST_SAVE, surroundings.settings.sessionTtl / 3);
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
    const { source, settings, verdicts, numbers } = this.#server;
    const value = source ? (index: number) => source(index, record) >>> 0 : numbersOf(record.seed);
    const slot = verdicts.add((turn) => this.#review(session, turn));
    const session = new LiveSession(record, value, slot, now + settings.interval);
    numbers.add(session);
    this.#sessions.set(record.id, session);
    return session;
  }

  /** Gives a session its connection, which may be gone by now, and greets. */
  bind(link: Link, session: LiveSession, greeting: SequenceReply, turn: Turn): void {
    const { connections, verdicts, numbers } = this.#server;
    if (!connections.has(link)) return this.#awaitReturn(session, turn);
    connections.open(link, turn);
    link.session = session;
    session.link = link;
    verdicts.arm(session.slot, turn.now + this.saveEvery);
    connections.reply(link, greeting, turn);
    numbers.proceed(session, turn);
  }

  /** Tells a connection that another has its session, and closes it without touching the session. */
  replace(link: Link, session: LiveSession, turn: Turn): void {
    const { connections, numbers } = this.#server;
    link.session = undefined;
    if (session.link === link) {
      session.link = undefined;
      numbers.pause(session);
    }
    if (!connections.has(link)) return;
    connections.reply(link, { type: "replaced" }, turn);
    turn.outputs.push({ type: "replaced", session: session.id, client: link.name });
    connections.close(link, "rejected", turn);
  }

  /** A connection is gone; its session, if it still has it, begins its window. */
  disconnected(link: Link, reason: SequenceLossReason, turn: Turn): void {
    const { session } = link;
    if (!session) return;
    session.link = undefined;
    this.#server.numbers.pause(session);
    this.#awaitReturn(session, turn);
    const { id, confirmed: next } = session;
    turn.outputs.push({ type: "disconnected", session: id, client: link.name, reason, next });
    this.#save(session, this.#server.settings.sessionTtl, turn);
  }

  /** The client has all numbers below `next`. */
  confirm(session: LiveSession, next: number, turn: Turn): "RANGE" | undefined {
    if (next > session.sent) return "RANGE";
    const { numbers, settings } = this.#server;
    const waited = numbers.blocks(session);
    session.confirm(next);
    if (!session.trusted) {
      session.trusted = true;
      this.#save(session, settings.sessionTtl + this.saveEvery, turn);
    }
    if (waited || settings.interval === 0) numbers.proceed(session, turn);
    return undefined;
  }

  /** The client has everything. */
  complete(link: Link, session: LiveSession, turn: Turn): void {
    link.session = undefined;
    turn.outputs.push({ type: "completed", session: session.id, length: session.length });
    this.#forget(session);
    this.#finish(session, "completed", turn);
    this.#server.connections.close(link, "end", turn);
  }

  /** A resume waits for the store: until it is decided the session does not expire. */
  keep(session: LiveSession): void {
    session.resuming++;
  }

  /** That resume had no effect: the window goes on as if nothing had been. */
  release(session: LiveSession, turn: Turn): void {
    session.resuming--;
    if (session.over) this.#expire(session, turn);
  }

  /** Whether who comes now comes too late. */
  isLate(session: LiveSession, { now }: Turn): boolean {
    return session.over || !session.link && now >= this.#server.verdicts.due(session.slot)!;
  }

  /** Our own pause prolongs windows, but not the life of records, on which other servers count. */
  stalled(by: number): void {
    const { verdicts } = this.#server;
    for (const { link, slot } of this.#sessions.values()) {
      if (link) verdicts.arm(slot, verdicts.due(slot)! - by);
    }
  }

  /** A session is to be saved, or, without a connection, its window is over. */
  #review(session: LiveSession, turn: Turn): void {
    if (session.link) {
      this.#save(session, this.#server.settings.sessionTtl + this.saveEvery, turn);
      return this.#server.verdicts.arm(session.slot, turn.now + this.saveEvery);
    }
    session.over = true;
    this.#expire(session, turn);
  }

  /** The store knows whether the client went on at another server; until it has said so, we hold on. */
  #expire(session: LiveSession, turn: Turn): void {
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
    }, turn);
  }

  #awaitReturn(session: LiveSession, { now }: Turn): void {
    this.#server.verdicts.arm(session.slot, now + this.#server.settings.sessionTtl);
  }

  #save(session: LiveSession, life: number, turn: Turn): void {
    const { wall, requests } = this.#server;
    const { id, epoch, confirmed: next, trusted } = session;
    const change = { next, confirmed: trusted, expiresAt: wall(turn.now) + life };
    requests.ask({ type: "progress", id, epoch, change }, (answer, later) => {
      const stale = answer.type === "stored" && !answer.changed;
      if (!stale || this.#sessions.get(id) !== session || session.epoch !== epoch) return;
      // A resume that is being decided here may be the one that raised the epoch.
      if (session.resuming > 0) return;
      later.outputs.push({ type: "moved", session: id });
      if (session.link) this.replace(session.link, session, later);
      this.#forget(session);
    }, turn);
  }

  #finish(session: LiveSession, state: "completed" | "expired", turn: Turn): void {
    const { wall, requests, settings } = this.#server;
    const { id, epoch } = session;
    const end = { state, until: wall(turn.now) + settings.tombstoneLife };
    requests.ask({ type: "finish", id, epoch, end }, () => {}, turn);
  }

  #forget(session: LiveSession): void {
    this.#sessions.delete(session.id);
    this.#server.verdicts.remove(session.slot);
    this.#server.numbers.remove(session);
  }
}

/** In ms; a server learns within this time that another took a session over. */
const LONGEST_SAVE = 5_000;
