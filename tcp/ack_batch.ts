/**
 * The acks for all heartbeats of one chunk, so that they leave in one write.
 *
 * @module
 */
import { formatTcpAck } from "./message.ts";

/** Collects acks; one batch serves any number of connections, one after the other. */
export class AckBatch {
  #bytes = new Uint8Array(FIRST_ROOM);
  #length = 0;
  /** ` at <time>. `, the same for all acks of a batch. */
  #tail = new Uint8Array(0);

  /** Starts a batch at a time in ms since 1970. */
  begin(sentAt: number): void {
    this.#length = 0;
    this.#tail = ENCODER.encode(formatTcpAck({ sequence: 0, sentAt }).slice("Ack #0".length));
  }

  /** Adds the ack of one heartbeat. */
  add(sequence: number): void {
    const most = HEAD.length + MAX_DIGITS + this.#tail.length;
    if (this.#length + most > this.#bytes.length) this.#grow();
    const bytes = this.#bytes, tail = this.#tail;
    let at = this.#length;
    // Loops, because `set` costs more than the few bytes it would copy.
    for (let i = 0; i < HEAD.length; i++) bytes[at++] = HEAD[i]!;
    let digits = 1;
    for (let limit = 10; sequence >= limit; limit *= 10) digits++;
    let left = sequence;
    for (let place = at + digits - 1; place >= at; place--) {
      const rest = Math.floor(left / 10);
      bytes[place] = ZERO + left - rest * 10;
      left = rest;
    }
    at += digits;
    for (let i = 0; i < tail.length; i++) bytes[at++] = tail[i]!;
    this.#length = at;
  }

  /** The bytes of the batch, a copy that stays as it is; `undefined` if it is empty. */
  take(): Uint8Array | undefined {
    return this.#length === 0 ? undefined : this.#bytes.slice(0, this.#length);
  }

  #grow(): void {
    const bytes = new Uint8Array(this.#bytes.length * 2);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}

/** A few acks; a full read of 64 KiB grows it to as much, once. */
const FIRST_ROOM = 1_024;
const MAX_DIGITS = 15;
const ZERO = 0x30;
const ENCODER = new TextEncoder();
const HEAD = ENCODER.encode("Ack #");
