/**
 * The two connections of one TCP link: a client's, and the one that this proxy opens to the server.
 *
 * It reads, writes and keeps the order; what happens to the bytes is decided by `StreamLane`.
 *
 * @module
 */
import type { StreamConnection, StreamSink } from "../net/stream.ts";
import type { Direction } from "./faults.ts";

/** Both ends of a link; the server's comes later, or never. */
export class StreamPair {
  readonly #client: StreamConnection;
  #server: StreamConnection | undefined;
  /** Settles when what was last sent in a direction is out. */
  readonly #sent: Record<Direction, Promise<unknown>> = { up: DONE, down: DONE };
  readonly #resume: Record<Direction, (() => void) | undefined> = {
    up: undefined,
    down: undefined,
  };
  #isGone = false;

  /** Makes a link without a server. */
  constructor(client: StreamConnection) {
    this.#client = client;
  }

  /** Adds the server; false if the link was dropped meanwhile, which closes it. */
  reached(server: StreamConnection): boolean {
    if (this.#isGone) server.close();
    else this.#server = server;
    return !this.#isGone;
  }

  /** Hands on what the source of a direction sends; see `StreamConnection.receive`. */
  receive(direction: Direction, sink: StreamSink): Promise<void> {
    const source = direction === "up" ? this.#client : this.#server;
    return source?.receive(sink) ?? DONE;
  }

  /** Sends to the receiver of a direction. */
  write(direction: Direction, bytes: Uint8Array): Promise<void> {
    return this.#send(direction, this.#receiver(direction)?.write(bytes));
  }

  /** Sends a FIN to the receiver of a direction. */
  end(direction: Direction): Promise<void> {
    return this.#send(direction, this.#receiver(direction)?.end());
  }

  /** Waits until `resume` is called, or the link is dropped. */
  wait(direction: Direction): Promise<void> {
    return new Promise((resolve) => this.#resume[direction] = resolve);
  }

  /** Lets reading go on. */
  resume(direction: Direction): void {
    this.#resume[direction]?.();
    this.#resume[direction] = undefined;
  }

  /** Resets both connections; with `flush` when what was written is out. */
  async reset(flush: boolean): Promise<void> {
    if (flush) await this.#flushed();
    this.#drop();
    this.#client.reset();
    this.#server?.reset();
  }

  /** Closes both connections when what was written is out. */
  async finish(): Promise<void> {
    await this.#flushed();
    this.close();
  }

  /** Closes both connections at once. */
  close(): void {
    this.#drop();
    this.#client.close();
    this.#server?.close();
  }

  #receiver(direction: Direction): StreamConnection | undefined {
    return direction === "up" ? this.#server : this.#client;
  }

  #send(direction: Direction, sending: Promise<void> = DONE): Promise<void> {
    this.#sent[direction] = sending;
    return sending;
  }

  async #flushed(): Promise<void> {
    await Promise.allSettled([this.#sent.up, this.#sent.down]);
  }

  #drop(): void {
    this.#isGone = true;
    this.resume("up");
    this.resume("down");
  }
}

const DONE: Promise<void> = Promise.resolve();
