/**
 * HELLO and RESUME, from the request until the store agreed.
 *
 * Laws: every accepted resume raises the epoch in the store first; a valid resume always wins; a refused
 * one changes nothing; a resume that arrived before the window was over is accepted however long the
 * store takes; whoever has no valid token learns nothing; tokens leave in WELCOME and RESUMED alone.
 *
 * @module
 */
import type { Instant } from "../core/machine.ts";
import { rejectionOf, type ResumeAttempt } from "./admission.ts";
import type { Connections } from "./connections.ts";
import type { SequenceSeed } from "./generator.ts";
import type { LiveSession, SequenceConnection } from "./live_session.ts";
import type { SequenceRejection, SequenceRequest } from "./message.ts";
import { hashToken, newSecret, type RandomBytes } from "./secret.ts";
import type { SequenceSettings } from "./options.ts";
import type { Sessions } from "./sessions.ts";
import type { SequenceSession } from "./store.ts";
import type { StoreAnswer } from "./inputs.ts";
import type { StoreRequests } from "./store_requests.ts";
import type { Step } from "./step.ts";
import { follow } from "../core/states.ts";
import { SEQUENCE_CONNECTION_STATES } from "./states.ts";
import type { WriteBack } from "./write_back.ts";

/** What requests for a session need of the rest of their server. */
export interface SessionRequestContext {
  readonly settings: SequenceSettings;
  readonly randomBytes: RandomBytes;
  readonly wall: (now: Instant) => number;
  readonly requests: StoreRequests;
  readonly connections: Connections;
  readonly sessions: Sessions;
  readonly writeBack: WriteBack;
}

/** Those who want a session. */
export class SessionRequests {
  readonly #server: SessionRequestContext;
  /** Sessions that the store is asked to create. */
  #creating = 0;

  /** Nobody waits. */
  constructor(context: SessionRequestContext) {
    this.#server = context;
  }

  /** Makes a new session; returns the code if there is no room for one. */
  hello(connection: SequenceConnection, length: number, step: Step): "BUSY" | undefined {
    const { settings, sessions, requests, randomBytes } = this.#server;
    if (sessions.size + this.#creating >= settings.maxSessions) return "BUSY";
    const token = newSecret(randomBytes);
    const session: SequenceSession = {
      id: newSecret(randomBytes),
      seed: newSeed(randomBytes),
      ...{
        length,
        epoch: 1,
        next: 0,
        tokenHash: hashToken(token),
        previousTokenHash: undefined,
        state: "open",
      },
      expiresAt: sessions.lifeFrom(step.now),
    };
    this.#creating++;
    connection.state = follow(SEQUENCE_CONNECTION_STATES, connection.state, "asked");
    requests.ask({ type: "create", session }, (answer, later) => {
      this.#creating--;
      if (answer.type === "failed") return this.#reject(connection, "UNAVAILABLE", later);
      this.#welcome(connection, session, token, later);
    }, step);
    return undefined;
  }

  /** Looks for the session of a client that was here before. */
  resume(
    connection: SequenceConnection,
    request: Extract<SequenceRequest, { type: "resume" }>,
    step: Step,
  ): undefined {
    const { session: id, token, next } = request;
    const { sessions, wall } = this.#server;
    const held = sessions.get(id);
    const late = held && sessions.isLate(held, step);
    if (held) sessions.keep(held);
    connection.state = follow(SEQUENCE_CONNECTION_STATES, connection.state, "asked");
    const attempt = { token, next, wall: wall(step.now), late };
    this.#load({ connection, id, attempt, tries: 0, held, epoch: held?.epoch }, step);
    return undefined;
  }

  #welcome(
    connection: SequenceConnection,
    session: SequenceSession,
    token: string,
    step: Step,
  ): void {
    const { settings: { interval, heartbeat, sessionTtl }, sessions } = this.#server;
    const { id, length } = session;
    step.outputs.push({ type: "started", session: id, client: connection.name, length });
    sessions.bind(connection, sessions.hold(session, step.now), {
      type: "welcome",
      ...{ session: id, token, epoch: 1, interval, heartbeat, sessionTtl },
    }, step);
  }

