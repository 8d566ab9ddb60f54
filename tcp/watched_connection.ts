/**
 * One connected client as the server sees it.
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
import { CellTable } from "../core/cells.ts";
import type { Slot } from "../core/deadlines.ts";
import type { Framer } from "../core/framer.ts";
import type { ReceptionStatistics } from "../core/reception_statistics.ts";
import { ReceptionTable } from "../core/reception_table.ts";
import type { Instant } from "../core/machine.ts";
import type { Arrival } from "../core/sequence_window.ts";
import { follow } from "../core/states.ts";
import type { TcpClientReport, TcpClientState, TcpServerEvent } from "./events.ts";
import { Anomalies } from "./anomalies.ts";
import { TCP_MARK, type TcpHeartbeat } from "./message.ts";
import { TCP_WATCHED_STATES } from "./states.ts";

/** The memory of all connections of a server, by their slots. */
export class ConnectionMemory {
  /** What is counted here. */
  readonly cells: CellTable = new CellTable(CELLS);
  /** How heartbeats arrive. */
  readonly receptions: ReceptionTable = new ReceptionTable();
}

/** One connection: a small object, and 670 bytes in the memory of its server. */
export class WatchedConnection {
  /** The number its server knows it by. */
  readonly id: number;
  /** Its place in the deadline queue. */
  readonly slot: Slot;
  /** Whether it is heard. */
  state: TcpClientState = "waiting";
  /** Cuts its bytes into messages; made for the few whose message was ever cut by a read. */
  framer: Framer | undefined;
  /** Whether it was said that its clock is of no use. */
  clockTold = false;

  readonly #remote: Address;
  readonly #receptions: ReceptionTable;
  readonly #cells: Float64Array;
  readonly #at: number;
  /** Made for the few clients that ever need it. */
  #anomalies: Anomalies | undefined;

  /** A client that connected at `now`; what was at its slot is overwritten. */
  constructor(id: number, remote: Address, slot: Slot, memory: ConnectionMemory, now: Instant) {
    this.id = id;
    this.#remote = remote;
    this.slot = slot;
    this.#receptions = memory.receptions;
    this.#cells = memory.cells.page(slot).doubles;
    this.#at = memory.cells.at(slot);
    this.#cells.fill(0, this.#at, this.#at + CELLS);
    this.#set(HIGHEST_SENT_AT, -Infinity);
    this.#forgetTimes();
    this.#set(CONNECTED_AT, now);
    this.heardAt = now;
    this.reception.clear();
  }

