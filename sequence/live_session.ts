/**
 * What a server holds of one session, and of the connection that carries it: what was sent and confirmed,
 * when the next number is due, and the checksum.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import type { Slot } from "../core/deadlines.ts";
import { messageOf } from "../core/errors.ts";
import type { Framer } from "../core/framer.ts";
import type { Instant } from "../core/machine.ts";
import { SequenceChecksum, type SequenceDigest } from "./checksum.ts";
import type { SequenceSeed } from "./generator.ts";
import type { SequenceConnectionState } from "./states.ts";
import type { SequenceSession } from "./store.ts";

/** A session in the memory of a server, under 1 KB. */
export class LiveSession {
  /** Its name. */
  readonly id: string;
  /** How many numbers there are. */
  readonly length: number;
  /** Its numbers. */
  readonly value: (index: number) => number;
  /** Its place in the queue of timers: when to save it, or when it expires. */
  readonly slot: Slot;
  /** Its place in the queue of numbers, which the queue writes. */
  numberSlot: Slot = -1;
  /** What its numbers follow from. */
  readonly seed: SequenceSeed;
  /** What a change in the store must name. */
  epoch: number;
  /** The connection it has; the only one that may move it. */
  connection: SequenceConnection | undefined;
  /** The next number to send. */
  sent: number;
  /** All numbers below are confirmed. */
  confirmed: number;
  /** Whether anything was confirmed under the present epoch. */
  trusted = false;
  /** The hashes of the tokens that are good: the newest, and the one before it while it is not `trusted`. */
  #tokenHash: string;
  #previousTokenHash: string | undefined;
  /** The client was asked to confirm, and has confirmed nothing since. */
  asked = false;
  /** The last number was followed by FIN. */
  finished = false;
  /** Resumes that wait for the store; until they are decided, the session does not expire. */
  resuming = 0;
  /** Why no more numbers can be made. */
  fault: string | undefined;
  /**
   * Its window is over: a resume that arrives now is too late, even while the store still has the session
   * open.
   */
  over = false;

  readonly #start: Instant;
  readonly #checksum = new SequenceChecksum();

  /** A session whose numbers are due at `start` + k intervals. */
  constructor(
    record: SequenceSession,
    value: (index: number) => number,
    slot: Slot,
    start: Instant,
  ) {
    this.id = record.id;
    this.length = record.length;
    this.seed = record.seed;
    this.epoch = record.epoch;
    this.#tokenHash = record.tokenHash;
    this.#previousTokenHash = record.previousTokenHash;
    this.sent = this.confirmed = record.next;
    this.value = value;
    this.slot = slot;
    this.#start = start;
  }

  /** What a store should have of it. */
  record(expiresAt: number): SequenceSession {
    const { id, seed, length, epoch, confirmed: next, trusted } = this;
    const previousTokenHash = trusted ? undefined : this.#previousTokenHash;
    return {
      ...{ id, seed, length, epoch, next, tokenHash: this.#tokenHash, previousTokenHash },
      ...{ state: "open", expiresAt },
    };
  }

  /**
   * How the record that was found stands to what is held: `ahead` if another server has accepted a resume
   * since, `behind` if the store lost what it had.
   */
  standing(found: SequenceSession | undefined): "ahead" | "same" | "behind" {
    if (!found || found.epoch < this.epoch) return "behind";
    // After a store went back another server may have come to the same epoch by another way.
    return found.epoch === this.epoch && found.tokenHash === this.#tokenHash ? "same" : "ahead";
  }

  /** A resume was accepted: goes on at `next` as the store has it now. */
  restart(record: SequenceSession, next: number): void {
    this.epoch = record.epoch;
    this.#tokenHash = record.tokenHash;
    this.#previousTokenHash = record.previousTokenHash;
    this.sent = next;
    this.confirmed = Math.max(next, record.next);
    this.trusted = this.finished = this.asked = false;
    this.over = false;
  }

  /** The client has all numbers below `next`. */
  confirm(next: number): void {
    if (next <= this.confirmed) return;
    this.confirmed = next;
    this.asked = false;
  }

  /** The first of start + k intervals that is later than `now`: no drift, and no burst to catch up. */
  dueAfter(now: Instant, interval: number): Instant {
    // An instant with a fraction may be rounded to just more than an interval before the start.
    const intervals = Math.max(0, Math.floor((now - this.#start) / interval) + 1);
    return this.#start + intervals * interval;
  }

  /** The next `count` numbers, or those that are left or can be made; they count as sent. */
  take(count: number): number[] {
    const values: number[] = [];
    for (const end = Math.min(this.length, this.sent + count); this.sent < end; this.sent++) {
      const value = this.#make(this.sent);
      if (value === undefined) break;
      if (this.#checksum.count === this.sent) this.#checksum.add(value);
      values.push(value);
    }
    return values;
  }

  /** The checksums of all numbers, if all can be made. Those that another server sent are computed here. */
  digest(): SequenceDigest | undefined {
    while (this.#checksum.count < this.length) {
      const value = this.#make(this.#checksum.count);
      if (value === undefined) return undefined;
      this.#checksum.add(value);
    }
    return this.#checksum.digest();
  }

  /** A number, or why there is none: the source is the user's code. */
  #make(index: number): number | undefined {
    try {
      return this.value(index);
    } catch (error) {
      this.fault = messageOf(error);
      return undefined;
    }
  }
}

/** The record of one connection. */
export class SequenceConnection {
  /** The number its server knows it by. */
  readonly id: number;
  /** The IP address of the client. */
  readonly hostname: string;
  /** Its address as `host:port`. */
  readonly name: string;
  /** Its place in the queue of timers: the HELLO deadline, then heartbeats. */
  readonly slot: Slot;
  /** Cuts its bytes into lines; made for the few whose line was ever cut by a read. */
  framer: Framer | undefined;
  /** How far it is. */
  state: SequenceConnectionState = "new";
  /** The session it carries; none any more when another connection took it over. */
  session: LiveSession | undefined;
  /** Heartbeats in a row without a word. */
  unanswered = 0;
  /** The number of the last PING. */
  pings = 0;

  /** A connection that has said nothing. */
  constructor(id: number, remote: Address, slot: Slot) {
    this.id = id;
    this.hostname = remote.hostname;
    this.name = formatAddress(remote);
    this.slot = slot;
  }
}