  #load(resume: Resume, step: Step): void {
    const { sessions, settings, requests, connections } = this.#server;
    requests.ask({ type: "load", id: resume.id }, (answer, later) => {
      if (answer.type !== "loaded") return this.#refuse(resume, "UNAVAILABLE", later);
      const held = sessions.get(resume.id);
      // A store that has lost what it had knows less than we do.
      const lost = held?.standing(answer.session) === "behind";
      const known = lost ? held.record(sessions.lifeFrom(later.now)) : answer.session;
      // Under another epoch it has lived on elsewhere: the window that passed here says nothing.
      const late = known?.epoch === resume.epoch ? resume.attempt.late : undefined;
      const code = rejectionOf(known, { ...resume.attempt, late });
      if (lost) sessions.distrust(later);
      if (code) return this.#refuse(resume, this.#orLater(code, later), later);
      const full = sessions.size >= settings.maxSessions && !sessions.get(resume.id);
      if (full) return this.#refuse(resume, "BUSY", later);
      // Who gave up meanwhile may have come back elsewhere: a new epoch would cut that connection off.
      if (!connections.has(resume.connection)) return this.#refuse(resume, "UNAVAILABLE", later);
      if (lost) return this.#writeBack(resume, known!, answer.session, later);
      const found = answer.session!;
      if (found.state === "open") this.#compareAndSet(resume, found, later);
      else this.#reopen(resume, found, later);
    }, step);
  }

  /** A store that lost something may not have yet what another server holds, and that one writes it back. */
  #orLater(code: SequenceRejection, step: Step): SequenceRejection {
    const unsure = code === "UNKNOWN" || code === "EXPIRED";
    return unsure && this.#server.sessions.isSettling(step) ? "UNAVAILABLE" : code;
  }

  /** The store gets back what we hold, and the client what it asks for. */
  #writeBack(
    resume: Resume,
    record: SequenceSession,
    found: SequenceSession | undefined,
    step: Step,
  ): void {
    this.#server.writeBack.write(record, found, (_outcome, later) => {
      this.#lookAgain(resume, later);
    }, step);
  }

  /** A sweep ended the session, as after a pause or a step of a wall clock, and we know better. */
  #reopen(resume: Resume, { id, epoch, next }: SequenceSession, step: Step): void {
    const { sessions, requests } = this.#server;
    const change = { next, confirmed: false, expiresAt: sessions.lifeFrom(step.now) };
    requests.ask({ type: "progress", id, epoch, change }, (answer, later) => {
      this.#orAgain(resume, answer, later);
    }, step);
  }

  #compareAndSet(resume: Resume, found: SequenceSession, step: Step): void {
    const { sessions, randomBytes, requests } = this.#server;
    const { id, epoch } = found;
    const token = newSecret(randomBytes);
    const change = {
      tokenHash: hashToken(token),
      previousTokenHash: hashToken(resume.attempt.token),
      expiresAt: sessions.lifeFrom(step.now),
    };
    requests.ask({ type: "resume", id, epoch, change }, (answer, later) => {
      if (answer.type === "stored" && answer.changed) {
        return this.#resumed(resume, { ...found, ...change, epoch: epoch + 1 }, token, later);
      }
      // Somebody else was faster: it may have been this client's older attempt.
      this.#orAgain(resume, answer, later);
    }, step);
  }

  /** Looks again, unless the store failed. */
  #orAgain(resume: Resume, answer: StoreAnswer, step: Step): void {
    if (answer.type === "stored") this.#lookAgain(resume, step);
    else this.#refuse(resume, "UNAVAILABLE", step);
  }

  #lookAgain(resume: Resume, step: Step): void {
    if (++resume.tries < MOST_TRIES) this.#load(resume, step);
    else this.#refuse(resume, "UNAVAILABLE", step);
  }

  #resumed(
    { connection, id, attempt: { next }, held }: Resume,
    record: SequenceSession,
    token: string,
    step: Step,
  ): void {
    const { sessions } = this.#server;
    const session = sessions.get(id) ?? sessions.hold(record, step.now);
    // Two resumes may overtake each other on the way back from the store.
    if (session.epoch > record.epoch) {
      if (held) sessions.release(held, step);
      return sessions.replace(connection, session, step);
    }
    if (held) held.resuming--;
    if (session.connection) sessions.replace(session.connection, session, step);
    const { epoch } = record;
    session.restart(record, next);
    step.outputs.push({ type: "resumed", session: id, client: connection.name, epoch, next });
    sessions.bind(connection, session, { type: "resumed", token, epoch, next }, step);
  }

  #refuse({ connection, held }: Resume, code: SequenceRejection, step: Step): void {
    if (held) this.#server.sessions.release(held, step);
    this.#reject(connection, code, step);
  }

  /** The client may be gone by now. */
  #reject(connection: SequenceConnection, code: SequenceRejection, step: Step): void {
    if (this.#server.connections.has(connection)) {
      this.#server.connections.reject(connection, code, step);
    }
  }
}

/** A RESUME that was not decided yet. */
interface Resume {
  readonly connection: SequenceConnection;
  readonly id: string;
  readonly attempt: ResumeAttempt;
  /** The session, if this server held it when the request came. */
  readonly held: LiveSession | undefined;
  /** Its epoch then. */
  readonly epoch: number | undefined;
  tries: number;
}

function newSeed(randomBytes: RandomBytes): SequenceSeed {
  const [low, high] = new Uint32Array(randomBytes(8).slice().buffer);
  return [low!, high!];
}

/** Lost races for one epoch until the client is asked to try again later. */
const MOST_TRIES = 3;