  /** Its address as `host:port`; written when asked for, because most of the time nobody asks. */
  get name(): string {
    return formatAddress(this.#remote);
  }

  /** Its host, without the port. */
  get hostname(): string {
    return this.#remote.hostname;
  }

  /** How its heartbeats arrive; good until this is asked of another client. */
  get reception(): ReceptionStatistics {
    return this.#receptions.at(this.slot);
  }

  /** When it connected. */
  get connectedAt(): Instant {
    return this.#get(CONNECTED_AT);
  }

  /** When it was last heard, or connected. */
  get heardAt(): Instant {
    return this.#get(HEARD_AT);
  }
  set heardAt(now: Instant) {
    this.#set(HEARD_AT, now);
  }

  /** When it went down. */
  get downAt(): Instant {
    return this.#get(DOWN_AT);
  }

  /** Notes that it went down. */
  fall(now: Instant): void {
    this.state = follow(TCP_WATCHED_STATES, this.state, "down");
    this.#set(DOWN_AT, now);
    this.#set(DOWNS, this.#get(DOWNS) + 1);
  }

  /**
   * Counts one heartbeat and says what is odd about it; says nothing about the state. `patience` is the silence
   * from which it is down.
   */
  observe(
    { sequence, sentAt }: TcpHeartbeat,
    { wall, patience }: { wall: number; patience: number },
    now: Instant,
    events: TcpServerEvent[],
  ): Arrival {
    const reception = this.reception;
    const highest = reception.window.highest;
    if (sequence <= highest && this.#fellBack(sequence, sentAt, highest)) {
      this.#restart(reception);
      this.#found().restarted(highest, sequence, now, events);
    }
    const arrival = reception.observe(sequence, sentAt, wall, now, patience);
    if (arrival === "next" || arrival === "gap") this.#advance(sequence, sentAt);
    else if (arrival === "reordered") this.#set(SENT_AT + sequence % REMEMBERED, sentAt);
    if (arrival === "gap") this.#skip(highest, sequence, now, events);
    else if (arrival === "duplicate" || arrival === "stale") this.#found().duplicated(sequence);
    else this.#anomalies?.endRepeats(now, events);
    if (reception.lastWasLate) this.#found().late(sequence, reception.lastDelay);
    else this.#anomalies?.endLump(now, events);
    this.#set(SEQUENCE, sequence);
    return arrival;
  }

  /** The event for the heartbeat just counted, `text` without its mark. */
  beat(
    { sequence, sentAt }: TcpHeartbeat,
    arrival: Arrival,
    receivedAt: number,
    text: string,
  ): TcpServerEvent {
    const { lastDelay, lastWasLate } = this.reception;
    return {
      type: "beat",
      client: this.name,
      sequence,
      sentAt,
      receivedAt,
      transit: receivedAt - sentAt,
      delay: lastDelay,
      arrival,
      late: lastWasLate,
      text: text + TCP_MARK,
    };
  }

  /** All that arrived together is read: says what need not wait for more. */
  endChunk(now: Instant, events: TcpServerEvent[]): void {
    this.#anomalies?.endRepeats(now, events);
    this.#anomalies?.release(now, events);
  }

  /** Says everything that was found and not said. */
  flush(now: Instant, events: TcpServerEvent[]): void {
    this.#anomalies?.flush(now, events);
  }

  /** Everything known about it now. */
  report(now: Instant): TcpClientReport {
    const reception = this.reception.report();
    return {
      client: this.name,
      state: this.state,
      sequence: this.#get(SEQUENCE),
      missed: reception.expected - reception.received,
      duplicates: reception.duplicates,
      restarts: this.#get(RESTARTS),
      late: reception.late,
      silentFor: now - this.heardAt,
      downCount: this.#get(DOWNS),
      connectedFor: now - this.connectedAt,
      reception,
    };
  }

  #fellBack(sequence: number, sentAt: number, highest: number): boolean {
    if (sequence === highest) return false;
    const known = highest - sequence < REMEMBERED;
    const before = known ? this.#get(SENT_AT + sequence % REMEMBERED) : NaN;
    if (before === sentAt) return false;
    // Another message under a number that was used already.
    if (before === before) return true;
    return sentAt > this.#get(HIGHEST_SENT_AT) || sentAt < this.#get(FIRST_SENT_AT);
  }

  #restart(reception: ReceptionStatistics): void {
    this.#set(RESTARTS, this.#get(RESTARTS) + 1);
    reception.restart();
    this.#forgetTimes();
  }

  #forgetTimes(): void {
    this.#set(FIRST_SENT_AT, Infinity);
    this.#cells.fill(NaN, this.#at + SENT_AT, this.#at + CELLS);
  }

  #advance(sequence: number, sentAt: number): void {
    this.#set(SENT_AT + sequence % REMEMBERED, sentAt);
    this.#set(HIGHEST_SENT_AT, sentAt);
    if (sentAt < this.#get(FIRST_SENT_AT)) this.#set(FIRST_SENT_AT, sentAt);
  }

  #skip(highest: number, sequence: number, now: Instant, events: TcpServerEvent[]): void {
    const from = highest + 1, to = sequence - 1;
    for (let n = Math.max(from, sequence - REMEMBERED + 1); n <= to; n++) {
      this.#set(SENT_AT + n % REMEMBERED, NaN);
    }
    this.#anomalies?.endRepeats(now, events);
    this.#found().missed(from, to, now, events);
  }

  #found(): Anomalies {
    return this.#anomalies ??= new Anomalies(this.name);
  }

  #get(cell: number): number {
    return this.#cells[this.#at + cell]!;
  }

  #set(cell: number, value: number): void {
    this.#cells[this.#at + cell] = value;
  }
}

/** As many as the window of `ReceptionStatistics` tells apart. */
const REMEMBERED = 32;

// What is in which cell.
const CONNECTED_AT = 0;
const HEARD_AT = 1;
const DOWN_AT = 2;
/** How often it went down. */
const DOWNS = 3;
/** The number of the last heartbeat. */
const SEQUENCE = 4;
const RESTARTS = 5;
/** When the heartbeat with the highest number was sent, and the earliest of this numbering. */
const HIGHEST_SENT_AT = 6;
const FIRST_SENT_AT = 7;
/** When each of the last 32 numbers was sent; NaN if it was not received. */
const SENT_AT = 8;
const CELLS = SENT_AT + REMEMBERED;
