/**
 * The connections of a sequence server.
 *
 * A connection has deadlines for its first line, its heartbeats and what it must take. Sessions are not
 * known here: whoever has one is told of the loss.
 *
 * ```text
 *   new ──HELLO, RESUME──▶ asked ──the store agreed──▶ open ──▶ gone
 *    │ helloTimeout          │ rejected                 │ end, reset, silent, replaced
 *    └──────────▶ gone ◀─────┘                          └──▶ gone
 * ```
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import { REJECTION_TEXTS } from "./admission.ts";
import type { SequenceLossReason } from "./events.ts";
import { SequenceConnection } from "./live_session.ts";
import { encodeSequenceReply } from "./message.ts";
import type { SequenceRejection, SequenceReply } from "./message.ts";
import type { Random } from "../core/machine.ts";
import type { Reports } from "./reports.ts";
import type { SequenceSettings } from "./options.ts";
import type { Step } from "./step.ts";
import type { Timers } from "./timers.ts";
import { follow } from "../core/states.ts";
import { SEQUENCE_CONNECTION_STATES } from "./states.ts";

/** What happens to a connection when it is gone. */
export type Lost = (connection: SequenceConnection, reason: SequenceLossReason, step: Step) => void;

/** Every connection, by its number. */
export class Connections {
  readonly #settings: SequenceSettings;
  readonly #timers: Timers;
  readonly #reports: Reports;
  readonly #lost: Lost;
  readonly #connections = new Map<number, SequenceConnection>();
  readonly #perHost = new Map<string, number>();
  #stopping = false;

  /** Nobody is connected. */
  constructor(settings: SequenceSettings, timers: Timers, reports: Reports, lost: Lost) {
    this.#settings = settings;
    this.#timers = timers;
    this.#reports = reports;
    this.#lost = lost;
  }

  /** The connection with this number, `undefined` once it is gone. */
  get(id: number): SequenceConnection | undefined {
    return this.#connections.get(id);
  }

  /** Whether it is still there. */
  has(connection: SequenceConnection): boolean {
    return this.#connections.has(connection.id);
  }

  /** Begins to wait for the first line. */
  connect(id: number, remote: Address, step: Step): void {
    const { maxPerAddress, maxSessions, helloTimeout } = this.#settings;
    const there = this.#perHost.get(remote.hostname) ?? 0;
    const slot = this.#timers.add((at) => this.#beat(connection, at), step.now + helloTimeout);
    const connection = new SequenceConnection(id, remote, slot);
    this.#connections.set(id, connection);
    this.#perHost.set(connection.hostname, there + 1);
    // A connection more than sessions for each may be on its way to resume or to replace one.
    const full = this.#connections.size > 2 * maxSessions || there >= maxPerAddress;
    if (full || this.#stopping) this.reject(connection, "BUSY", step);
  }

  /** It has a session now: heartbeats begin. */
  open(connection: SequenceConnection, step: Step): void {
    connection.state = follow(SEQUENCE_CONNECTION_STATES, connection.state, "open");
    this.#timers.arm(connection.slot, step.now + this.#settings.heartbeat);
  }

  /** It said something: its next heartbeat is due when it has been silent for as long. */
  heard(connection: SequenceConnection, { now }: Step): void {
    connection.unanswered = 0;
    if (connection.state === "open") {
      this.#timers.arm(connection.slot, now + this.#settings.heartbeat);
    }
  }

  /** Asks for a word, and for a acknowledgement of what was received. */
  ping(connection: SequenceConnection, step: Step): void {
    this.reply(connection, { type: "ping", id: ++connection.pings }, step);
  }

  /** Sends one message. */
  reply(connection: SequenceConnection, reply: SequenceReply, step: Step): void {
    this.send(connection, encodeSequenceReply(reply), step);
  }

  /** Sends lines. */
  send(connection: SequenceConnection, bytes: Uint8Array, step: Step): void {
    step.outputs.push({ type: "send", connection: connection.id, bytes });
  }

  /** Says why, and closes. */
  reject(
    connection: SequenceConnection,
    code: SequenceRejection,
    step: Step,
    why: string = REJECTION_TEXTS[code],
  ): void {
    const text = why.replace(UNPRINTABLE, "?").slice(0, LONGEST_TEXT);
    this.reply(connection, { type: "rejected", code, text }, step);
    this.#reports.count({ type: "rejected", client: connection.name, reason: code }, step);
    this.close(connection, "rejected", step);
  }

  /** Closes a connection behind what was sent. */
  close(connection: SequenceConnection, reason: SequenceLossReason, step: Step): void {
    // Who has no session is not told that the server stops, and so has nothing to read.
    const linger = reason === "shutdown" && !connection.session ? 0 : LINGER[reason] ?? 0;
    step.outputs.push({ type: "close", connection: connection.id, linger });
    this.drop(connection, reason, step);
  }

  /** Forgets a connection that is closed. */
  drop(connection: SequenceConnection, reason: SequenceLossReason, step: Step): void {
    this.#connections.delete(connection.id);
    const there = this.#perHost.get(connection.hostname)! - 1;
    if (there === 0) this.#perHost.delete(connection.hostname);
    else this.#perHost.set(connection.hostname, there);
    this.#timers.remove(connection.slot);
    this.#lost(connection, reason, step);
  }

  /**
   * Sends everybody away, and spreads their return evenly: each has an equal part of the spread to
   * itself, and comes back anywhere in it. Nobody has the first tenth: while thousands are told, a server
   * that takes over in the same process accepts nobody, and then at once all who came meanwhile.
   */
  shutDown(random: Random, step: Step): void {
    this.#stopping = true;
    const clients = this.#connections.size;
    const spread = this.#settings.spread(clients), lead = LEAD * spread;
    const part = (spread - lead) / clients;
    for (const [place, connection] of [...this.#connections.values()].entries()) {
      const retry = Math.floor(lead + (place + random()) * part);
      if (connection.session) this.reply(connection, { type: "goaway", retry }, step);
      this.close(connection, "shutdown", step);
    }
  }

  /** A connection was silent for a heartbeat, or its first line did not come. */
  #beat(connection: SequenceConnection, step: Step): void {
    if (connection.state === "new") return this.reject(connection, "TIMEOUT", step);
    if (connection.unanswered >= MOST_UNANSWERED) return this.close(connection, "silent", step);
    if (connection.state === "open") {
      connection.unanswered++;
      this.ping(connection, step);
    }
    this.#timers.arm(connection.slot, step.now + this.#settings.heartbeat);
  }
}

/** A reason may be what the user's code said: a line holds so much of it, in ASCII. */
const UNPRINTABLE = /[^ -~]/g;
const LONGEST_TEXT = 200;
/**
 * In ms: the peer was told something before these, and has so long to read it and to close first. One
 * process may hold all clients of a server that stops, and takes most of a second to read ten thousand
 * GOAWAYs; to wait for whoever was rejected must be cheap.
 */
const LINGER: Readonly<Partial<Record<SequenceLossReason, number>>> = {
  rejected: 500,
  shutdown: 2_000,
};
/** The part of the spread in which nobody comes back. */
const LEAD = 0.1;
/** Heartbeats in a row that may go unanswered, as the seed says. */
const MOST_UNANSWERED = 3;
