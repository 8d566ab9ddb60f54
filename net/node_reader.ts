/**
 * Reads a connection of `node:net` into buffers that are used again and again.
 *
 * This file knows `onread`, and how a connection ends or breaks. It does not know who listens or
 * connects, or what is done with the bytes.
 *
 * @module
 */
import { Socket, type SocketConstructorOpts } from "node:net";
import type { Address } from "../core/address.ts";
import { failure } from "./failure.ts";
import { FIRST_READ, nextReadSize, type StreamSink } from "./stream.ts";

/** Where the bytes of one connection arrive. As events named `data` each 64 KiB would be allocated anew. */
export class NodeReader {
  /** What is read from; set by `adopt` or `read`. */
  socket!: Socket;
  /** Our side has closed it: nothing that still arrives is given to anybody. */
  closed = false;
  /** For the options of the socket. */
  readonly onread = {
    buffer: (): Uint8Array => this.#buffer,
    callback: (count: number, buffer: Uint8Array): boolean => {
      this.#resize(nextReadSize(buffer.length, count));
      return this.#receive(buffer.subarray(0, count));
    },
  };

  /** What is read into next. */
  #buffer = new Uint8Array(FIRST_READ);
  /** Buffers that nobody uses, of the same length: two are enough, once a sink has held one. */
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  #sink: StreamSink | undefined;
  /** Whether the sink still uses what it was given, or there is none yet: Bun reads what a reset leaves. */
  #held = true;
  /** What came meanwhile; reading stands still until it can be given. */
  #waiting: Uint8Array | undefined;
  /** Tells how it ended, once all that came before is taken. */
  #ended: (() => void) | undefined;
  #resolve!: () => void;
  #reject!: (error: unknown) => void;

  /** Reads from a socket that was made with `onread`, and has read nothing yet. */
  read(socket: Socket): this {
    // Until the connection's owner receives, an error must not end the process.
    this.socket = socket.on("error", ignore);
    return this;
  }

  /**
   * Takes over a connection that a server accepted and nobody has read from. `onread` is documented only
   * for a socket that connects; an accepted one is made from its handle, as `node:net` does itself. Where
   * that handle is missing or cannot read into a buffer of ours, as on Bun, it is read by events.
   */
  adopt(accepted: Socket): this {
    const owner = accepted as unknown as { _handle?: { useUserBuffer?: unknown } | null };
    const handle = owner._handle;
    if (typeof handle?.useUserBuffer !== "function") {
      // What events bring lies in buffers of their own, which are not to be read into again.
      this.#buffer = NOTHING;
      accepted.pause().on("data", (bytes) => void (this.#receive(bytes) || accepted.pause()));
      return this.read(accepted);
    }
    // Deno holds a socket that owns a handle until it is closed, and this one never is.
    owner._handle = null;
    const options = { handle, onread: this.onread, allowHalfOpen: true, pauseOnCreate: true };
    return this.read(new Socket(options as SocketConstructorOpts));
  }

  /** Does what `StreamConnection.receive` promises. */
  receive(sink: StreamSink, remote: Address): Promise<void> {
    const { socket } = this;
    this.#sink = sink;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      const broken = (error: unknown): void => {
        if (this.closed) resolve();
        else this.#end(() => reject(failure("read from", remote, error)));
      };
      // Each happens once; `once` would keep a record of that for each connection.
      socket.on("end", () => this.#probe()).on("close", () => this.#close()).on("error", broken);
      socket.resume();
      this.#next();
      // It may have broken before anybody listened.
      if (socket.errored) broken(socket.errored);
      else if (socket.destroyed) this.#close();
    });
  }

  #resize(size: number): void {
    if (size === this.#buffer.length) return;
    this.#buffer = new Uint8Array(size);
    this.#free.length = 0;
  }

  /** Says whether reading may go on: to stop it for each chunk would make every round trip longer. */
  #receive(bytes: Uint8Array): boolean {
    if (!this.#held) this.#give(bytes);
    else this.#keep(this.#waiting = bytes);
    return this.#waiting === undefined;
  }

  #give(bytes: Uint8Array): void {
    if (this.closed) return;
    try {
      const taken = this.#sink!(bytes);
      if (!taken) return;
      this.#held = true;
      this.#keep(bytes);
      taken.then(() => this.#goOn(bytes), (error) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What comes next must not lie where these bytes do. */
  #keep(bytes: Uint8Array): void {
    if (bytes.buffer !== this.#buffer.buffer) return;
    this.#buffer = this.#free.pop() ?? new Uint8Array(this.#buffer.length);
  }

  #goOn(taken: Uint8Array): void {
    const { buffer } = taken as Uint8Array<ArrayBuffer>;
    if (buffer.byteLength === this.#buffer.length) this.#free.push(new Uint8Array(buffer));
    this.#next();
  }

  #next(): void {
    const waiting = this.#waiting;
    this.#held = false;
    this.#waiting = undefined;
    if (waiting) {
      this.#give(waiting);
      this.socket.resume();
    }
    // The end may come while reading stands still.
    if (!this.#held) this.#ended?.();
  }

  /**
   * The stream is at its end. Before Node 24 a reset that comes together with data is told as one, too
   * (libuv reports the EOF it infers from a hang-up), but fails a write, even of nothing; a write that
   * waits will tell as well.
   */
  #probe(): void {
    const { socket } = this;
    if (!socket.writable || socket.writableLength > 0) this.#end(this.#resolve);
    else socket.write(NOTHING, (error) => void (error || this.#end(this.#resolve)));
  }

  /** The last bytes wait for the sink, and the end for them; after a close of ours nobody wants them. */
  #close(): void {
    if (this.closed) this.#resolve();
    else this.#end(this.#resolve);
  }

  #end(tell: () => void): void {
    this.#ended ??= tell;
    if (!this.#held) this.#ended();
  }

  #fail(error: unknown): void {
    this.#reject(error);
    this.socket.destroy();
  }
}

/** Of an error that nobody waits for yet. */
function ignore(): void {}

const NOTHING = new Uint8Array(0);
