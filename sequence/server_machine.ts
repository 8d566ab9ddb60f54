/**
 * The server of sequences without its sockets and its store.
 *
 * This file knows connections, sessions, and when a verdict is due. It does not know sockets, storage
 * or what the user does with an event. Numbers come out of `numbers`, a schedule of its own, because
 * a number must be in time and a verdict may not be early.
 *
 * ```text
 *   connection   new ──HELLO, RESUME──▶ asked ──the store agreed──▶ open ──▶ closed
 *                 │ helloTimeout          │ rejected                 │ end, reset, silent, replaced
 *                 ▼                       ▼                          ▼
 *   session                 created ──▶ connected ◀──resume──▶ disconnected ──window──▶ expired
 *                                          │ FIN, FIN-ACK
 *                                          ▼
 *                                       completed
 * ```
 *
 * Laws: a session has at most one connection, and only that one moves it; every accepted resume raises
 * the epoch in the store first; a valid resume always wins; a rejected one changes nothing; a resume
 * that arrived before the window was over is accepted however long the store takes; a session keeps
 * its full window after every disconnect; whoever has no valid token learns nothing; tokens leave this
 * file in WELCOME and RESUMED alone.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import { Deadlines, type Slot } from "../core/deadlines.ts";
import { LimitedReport } from "../core/limited_report.ts";
import { type Instant, type Machine, NOTHING } from "../core/machine.ts";
import { REJECTION_TEXTS, rejectionOf, type ResumeAttempt } from "./admission.ts";
import type { SequenceLossReason, SequenceServerEvent } from "./events.ts";
import { numbersOf, type SequenceSeed } from "./generator.ts";
import { Link } from "./link.ts";
import { LiveSession } from "./live_session.ts";
import {
  decodeSequenceRequest,
  encodeSequenceReply,
  type SequenceRejection,
  type SequenceReply,
  type SequenceRequest,
} from "./message.ts";
import { hashToken, newSecret } from "./secret.ts";
import type {
  SequenceServerInput,
  SequenceServerOutput,
  SequenceServerSurroundings,
  StoreAnswer,
  StoreCall,
} from "./server_contract.ts";
import {
  completed,
  type SequenceServerMachineOptions,
  type SequenceSettings,
  type SequenceSource,
} from "./server_options.ts";
import type { SequenceSession } from "./store.ts";

type Outputs = SequenceServerOutput[];

/** Serves any number of sessions with two deadline queues. */
export class SequenceServerMachine implements Machine<SequenceServerInput, SequenceServerOutput> {
  /** The schedule of numbers; run it by a driver of its own that does not wait for inputs. */
  readonly numbers: Machine<never, SequenceServerOutput>;

  readonly #links = new Map<number, Link>();
  readonly #perHost = new Map<string, number>();
  readonly #sessions = new Map<string, LiveSession>();
  readonly #verdicts = new Deadlines();
  readonly #numbers = new Deadlines();
  /** What to do when a slot of the queue of verdicts is due. */
  readonly #due: (((now: Instant, outputs: Outputs) => void) | undefined)[] = [];
  readonly #numberOwners: (LiveSession | undefined)[] = [];
  readonly #requests = new Map<number, Pending>();
  readonly #rejections = new LimitedReport<Limited<"rejected">>();
  readonly #storeFailures = new LimitedReport<Limited<"store-failed">>();
  readonly #acceptFailures = new LimitedReport<Limited<"accept-failed">>();
  readonly #reports: Slot;
  readonly #options: SequenceSettings;
  readonly #source: SequenceSource | undefined;
  readonly #surroundings: SequenceServerSurroundings;
  /** How often a session that is connected is saved, and with it its epoch checked. */
  readonly #saveEvery: number;
  #asked = 0;
  /** Sessions that the store is asked to create. */
  #creating = 0;
  #stopping = false;

  /**
   * Makes a server without sessions; those in the store are found when they are resumed.
   *
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(options: SequenceServerMachineOptions, surroundings: SequenceServerSurroundings) {
    this.#options = completed(options);
    this.#source = options.source;
    this.#surroundings = surroundings;
    this.#saveEvery = Math.min(LONGEST_SAVE, this.#options.window / 3);
    this.#reports = this.#verdict(0, (now, outputs) => {
      outputs.push(...this.#rejections.flush(now), ...this.#storeFailures.flush(now));
      outputs.push(...this.#acceptFailures.flush(now));
    });
    this.#verdicts.disarm(this.#reports);
    const queue = this.#numbers;
    this.numbers = {
      handle: () => NOTHING,
      tick: (now) => this.#tickNumbers(now),
      get deadline() {
        return queue.next;
      },
    };
  }

  /** When `tick` is next worth calling. */
  get deadline(): Instant | undefined {
    return this.#verdicts.next;
  }

