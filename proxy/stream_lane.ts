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
  #faults: DirectionFaults = {};
  #plain = true;
  #queue: (LanePiece & { readonly due: Instant })[] = [];
  #head = 0;
  #held = 0;
  /** Its end is known: nothing more is taken. */
  #over = false;
  #freeAt: Instant = -Infinity;
  #lastDue: Instant = -Infinity;
  #sliceLeft = 0;
  #cutAt = Infinity;
  #linesLeft = Infinity;

  /** Makes a lane without faults. */
  constructor(random: Random) {
    this.#random = random;
  }

  /** Changes what happens from here on; what is under way keeps its time. */
  set(faults: DirectionFaults): void {
    const { cutBytes, cutLines } = this.#faults;
    if (faults.cutBytes !== cutBytes) this.#cutAt = this.received + (faults.cutBytes ?? Infinity);
    if (faults.cutLines !== cutLines) this.#linesLeft = faults.cutLines ?? Infinity;
    if (!faults.slice) this.#sliceLeft = 0;
    this.#faults = faults;
    this.#plain = !TOUCHING.some((name) => faults[name]);
  }

  /** Whether bytes may go straight on: there is nothing to do and nothing before them. */
  get plain(): boolean {
    return this.#plain && !this.#over && this.#head === this.#queue.length;
  }

  /** Whether its source must wait: as much is held as may be. */
  get full(): boolean {
    return this.#held + this.underway > HELD_LIMIT;
  }

  /** When `release` has something; `undefined` for never. */
  get due(): Instant | undefined {
    return this.#isHolding ? undefined : this.#queue[this.#head]?.due;
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
    for (let item; (item = this.#queue[this.#head]) && item.due <= now;) {
      this.#head++;
      this.#held -= costOf(item);
      if ("end" in item) this.done = true;
      released.push(item);
    }
    // Shifting costs the queue's length, so the head is cut off half a queue at a time.
    if (this.#head * 2 >= this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return released;
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
    const item = { ...piece, due: this.#lastDue };
    this.#held += costOf(item);
    this.#queue.push(item);
  }
}

function costOf(piece: LanePiece): number {
  return "bytes" in piece ? piece.bytes.length + PIECE_COST : PIECE_COST;
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
/**
 * What one direction of a link holds before its source must wait: as much as the kernel's buffers, so
 * that a proxy adds about one more of them. One read (64 KiB) may come on top.
 */
const HELD_LIMIT = 262_144;
/** About what a piece costs beside its bytes. */
const PIECE_COST = 128;
/** Between two slices, in ms; closer together the kernel would join them again. */
const SLICE_GAP = 1;
/** A limited bandwidth comes in portions of so many ms. */
const SMOOTHNESS = 20;
