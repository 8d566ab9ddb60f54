/**
 * The bytes of one connection on their way: written together, read in slices, and a last line.
 *
 * This file knows how fast bytes may come and go. It does not know what they say, decides nothing, and
 * takes any stream of the shape below, so that it needs no socket in a test.
 *
 * @module
 */
import type { Clock } from "../core/clock.ts";
import { lossOf } from "../core/errors.ts";
import type { KeepaliveEnd } from "./events.ts";

/** What is needed of a stream; the connections of `net` are such. */
export interface KeepaliveStream {
  /** Hands the bytes to `sink` in order; resolves at the end of the stream or after `close`. */
  receive(sink: (bytes: Uint8Array) => void | Promise<void>): Promise<void>;
  /** Sends bytes behind those sent before. */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes both directions at once. */
  close(): void;
}

/** What a link is made of. */
export interface KeepaliveLinkOptions {
  /** Where time comes from. */
  readonly clock: Clock;
  /** How long reading may be held back, in ms, while the peer takes nothing. */
  readonly hold: number;
  /** Called when the system took so many bytes. */
  readonly written: (byteLength: number) => void;
}

/** One connection's bytes. */
export class KeepaliveLink {
  readonly #stream: KeepaliveStream;
  readonly #options: KeepaliveLinkOptions;
  #pending: Uint8Array[] = [];
  #writing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** A link over an open stream. */
  constructor(stream: KeepaliveStream, options: KeepaliveLinkOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  /** Sends bytes; while a write is under way the next ones gather, and leave together. */
  write(bytes: Uint8Array): void {
    if (this.#closing) return;
    this.#pending.push(bytes);
    this.#writing ??= this.#drain();
  }

  /** Resolves when everything given to `write` was taken, or never will be. */
  async flushed(): Promise<void> {
    await this.#writing;
  }

  /**
   * Hands every slice to `take` until the stream ends; returns how it did.
   *
   * Reading stops while answers to the last slice wait to be taken, for `hold` ms at most: a peer that
   * reads is never overrun by the answers to its own burst, and one that does not is still heard.
   *
   * @throws whatever `take` throws
   */
  async read(take: (bytes: Uint8Array) => void): Promise<KeepaliveEnd> {
    let fault: { error: unknown } | undefined;
    const guarded = (slice: Uint8Array): void => {
      try {
        take(slice);
      } catch (error) {
        fault = { error };
        throw error;
      }
    };
    try {
      await this.#stream.receive((bytes) => this.#slice(bytes, guarded));
    } catch (error) {
      if (!fault) return lossOf(error);
      this.#stream.close();
      throw fault.error;
    }
    return "end";
  }

  /** Hands on slice after slice. What is answered by nothing, as most is, must not wait for a promise. */
  #slice(bytes: Uint8Array, take: (slice: Uint8Array) => void): Promise<void> | undefined {
    for (let at = 0; at < bytes.length && !this.#closing; at += SLICE) {
      take(bytes.subarray(at, at + SLICE));
      if (this.#writing) {
        const rest = bytes.subarray(at + SLICE);
        return this.#within(this.#options.hold, this.#writing).then(() => this.#slice(rest, take));
      }
    }
    return undefined;
  }

  /** Closes; `last` is written before, if that is possible soon. Calling it again does nothing. */
  close(last?: Uint8Array): Promise<void> {
    return this.#closing ??= this.#close(last);
  }

  async #close(last: Uint8Array | undefined): Promise<void> {
    if (last) {
      this.#pending.push(last);
      this.#writing ??= this.#drain();
      await this.#within(FAREWELL, this.#writing);
    }
    this.#pending = [];
    this.#stream.close();
  }

  async #drain(): Promise<void> {
    try {
      while (this.#pending.length > 0) {
        const bytes = joined(this.#pending);
        this.#pending = [];
        await this.#stream.write(bytes);
        this.#options.written(bytes.length);
      }
    } catch {
      // Reading from the same connection says what became of it.
      this.#pending = [];
    } finally {
      this.#writing = undefined;
    }
  }

  /** Waits for `done`, but no longer than `ms`. */
  #within(ms: number, done: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.schedule(ms, resolve);
      void done.finally(() => {
        cancel();
        resolve();
      });
    });
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/**
 * The answers to so many bytes, at most three bytes for one of them (a HEARTBEAT is answered by four
 * more bytes, a DATA by its payload), are well below what may wait for a peer.
 */
const SLICE = 8_192;
/** How long a last line may take, in ms: a peer that reads takes it at once. */
const FAREWELL = 100;
