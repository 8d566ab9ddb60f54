/**
 * Reads a connection of `node:net` into one buffer that is used again and again.
 *
 * This file knows `onread`, and how a connection ends or breaks. It does not know who listens or
 * connects, or what is done with the bytes.
 *
 * @module
 */
import { Socket, type SocketConstructorOpts } from "node:net";
import type { Address } from "../core/address.ts";
import { failure } from "./failure.ts";
import { FIRST_READ, LARGEST_READ, type StreamSink } from "./stream.ts";

/** Where the bytes of one connection arrive. As events named `data` each 64 KiB would be allocated anew. */
export class NodeReader {
  /** What is read from; set by `adopt` or `read`. */
  socket!: Socket;
  /** For the options of the socket. */
  readonly onread = {
    buffer: (): Uint8Array => this.#buffer,
    callback: (count: number, buffer: Uint8Array): boolean => {
      if (count === buffer.length && count < LARGEST_READ) this.#buffer = new Uint8Array(count * 4);
      return this.#take(buffer.subarray(0, count));
    },
  };

  #buffer = new Uint8Array(FIRST_READ);
  #take: (bytes: Uint8Array) => boolean = () => true;

  /** Reads from a socket that was made with `onread`, and has read nothing yet. */
  read(socket: Socket): this {
    // Until the connection's owner receives, an error must not end the process.
    this.socket = socket.on("error", () => {});
    return this;
  }

  /**
   * Takes over a connection that a server accepted and nobody has read from. `onread` is documented only
   * for a socket that connects; an accepted one is made from its handle, as `node:net` does itself. What
   * has no such handle is read by events.
   */
  adopt(accepted: Socket): this {
    const { _handle: handle } = accepted as unknown as { _handle?: object };
    if (!handle) {
      accepted.pause().on("data", (bytes) => void (this.#take(bytes) || accepted.pause()));
      return this.read(accepted);
    }
    const options = { handle, onread: this.onread, allowHalfOpen: true, pauseOnCreate: true };
    return this.read(new Socket(options as SocketConstructorOpts));
  }

  /** Does what `StreamConnection.receive` promises; `closed` says whether our side has closed it. */
  receive(sink: StreamSink, closed: () => boolean, remote: Address): Promise<void> {
    const { socket } = this;
    return new Promise((resolve, reject) => {
      const broken = (error: unknown): void => {
        if (closed()) resolve();
        else reject(failure("read from", remote, error));
      };
      const fail = (error: unknown): void => {
        reject(error);
        socket.destroy();
      };
      const goOn = (): void => void socket.resume();
      this.#take = (bytes) => {
        if (closed()) return true;
        try {
          const taken = sink(bytes);
          taken?.then(goOn, fail);
          return !taken;
        } catch (error) {
          fail(error);
          return false;
        }
      };
      socket.once("end", () => {
        // Before Node 24 a reset that comes together with data is told as an end (libuv reports the EOF
        // it infers from a hang-up), but fails a write, even of nothing. A write that waits will tell too.
        if (!socket.writable || socket.writableLength > 0) resolve();
        else socket.write(NOTHING, (error) => void (error || resolve()));
      });
      socket.once("close", () => resolve());
      socket.once("error", broken);
      socket.resume();
      // It may have broken before anybody listened.
      if (socket.errored) broken(socket.errored);
      else if (socket.destroyed) resolve();
    });
  }
}

const NOTHING = new Uint8Array(0);
