/**
 * One direction of one TCP link: bytes go in, and come out later, cut, held or not at all.
 *
 * The two directions of a link share nothing.
 *
 * Laws: bytes never change places; what is held is delivered in order when a blackhole ends; an end
 * travels behind the bytes before it; slices lie where the seed puts them, however the bytes arrive.
 *
 * @module
 */
import type { Instant, Random } from "../core/machine.ts";
import { DelayQueue, OWN_ROOM, type SharedRoom } from "./delay_queue.ts";
import type { CutBy, DirectionFaults } from "./faults.ts";

/** How a direction ends: as its source did, or by a fault. */
export type LaneEnd = "end" | "reset" | "cut-fin" | "cut-reset";

/** What comes out: bytes, or the end behind which nothing comes. */
export type LanePiece = { readonly bytes: Uint8Array } | { readonly end: LaneEnd };

/** One direction of a stream. */
export class StreamLane {
  /** Bytes that came in so far. */
  received = 0;
  /** Bytes that are out and not yet taken by the receiver's kernel. */
  underway = 0;
  /** Its source is told to wait. */
  waits = false;
  /** It has put out its end. */
  done = false;
  /** Its receiver is there. */
  ready = true;

  readonly #random: Random;
  readonly #queue: DelayQueue<LanePiece>;
  #faults: DirectionFaults = {};
  #plain = true;
  /** Its end is known: nothing more is taken. */
  #over = false;
  #freeAt: Instant = -Infinity;
  #lastDue: Instant = -Infinity;
  #sliceLeft = 0;
  #cutAt = Infinity;
  #linesLeft = Infinity;

  /** Makes a lane without faults; what it holds counts in `shared`, too. */
  constructor(random: Random, shared: SharedRoom) {
    this.#random = random;
    this.#queue = new DelayQueue(shared);
  }

  /** Changes what happens from here on; what is under way keeps its time. */
  set(faults: DirectionFaults): void {
    const { cutBytes, cutLines } = this.#faults;
    if (faults.cutBytes !== cutBytes) this.#cutAt = this.received + (faults.cutBytes ?? Infinity);
    if (faults.cutLines !== cutLines) this.#linesLeft = faults.cutLines ?? Infinity;
    if (!faults.slice) this.#sliceLeft = 0;
    this.#faults = faults;
    this.#queue.set(faults);
    this.#plain = !TOUCHING.some((name) => faults[name]);
  }

  /** Whether bytes may go straight on: there is nothing to do and nothing before them. */
  get plain(): boolean {
    return this.#plain && !this.#over && this.#queue.isEmpty;
  }

  /** Whether its source must wait: as much is held as may be, or the receiver is slow. */
  get full(): boolean {
    return this.underway > OWN_ROOM || this.#queue.exceeds(this.underway);
  }

  /** When `release` has something; `undefined` for never. */
  get due(): Instant | undefined {
    return this.#isHolding ? undefined : this.#queue.next;
  }

  /** Takes bytes; says behind which of them the stream was cut, if it was. */
  take(bytes: Uint8Array, now: Instant): { readonly cut: CutBy; readonly at: number } | undefined {
    if (this.#over) return undefined;
    const length = this.#lengthToCut(bytes);
    // A copy: the bytes belong to the socket.
    if (length > 0) this.#slice(bytes.slice(0, length), now);
    this.received += length;
    if (this.received < this.#cutAt && this.#linesLeft > 0) return undefined;
    const cut = this.#faults.cutBy ?? "reset";
    this.end(`cut-${cut}`, now);
    return { cut, at: this.received };
  }

  /** Ends behind everything taken so far. */
  end(end: LaneEnd, now: Instant): void {
    if (this.#over) return;
    this.#over = true;
    this.#put({ end }, 0, now);
  }

  /** Takes out what is due. */
  release(now: Instant): LanePiece[] {
    const released: LanePiece[] = [];
    if (this.#isHolding) return released;
    for (let piece; (piece = this.#queue.take(now)) !== undefined;) {
      if ("end" in piece) this.done = true;
      released.push(piece);
    }
    return released;
  }

  /** Forgets what it holds: the link is gone. */
  clear(): void {
    this.#queue.clear();
  }

  get #isHolding(): boolean {
    return !this.ready || this.#faults.blackhole === true;
  }

  /** How many of `bytes` come before the cut; all of them if there is none. */
  #lengthToCut(bytes: Uint8Array): number {
    let length = Math.min(bytes.length, this.#cutAt - this.received);
    if (this.#linesLeft === Infinity) return length;
    for (let at = 0; at < length; at++) {
      if (bytes[at] === LF && --this.#linesLeft === 0) length = at + 1;
    }
    return length;
  }

  #slice(bytes: Uint8Array, now: Instant): void {
    const { slice, bandwidth } = this.#faults;
    const smooth = bandwidth ? Math.max(1, Math.floor(bandwidth * SMOOTHNESS / 1000)) : Infinity;
    for (let at = 0, next; at < bytes.length; at = next) {
      if (slice && this.#sliceLeft === 0) this.#sliceLeft = 1 + Math.floor(this.#random() * slice);
      const most = Math.min(bytes.length - at, smooth, slice ? this.#sliceLeft : Infinity);
      next = at + most;
      if (slice) this.#sliceLeft -= most;
      this.#put({ bytes: bytes.subarray(at, next) }, most, now);
    }
  }

  #put(piece: LanePiece, length: number, now: Instant): void {
    const { latency = 0, jitter = 0, bandwidth, slice } = this.#faults;
    this.#freeAt = Math.max(this.#freeAt, now) + (bandwidth ? length * 1000 / bandwidth : 0);
    const arrival = this.#freeAt + latency + (jitter ? jitter * this.#random() : 0);
    this.#lastDue = Math.max(arrival, this.#lastDue + (slice ? SLICE_GAP : 0));
    this.#queue.put(piece, length, this.#lastDue);
  }
}

/** The faults that look at bytes; without them bytes go straight on. */
const TOUCHING = [
  "latency",
  "jitter",
  "bandwidth",
  "slice",
  "cutBytes",
  "cutLines",
  "blackhole",
] as const;
const LF = 10;
/** Between two slices, in ms; closer together the kernel would join them again. */
const SLICE_GAP = 1;
/** A limited bandwidth comes in portions of so many ms. */
const SMOOTHNESS = 20;