  /** How many sessions it holds, those without a connection counted. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Takes one input. */
  handle(input: SequenceServerInput, now: Instant): readonly SequenceServerOutput[] {
    const outputs: Outputs = [];
    switch (input.type) {
      case "connected":
        this.#connect(input.connection, input.remote, now, outputs);
        break;
      case "data":
        this.#read(this.#links.get(input.connection), input.bytes, now, outputs);
        break;
      case "written":
        this.#written(this.#links.get(input.connection), input.bytes, now);
        break;
      case "ended":
        this.#drop(this.#links.get(input.connection), input.reason, now, outputs);
        break;
      case "answer":
        this.#answered(input.request, input.answer, now, outputs);
        break;
      case "accept-failed":
        this.#report(this.#acceptFailures, input, now, outputs);
        break;
      case "shutdown":
        this.#shutDown(now, outputs);
        break;
      case "lagged":
        this.#verdicts.stretch(input.by);
        outputs.push(input);
    }
    return outputs;
  }

  /** Gives the verdicts that are due. */
  tick(now: Instant): readonly SequenceServerOutput[] {
    const outputs: Outputs = [];
    for (let slot; (slot = this.#verdicts.expire(now)) !== undefined;) {
      this.#due[slot]!(now, outputs);
    }
    return outputs;
  }

  // Connections ------------------------------------------------------------------------------------

  #connect(id: number, remote: Address, now: Instant, outputs: Outputs): void {
    const there = this.#perHost.get(remote.hostname) ?? 0;
    const { maxPerAddress, maxSessions, helloTimeout } = this.#options;
    const slot = this.#verdict(now + helloTimeout, (at, out) => this.#beat(link, at, out));
    const writeSlot = this.#verdict(now, (at, out) => this.#lose(link, "not-reading", at, out));
    this.#verdicts.disarm(writeSlot);
    const link = new Link(id, remote, slot, writeSlot);
    this.#links.set(id, link);
    this.#perHost.set(link.host, there + 1);
    // A connection more than sessions for each may be on its way to resume or to replace one.
    const full = this.#links.size > 2 * maxSessions || there >= maxPerAddress;
    if (full || this.#stopping) this.#reject(link, "BUSY", now, outputs);
  }

  #read(link: Link | undefined, bytes: Uint8Array, now: Instant, outputs: Outputs): void {
    if (!link) return;
    const { framer } = link;
    framer.push(bytes);
    while (this.#links.has(link.id) && framer.next()) {
      const request = decodeSequenceRequest(framer.text());
      const code = typeof request === "string" ? request : this.#take(link, request, now, outputs);
      if (code) return this.#reject(link, code, now, outputs);
    }
    if (framer.tooLong) this.#reject(link, "TOO-LONG", now, outputs);
  }

