/**
 * The connections of a sequence server.
 *
 * This file knows who is connected, and the deadlines of a connection: its first line, its heartbeats,
 * what it must take. It does not know what a session is; whoever has one is told of the loss.
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
import { Link } from "./link.ts";
import { writeSequenceReply } from "./lines.ts";
import type { SequenceRejection, SequenceReply } from "./message.ts";
import type { Random } from "../core/machine.ts";
import type { Reports } from "./reports.ts";
import type { SequenceSettings } from "./options.ts";
import type { Turn } from "./turn.ts";
import type { Verdicts } from "./verdicts.ts";
import { follow } from "../core/states.ts";
import { SEQUENCE_LINK_STATES } from "./states.ts";

/** What happens to a link when it is gone. */
export type Lost = (link: Link, reason: SequenceLossReason, turn: Turn) => void;

/** Every connection, by the number its door gave it. */
export class Connections {
  readonly #settings: SequenceSettings;
  readonly #verdicts: Verdicts;
  readonly #reports: Reports;
  readonly #lost: Lost;
  readonly #links = new Map<number, Link>();
  readonly #perHost = new Map<string, number>();
  #stopping = false;

  /** Nobody is connected. */
  constructor(settings: SequenceSettings, verdicts: Verdicts, reports: Reports, lost: Lost) {
    this.#settings = settings;
    this.#verdicts = verdicts;
    this.#reports = reports;
    this.#lost = lost;
  }

  /** The connection with this number, `undefined` once it is gone. */
  get(id: number): Link | undefined {
    return this.#links.get(id);
  }

  /** Whether it is still there. */
  has(link: Link): boolean {
    return this.#links.has(link.id);
  }

  /** Begins to wait for the first line. */
  connect(id: number, remote: Address, turn: Turn): void {
    const { maxPerAddress, maxSessions, helloTimeout } = this.#settings;
    const there = this.#perHost.get(remote.hostname) ?? 0;
    const slot = this.#verdicts.add((at) => this.#beat(link, at), turn.now + helloTimeout);
    const link = new Link(id, remote, slot);
    this.#links.set(id, link);
    this.#perHost.set(link.hostname, there + 1);
    // A connection more than sessions for each may be on its way to resume or to replace one.
    const full = this.#links.size > 2 * maxSessions || there >= maxPerAddress;
    if (full || this.#stopping) this.reject(link, "BUSY", turn);
  }

  /** It has a session now: heartbeats begin. */
  open(link: Link, turn: Turn): void {
    link.state = follow(SEQUENCE_LINK_STATES, link.state, "open");
    this.#verdicts.arm(link.slot, turn.now + this.#settings.heartbeat);
  }

  /** It said something: its next heartbeat is due when it has been silent for as long. */
  heard(link: Link, { now }: Turn): void {
    link.unanswered = 0;
    if (link.state === "open") this.#verdicts.arm(link.slot, now + this.#settings.heartbeat);
  }

  /** Asks for a word, and for a confirmation of what was received. */
  ping(link: Link, turn: Turn): void {
    this.reply(link, { type: "ping", id: ++link.pings }, turn);
  }

  /** Sends one message. */
  reply(link: Link, reply: SequenceReply, turn: Turn): void {
    this.send(link, writeSequenceReply(reply), turn);
  }

  /** Sends lines. */
  send(link: Link, bytes: Uint8Array, turn: Turn): void {
    turn.outputs.push({ type: "send", connection: link.id, bytes });
  }

  /** Says why, and closes. */
  reject(link: Link, code: SequenceRejection, turn: Turn): void {
    this.reply(link, { type: "rejected", code, text: REJECTION_TEXTS[code] }, turn);
    this.#reports.count({ type: "rejected", client: link.name, reason: code }, turn);
    this.close(link, "rejected", turn);
  }

  /** Closes a connection behind what was sent. */
  close(link: Link, reason: SequenceLossReason, turn: Turn): void {
    // Who has no session is not told that the server stops, and so has nothing to read.
    const linger = reason === "shutdown" && !link.session ? 0 : LINGER[reason] ?? 0;
    turn.outputs.push({ type: "close", connection: link.id, linger });
    this.drop(link, reason, turn);
  }

  /** Forgets a connection that is closed. */
  drop(link: Link, reason: SequenceLossReason, turn: Turn): void {
    this.#links.delete(link.id);
    const there = this.#perHost.get(link.hostname)! - 1;
    if (there === 0) this.#perHost.delete(link.hostname);
    else this.#perHost.set(link.hostname, there);
    this.#verdicts.remove(link.slot);
    this.#lost(link, reason, turn);
  }

  /**
   * Sends everybody away, and spreads their return evenly: each has an equal part of the spread to
   * itself, and comes back anywhere in it. Nobody has the first tenth: while thousands are told, a server
   * that takes over in the same process accepts nobody, and then at once all who came meanwhile.
   */
  shutDown(random: Random, turn: Turn): void {
    this.#stopping = true;
    const clients = this.#links.size;
    const spread = this.#settings.spread(clients), lead = LEAD * spread;
    const part = (spread - lead) / clients;
    for (const [place, link] of [...this.#links.values()].entries()) {
      const retry = Math.floor(lead + (place + random()) * part);
      if (link.session) this.reply(link, { type: "goaway", retry }, turn);
      this.close(link, "shutdown", turn);
    }
  }

  /** A connection was silent for a heartbeat, or its first line did not come. */
  #beat(link: Link, turn: Turn): void {
    if (link.state === "new") return this.reject(link, "TIMEOUT", turn);
    if (link.unanswered >= MOST_UNANSWERED) return this.close(link, "silent", turn);
    if (link.state === "open") {
      link.unanswered++;
      this.ping(link, turn);
    }
    this.#verdicts.arm(link.slot, turn.now + this.#settings.heartbeat);
  }
}

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
