/**
 * One connected client as the server sees it.
 *
 * This file knows what is remembered of a client, and what the number and time of a heartbeat say
 * about those before it. It does not know deadlines or verdicts.
 *
 * A heartbeat whose number is not above the highest so far is either one that came again or the first
 * after a restart, and a restarted client must not look like one that repeats thousands. It came again
 * if number and time are those of one of the last 32; otherwise it is a restart if it was sent later
 * than the highest, or before the numbering began, as with a clock that was set back meanwhile. The
 * same number twice in a row is never a restart.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import type { Slot } from "../core/deadlines.ts";
import { Framer } from "../core/framer.ts";
import { LinkStatistics } from "../core/link_statistics.ts";
import type { Instant } from "../core/machine.ts";
import type { Arrival } from "../core/sequence_window.ts";
import type { TcpClientReport, TcpClientState, TcpServerEvent } from "./events.ts";
import { Findings } from "./findings.ts";
import { MAX_TCP_MESSAGE_BYTES, TCP_MARK, type TcpHeartbeat } from "./message.ts";

/** The record of one connection, under 2 KB. */
export class WatchedConnection {
  /** The number its server knows it by. */
  readonly id: number;
  /** Its address as `host:port`. */
  readonly name: string;
  /** Its place in the deadline queue. */
  readonly slot: Slot;
  /** When it connected. */
  readonly connectedAt: Instant;
  /** Cuts its bytes into messages. */
  readonly framer: Framer = new Framer(TCP_MARK, { limit: MAX_TCP_MESSAGE_BYTES });
  /** How its heartbeats arrive. */
  readonly link: LinkStatistics = new LinkStatistics();
  /** Whether it is heard. */
  state: TcpClientState = "waiting";
  /** When it was last heard, or connected. */
  heardAt: Instant;
  /** When it was found silent. */
  silentAt: Instant = 0;
  /** How often it fell silent. */
  alarms = 0;

  #sequence = 0;
  #restarts = 0;
  /** Made for the few clients that ever need it. */
  #findings: Findings | undefined;
  /** When the heartbeat with the highest number was sent, and the earliest of this numbering. */
  #highestSentAt = -Infinity;
  #firstSentAt = Infinity;
  /** When each of the last 32 numbers was sent; NaN if it was not received. */
  readonly #sentAt = new Float64Array(REMEMBERED).fill(NaN);

  /** A client that connected at `now`. */
  constructor(id: number, remote: Address, slot: Slot, now: Instant) {
    this.id = id;
    this.name = formatAddress(remote);
    this.slot = slot;
    this.connectedAt = this.heardAt = now;
  }

  /** Counts one heartbeat and says what is odd about it; says nothing about the state. */
  observe(
    { sequence, sentAt }: TcpHeartbeat,
    wall: number,
    now: Instant,
    events: TcpServerEvent[],
  ): Arrival {
    const link = this.link;
    const highest = link.window.highest;
    if (sequence <= highest && this.#fellBack(sequence, sentAt, highest)) {
      this.#restart();
      this.#found().restarted(highest, sequence, now, events);
    }
    const arrival = link.observe(sequence, sentAt, wall, now);
    if (arrival === "next" || arrival === "gap") this.#advance(sequence, sentAt);
    else if (arrival === "reordered") this.#sentAt[sequence % REMEMBERED] = sentAt;
    if (arrival === "gap") this.#skip(highest, sequence, now, events);
    else if (arrival === "duplicate" || arrival === "stale") this.#found().duplicated(sequence);
    else this.#findings?.endRepeats(now, events);
    if (link.lastWasLate) this.#found().late(sequence, link.lastDelay);
    else this.#findings?.endLump(now, events);
    this.#sequence = sequence;
    return arrival;
  }

  /** All that arrived together is read: says what need not wait for more. */
  endChunk(now: Instant, events: TcpServerEvent[]): void {
    this.#findings?.endRepeats(now, events);
    this.#findings?.release(now, events);
  }

  /** Says everything that was found and not said. */
  flush(now: Instant, events: TcpServerEvent[]): void {
    this.#findings?.flush(now, events);
  }

  /** Everything known about it now. */
  report(now: Instant): TcpClientReport {
    const link = this.link.report();
    return {
      client: this.name,
      state: this.state,
      sequence: this.#sequence,
      missed: link.expected - link.received,
      duplicates: link.duplicates,
      restarts: this.#restarts,
      late: link.late,
      silentFor: now - this.heardAt,
      alarms: this.alarms,
      connectedFor: now - this.connectedAt,
      link,
    };
  }

  #fellBack(sequence: number, sentAt: number, highest: number): boolean {
    if (sequence === highest) return false;
    const before = highest - sequence < REMEMBERED ? this.#sentAt[sequence % REMEMBERED]! : NaN;
    if (before === sentAt) return false;
    // Another message under a number that was used already.
    if (before === before) return true;
    return sentAt > this.#highestSentAt || sentAt < this.#firstSentAt;
  }

  #restart(): void {
    this.#restarts++;
    this.link.restart();
    this.#sentAt.fill(NaN);
    this.#firstSentAt = Infinity;
  }

  #advance(sequence: number, sentAt: number): void {
    this.#sentAt[sequence % REMEMBERED] = sentAt;
    this.#highestSentAt = sentAt;
    if (sentAt < this.#firstSentAt) this.#firstSentAt = sentAt;
  }

  #skip(highest: number, sequence: number, now: Instant, events: TcpServerEvent[]): void {
    const from = highest + 1, to = sequence - 1;
    for (let n = Math.max(from, sequence - REMEMBERED + 1); n <= to; n++) {
      this.#sentAt[n % REMEMBERED] = NaN;
    }
    this.#findings?.endRepeats(now, events);
    this.#found().missed(from, to, now, events);
  }

  #found(): Findings {
    return this.#findings ??= new Findings(this.name);
  }
}

/** As many as the window of `LinkStatistics` tells apart. */
const REMEMBERED = 32;