  /** Acts on one request; returns the code if it must be rejected. */
  #take(
    link: Link,
    request: SequenceRequest,
    now: Instant,
    outputs: Outputs,
  ): SequenceRejection | undefined {
    link.unanswered = 0;
    if (link.state === "new") {
      if (request.type === "hello") return this.#hello(link, request.length, now, outputs);
      if (request.type === "resume") return this.#resume(link, request, now, outputs);
      return "MALFORMED";
    }
    const { session } = link;
    if (!session) return "MALFORMED";
    switch (request.type) {
      case "ack":
        return this.#confirm(session, request.next, now, outputs);
      case "pong":
        return undefined;
      case "fin-ack":
        if (!session.finished) return "MALFORMED";
        return this.#complete(link, session, now, outputs);
      default:
        return "MALFORMED";
    }
  }

  /** The heartbeat of a connection is due, or its HELLO did not come. */
  #beat(link: Link, now: Instant, outputs: Outputs): void {
    if (link.state === "new") return this.#reject(link, "TIMEOUT", now, outputs);
    if (link.unanswered >= MOST_UNANSWERED) return this.#lose(link, "silent", now, outputs);
    if (link.state === "open") {
      link.unanswered++;
      this.#reply(link, { type: "ping", id: ++link.pings }, now, outputs);
    }
    this.#verdicts.arm(link.slot, now + this.#options.heartbeat);
  }

  #written(link: Link | undefined, bytes: number, now: Instant): void {
    if (!link) return;
    link.unwritten -= bytes;
    if (link.unwritten > 0) this.#verdicts.arm(link.writeSlot, now + this.#options.writeTimeout);
    else this.#verdicts.disarm(link.writeSlot);
  }

  #reply(link: Link, reply: SequenceReply, now: Instant, outputs: Outputs): void {
    this.#send(link, encodeSequenceReply(reply), now, outputs);
  }

  #send(link: Link, text: string, now: Instant, outputs: Outputs): void {
    const bytes = ENCODER.encode(text);
    if (link.unwritten === 0) {
      this.#verdicts.arm(link.writeSlot, now + this.#options.writeTimeout);
    }
    link.unwritten += bytes.length;
    outputs.push({ type: "send", connection: link.id, bytes });
  }

  #reject(link: Link, code: SequenceRejection, now: Instant, outputs: Outputs): void {
    this.#reply(link, { type: "rejected", code, text: REJECTION_TEXTS[code] }, now, outputs);
    const said = { type: "rejected", client: link.name, code } as const;
    this.#report(this.#rejections, said, now, outputs);
    this.#lose(link, "rejected", now, outputs);
  }

  /** Closes a connection behind what was sent. */
  #lose(link: Link, reason: SequenceLossReason, now: Instant, outputs: Outputs): void {
    outputs.push({ type: "close", connection: link.id, linger: LINGERING.has(reason) });
    this.#drop(link, reason, now, outputs);
  }

  /** Forgets a connection; its session, if it still has it, begins its window. */
  #drop(
    link: Link | undefined,
    reason: SequenceLossReason,
    now: Instant,
    outputs: Outputs,
  ): void {
    if (!link || !this.#links.delete(link.id)) return;
    const there = this.#perHost.get(link.host)! - 1;
    if (there === 0) this.#perHost.delete(link.host);
    else this.#perHost.set(link.host, there);
    for (const slot of [link.slot, link.writeSlot]) this.#free(slot);
    const { session } = link;
    if (!session) return;
    session.link = undefined;
    this.#numbers.disarm(session.numberSlot);
    this.#awaitReturn(session, now + this.#options.window);
    const { id, confirmed: next } = session;
    outputs.push({ type: "disconnected", session: id, client: link.name, reason, next });
    this.#save(session, this.#options.window, now, outputs);
  }

  // Sessions ---------------------------------------------------------------------------------------

  #hello(link: Link, length: number, now: Instant, outputs: Outputs): "BUSY" | undefined {
    if (this.#sessions.size + this.#creating >= this.#options.maxSessions) return "BUSY";
    this.#creating++;
    const { randomBytes, wall } = this.#surroundings;
    const token = newSecret(randomBytes);
    const session: SequenceSession = {
      id: newSecret(randomBytes),
      seed: [...new Uint32Array(randomBytes(8).slice().buffer)] as unknown as SequenceSeed,
      ...{ length, epoch: 1, next: 0, token: hashToken(token), previous: undefined, state: "open" },
      expiresAt: wall(now) + this.#options.window + this.#saveEvery,
    };
    link.state = "asked";
    const answered: Pending["answered"] = (answer, at, out) => {
      this.#creating--;
      if (answer.type === "failed") return this.#unavailable(link, at, out);
      const { id } = session;
      const { interval, heartbeat, window } = this.#options;
      out.push({ type: "started", session: id, client: link.name, length });
      this.#bind(link, this.#revive(session, at + interval), at, out, {
        type: "welcome",
        ...{ session: id, token, epoch: 1, interval, heartbeat, window },
      });
    };
    this.#ask({ type: "create", session }, answered, outputs);
    return undefined;
  }

  #resume(
    link: Link,
    { session: id, token, next }: Extract<SequenceRequest, { type: "resume" }>,
    now: Instant,
    outputs: Outputs,
  ): undefined {
    const held = this.#sessions.get(id);
    const due = held && !held.link ? held.heldUntil ?? this.#verdicts.due(held.slot) : undefined;
    const late = held && due !== undefined && now >= due;
    link.state = "asked";
    if (held && due !== undefined && !late) {
      // What arrived in time is not refused because the store takes its time.
      held.heldUntil = due;
      this.#verdicts.disarm(held.slot);
    }
    if (held) held.resuming++;
    const attempt = { token, next, wall: this.#surroundings.wall(now), late };
    this.#load({ link, id, attempt, tries: 0, held }, outputs);
    return undefined;
  }

  #load(resume: Resume, outputs: Outputs): void {
    this.#ask({ type: "load", id: resume.id }, (answer, now, out) => {
      if (answer.type !== "loaded") return this.#refuse(resume, "UNAVAILABLE", now, out);
      const code = rejectionOf(answer.session, resume.attempt);
      if (code) return this.#refuse(resume, code, now, out);
      const full = this.#sessions.size >= this.#options.maxSessions;
      if (full && !this.#sessions.has(resume.id)) return this.#refuse(resume, "BUSY", now, out);
      this.#compareAndSet(resume, answer.session!, now, out);
    }, outputs);
  }

  #compareAndSet(resume: Resume, found: SequenceSession, now: Instant, outputs: Outputs): void {
    const { id, epoch } = found;
    const token = newSecret(this.#surroundings.randomBytes);
    const change = {
      token: hashToken(token),
      previous: hashToken(resume.attempt.token),
      expiresAt: this.#surroundings.wall(now) + this.#options.window + this.#saveEvery,
    };
    this.#ask({ type: "resume", id, epoch, change }, (answer, at, out) => {
      if (answer.type === "stored" && answer.changed) {
        return this.#resumed(resume, { ...found, ...change, epoch: epoch + 1 }, token, at, out);
      }
      // Somebody else was faster: look again, for it may have been this client's older attempt.
      const again = answer.type === "stored" && ++resume.tries < MOST_TRIES;
      if (again) this.#load(resume, out);
      else this.#refuse(resume, "UNAVAILABLE", at, out);
    }, outputs);
  }

  #resumed(
    { link, id, attempt: { next }, held }: Resume,
    record: SequenceSession,
    token: string,
    now: Instant,
    outputs: Outputs,
  ): void {
    if (held) held.resuming--;
    const session = this.#sessions.get(id) ?? this.#revive(record, now + this.#options.interval);
    // Two resumes may overtake each other on the way back from the store.
    if (session.epoch > record.epoch) return this.#replace(link, session, now, outputs);
    if (session.link) this.#replace(session.link, session, now, outputs);
    session.epoch = record.epoch;
    session.sent = next;
    session.confirmed = Math.max(next, record.next);
    session.trusted = session.finished = false;
    session.heldUntil = undefined;
    const { epoch } = record;
    outputs.push({ type: "resumed", session: id, client: link.name, epoch, next });
    this.#bind(link, session, now, outputs, { type: "resumed", token, epoch, next });
  }

  /** Tells a connection that another has its session, and closes it without touching the session. */
  #replace(link: Link, session: LiveSession, now: Instant, outputs: Outputs): void {
    link.session = undefined;
    if (session.link === link) {
      session.link = undefined;
      this.#numbers.disarm(session.numberSlot);
    }
    if (!this.#links.has(link.id)) return;
    this.#reply(link, { type: "replaced" }, now, outputs);
    outputs.push({ type: "replaced", session: session.id, client: link.name });
    this.#lose(link, "rejected", now, outputs);
  }

  #refuse({ link, held }: Resume, code: SequenceRejection, now: Instant, outputs: Outputs): void {
    if (held && --held.resuming === 0 && held.heldUntil !== undefined) {
      if (!held.link && this.#sessions.get(held.id) === held) {
        this.#verdicts.arm(held.slot, held.heldUntil);
      }
      held.heldUntil = undefined;
    }
    if (this.#links.has(link.id)) this.#reject(link, code, now, outputs);
  }

  #unavailable(link: Link, now: Instant, outputs: Outputs): void {
    if (this.#links.has(link.id)) this.#reject(link, "UNAVAILABLE", now, outputs);
  }

  /** Begins to hold a session whose first number here is due at `start`. */
  #revive(record: SequenceSession, start: Instant): LiveSession {
    const slot = this.#verdict(start, (now, outputs) => this.#review(session, now, outputs));
    const numberSlot = this.#numbers.add(start);
    this.#numbers.disarm(numberSlot);
    const source = this.#source;
    const value = source ? (index: number) => source(index, record) >>> 0 : numbersOf(record.seed);
    const session = new LiveSession(record, value, { slot, numberSlot }, start);
    this.#numberOwners[numberSlot] = session;
    this.#sessions.set(record.id, session);
    return session;
  }

  /** Gives a session its connection, which may be gone by now, and greets. */
  #bind(
    link: Link,
    session: LiveSession,
    now: Instant,
    outputs: Outputs,
    greeting: SequenceReply,
  ): void {
    if (!this.#links.has(link.id)) return this.#awaitReturn(session, now + this.#options.window);
    link.state = "open";
    link.session = session;
    session.link = link;
    this.#verdicts.arm(link.slot, now + this.#options.heartbeat);
    this.#verdicts.arm(session.slot, now + this.#saveEvery);
    this.#reply(link, greeting, now, outputs);
    this.#proceed(session, now, outputs);
  }

  #confirm(
    session: LiveSession,
    next: number,
    now: Instant,
    outputs: Outputs,
  ): "RANGE" | undefined {
    if (next > session.sent) return "RANGE";
    const waited = this.#blocked(session);
    session.confirmed = Math.max(session.confirmed, next);
    if (!session.trusted) {
      session.trusted = true;
      this.#save(session, this.#options.window + this.#saveEvery, now, outputs);
    }
    if (waited || this.#options.interval === 0) this.#proceed(session, now, outputs);
    return undefined;
  }

  #complete(link: Link, session: LiveSession, now: Instant, outputs: Outputs): undefined {
    link.session = undefined;
    outputs.push({ type: "completed", session: session.id, length: session.length });
    this.#finish(session, "completed", now, outputs);
    this.#lose(link, "end", now, outputs);
    return undefined;
  }

  /** A session is to be saved, or, without a connection, expires. */
  #review(session: LiveSession, now: Instant, outputs: Outputs): void {
    if (session.link) {
      this.#save(session, this.#options.window + this.#saveEvery, now, outputs);
      return this.#verdicts.arm(session.slot, now + this.#saveEvery);
    }
    outputs.push({ type: "expired", session: session.id, next: session.confirmed });
    this.#finish(session, "expired", now, outputs);
  }

  #awaitReturn(session: LiveSession, until: Instant): void {
    // While another resume is being decided, only its end can let the session expire.
    if (session.resuming === 0) return this.#verdicts.arm(session.slot, until);
    session.heldUntil = until;
    this.#verdicts.disarm(session.slot);
  }

  #save(session: LiveSession, life: number, now: Instant, outputs: Outputs): void {
    const { id, epoch, confirmed: next, trusted } = session;
    const change = { next, confirmed: trusted, expiresAt: this.#surroundings.wall(now) + life };
    this.#ask({ type: "progress", id, epoch, change }, (answer, at, out) => {
      const stale = answer.type === "stored" && !answer.changed;
      if (!stale || this.#sessions.get(id) !== session || session.epoch !== epoch) return;
      // Another server raised the epoch: from here on the session is none of ours.
      if (session.resuming > 0) return;
      out.push({ type: "moved", session: id });
      const { link } = session;
      if (link) this.#replace(link, session, at, out);
      this.#forget(session);
    }, outputs);
  }

  #finish(
    session: LiveSession,
    state: "completed" | "expired",
    now: Instant,
    outputs: Outputs,
  ): void {
    this.#forget(session);
    const until = this.#surroundings.wall(now) + this.#options.tombstoneLife;
    const { id, epoch } = session;
    this.#ask({ type: "finish", id, epoch, end: { state, until } }, () => {}, outputs);
  }

  #forget(session: LiveSession): void {
    this.#sessions.delete(session.id);
    this.#free(session.slot);
    this.#numbers.remove(session.numberSlot);
    this.#numberOwners[session.numberSlot] = undefined;
  }

  #shutDown(now: Instant, outputs: Outputs): void {
    this.#stopping = true;
    for (const link of [...this.#links.values()]) {
      const retry = Math.round(this.#surroundings.random() * this.#options.spread);
      if (link.session) this.#reply(link, { type: "goaway", retry }, now, outputs);
      this.#lose(link, "shutdown", now, outputs);
    }
  }

  // Numbers ----------------------------------------------------------------------------------------

  #tickNumbers(now: Instant): readonly SequenceServerOutput[] {
    const outputs: Outputs = [];
    for (let slot; (slot = this.#numbers.expire(now)) !== undefined;) {
      const session = this.#numberOwners[slot]!;
      if (!this.#blocked(session)) this.#sendNumbers(session, 1, now, outputs);
      this.#proceed(session, now, outputs);
    }
    return outputs;
  }

  /** Sees to it that what comes next is sent in time: a number, all there is room for, or FIN. */
  #proceed(session: LiveSession, now: Instant, outputs: Outputs): void {
    const { interval } = this.#options;
    if (session.sent === session.length) return this.#sendFin(session, now, outputs);
    if (this.#blocked(session)) return;
    if (interval > 0) {
      return this.#numbers.arm(session.numberSlot, session.dueAfter(now, interval));
    }
    this.#sendNumbers(session, this.#room(session), now, outputs);
    if (session.sent === session.length) this.#sendFin(session, now, outputs);
  }

  #sendNumbers(session: LiveSession, count: number, now: Instant, outputs: Outputs): void {
    const last = Math.min(session.length, session.sent + count);
    let text = "";
    while (session.sent < last) text += session.takeLine();
    if (text) this.#send(session.link!, text, now, outputs);
  }

  #sendFin(session: LiveSession, now: Instant, outputs: Outputs): void {
    if (session.finished) return;
    session.finished = true;
    const reply = { type: "fin", length: session.length, ...session.digest() } as const;
    this.#reply(session.link!, reply, now, outputs);
  }

  #blocked(session: LiveSession): boolean {
    return this.#room(session) <= 0;
  }

  #room({ sent, confirmed }: LiveSession): number {
    return this.#options.maxUnconfirmed - Math.max(0, sent - confirmed);
  }

  // Store, slots and reports -----------------------------------------------------------------------

  #ask(call: StoreCall, answered: Pending["answered"], outputs: Outputs): void {
    const request = ++this.#asked;
    this.#requests.set(request, { answered });
    outputs.push({ type: "store", request, call });
  }

  #answered(request: number, answer: StoreAnswer, now: Instant, outputs: Outputs): void {
    const pending = this.#requests.get(request);
    this.#requests.delete(request);
    if (answer.type === "failed") {
      const said = { type: "store-failed", message: answer.message } as const;
      this.#report(this.#storeFailures, said, now, outputs);
    }
    pending?.answered(answer, now, outputs);
  }

  #verdict(at: Instant, due: (now: Instant, outputs: Outputs) => void): Slot {
    const slot = this.#verdicts.add(at);
    this.#due[slot] = due;
    return slot;
  }

  #free(slot: Slot): void {
    this.#verdicts.remove(slot);
    this.#due[slot] = undefined;
  }

  #report<Event extends SequenceServerEvent>(
    report: LimitedReport<Omit<Event, "count">>,
    event: Omit<Event, "count">,
    now: Instant,
    outputs: Outputs,
  ): void {
    outputs.push(...report.count(event, now) as unknown as Event[]);
    if (report.due !== undefined) this.#verdicts.arm(this.#reports, report.due);
  }
}

type Limited<Type> = Omit<Extract<SequenceServerEvent, { type: Type }>, "count">;

/** A call of the store that was not answered yet. */
interface Pending {
  readonly answered: (answer: StoreAnswer, now: Instant, outputs: Outputs) => void;
}

/** A RESUME that was not decided yet. */
interface Resume {
  readonly link: Link;
  readonly id: string;
  readonly attempt: ResumeAttempt;
  /** The session, if this server held it when the request came. */
  readonly held: LiveSession | undefined;
  tries: number;
}

/** Before these the peer was told something. */
const LINGERING: ReadonlySet<SequenceLossReason> = new Set<SequenceLossReason>([
  "rejected",
  "shutdown",
]);
/** Heartbeats in a row that may go unanswered, as the seed says. */
const MOST_UNANSWERED = 3;
/** Lost races for one epoch until the client is asked to try again later. */
const MOST_TRIES = 3;
/** In ms; a server learns within this time that another took a session over. */
const LONGEST_SAVE = 5_000;
const ENCODER = new TextEncoder();
