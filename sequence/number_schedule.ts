/**
 * When each session's next number goes out.
 *
 * It is a schedule of its own, because a number must be in time and a verdict may not be early: the
 * driver runs it without waiting for inputs.
 *
 * @module
 */
import { Deadlines } from "../core/deadlines.ts";
import { type Instant, type Machine, NOTHING } from "../core/machine.ts";
import { mustAsk } from "./ack_rules.ts";
import type { Connections } from "./connections.ts";
import { encodeNumbers } from "./message.ts";
import type { LiveSession } from "./live_session.ts";
import type { SequenceServerOutput } from "./inputs.ts";
import type { SequenceSettings } from "./options.ts";
import type { Step } from "./step.ts";

/** The schedule of every session that is connected. */
export class NumberSchedule implements Machine<never, SequenceServerOutput> {
  readonly #settings: SequenceSettings;
  readonly #connections: Connections;
  readonly #queue = new Deadlines();
  readonly #sessions: (LiveSession | undefined)[] = [];

  /** Nothing is due. */
  constructor(settings: SequenceSettings, connections: Connections) {
    this.#settings = settings;
    this.#connections = connections;
  }

  /** When `tick` is next worth calling. */
  get deadline(): Instant | undefined {
    return this.#queue.next;
  }

  /** There are no inputs. */
  // deno-coverage-ignore-start -- a machine has this method, and this one has no input to call it with
  handle(): readonly SequenceServerOutput[] {
    return NOTHING;
  }
  // deno-coverage-ignore-stop

  /** Sends the numbers that are due. */
  tick(now: Instant): readonly SequenceServerOutput[] {
    const step: Step = { now, outputs: [] };
    for (let slot; (slot = this.#queue.expire(now)) !== undefined;) {
      const session = this.#sessions[slot]!;
      if (!this.blocks(session)) this.#send(session, 1, step);
      if (session.connection) this.proceed(session, step);
    }
    return step.outputs;
  }

  /** Makes a place for a session. */
  add(session: LiveSession): void {
    session.numberSlot = this.#queue.add(0);
    this.#queue.disarm(session.numberSlot);
    this.#sessions[session.numberSlot] = session;
  }

  /** Frees the place of a session. */
  remove(session: LiveSession): void {
    this.#queue.remove(session.numberSlot);
    this.#sessions[session.numberSlot] = undefined;
  }

  /** Sends nothing more until the session may proceed. */
  pause(session: LiveSession): void {
    this.#queue.disarm(session.numberSlot);
  }

  /** Sees to it that what comes next is sent in time: a number, all there is room for, or FIN. */
  proceed(session: LiveSession, step: Step): void {
    const { interval } = this.#settings;
    if (session.sent === session.length) return this.#sendFin(session, step);
    if (this.blocks(session)) return;
    if (interval > 0) {
      return this.#queue.arm(session.numberSlot, session.dueAfter(step.now, interval));
    }
    this.#send(session, this.#room(session), step);
    if (session.connection && session.sent === session.length) this.#sendFin(session, step);
  }

  /** Whether the client must confirm before more is sent. */
  blocks(session: LiveSession): boolean {
    return this.#room(session) <= 0;
  }

  #send(session: LiveSession, count: number, step: Step): void {
    const { sent } = session;
    const values = session.take(count);
    if (values.length > 0) {
      this.#connections.send(session.connection!, encodeNumbers(sent, values), step);
    }
    if (session.fault === undefined) this.#ask(session, step);
    else this.#giveUp(session, session.fault, step);
  }

  /** Tells both ends what the source did. */
  #giveUp(session: LiveSession, fault: string, step: Step): void {
    const connection = session.connection!;
    step.outputs.push({
      type: "user-code",
      session: session.id,
      client: connection.name,
      message: fault,
    });
    this.#connections.reject(connection, "SOURCE", step, fault);
  }

  /** Asks once when half of a small window is used: the answer can come before it is full. */
  #ask(session: LiveSession, step: Step): void {
    const { sendWindow } = this.#settings;
    if (!mustAsk(sendWindow) || this.#room(session) >= sendWindow / 2) return;
    // All is sent: FIN asks for more than a acknowledgement.
    if (session.asked || session.sent === session.length) return;
    session.asked = true;
    this.#connections.ping(session.connection!, step);
  }

  #sendFin(session: LiveSession, step: Step): void {
    if (session.finished) return;
    const digest = session.digest();
    if (!digest) return this.#giveUp(session, session.fault!, step);
    session.finished = true;
    const fin = { type: "fin", length: session.length, ...digest } as const;
    this.#connections.reply(session.connection!, fin, step);
  }

  #room({ sent, confirmed }: LiveSession): number {
    return this.#settings.sendWindow - Math.max(0, sent - confirmed);
  }
}
