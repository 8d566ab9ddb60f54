/**
 * One connection of a service: bytes in, one queue of bytes out, and an end.
 *
 * It decides nothing: its owner says what is sent and when it is closed, and hears of what happens.
 *
 * @module
 */
import type { ClosingOptions, ConnectionLoss } from "../core/connection.ts";
import type { TimedConnection } from "../core/connection_timers.ts";
import type { Slot } from "../core/deadlines.ts";
import { lossOf } from "../core/errors.ts";
import type { StreamConnection } from "./stream.ts";

/** Who has connections, and hears of what happens to them. */
export interface ConnectionOwner {
  /** Bytes arrived, valid during the call; a promise holds reading back until it settles. */
  received(connection: Connection, bytes: Uint8Array): Promise<void> | undefined;
  /** Bytes wait to be taken, and none did before. */
  waits(connection: Connection): void;
  /** The system took bytes; `unsent` says how many still wait. */
  drained(connection: Connection): void;
  /** Nothing more will come, and what was sent may still wait; it is told once. */
  ended(connection: Connection, reason: ConnectionLoss): void;
  /** There was a bug while it was read: nobody is told of it any more. */
  abandoned(connection: Connection): void;
  /** A write failed: nothing waits any more, and reading tells what became of the connection. */
  writeFailed(connection: Connection): void;
  /** There is a bug. */
  crash(error: unknown): void;
}

/**
 * A connection that is open. A class, and closures only for who writes: a server may have 10,000.
 *
 * @example
 * ```ts
 * import { systemClock } from "@heartline/heartline/core";
 * import { type Connection, Connections, openNet } from "@heartline/heartline/net";
 * import { assertEquals } from "@std/assert";
 *
 * const nothing = () => {};
 * const handler = { data: nothing, drained: nothing, ended: nothing, crash: nothing };
 * const connections = new Connections(handler, systemClock());
 * const net = await openNet();
 * const listener = await net.listenStream({ hostname: "127.0.0.1", port: 0 });
 * const stream = await net.connectStream(listener.address);
 * const connection: Connection = connections.add(1, stream);
 * connection.send(new TextEncoder().encode("hello"));
 * assertEquals(connection.unsent, 5);
 * await connection.flushed(); // the system has taken it
 * assertEquals(connection.unsent, 0);
 * connection.drop();
 * listener.close();
 * ```
 */
export class Connection implements TimedConnection {
  /** The number that the machine knows it by. */
  readonly id: number;
  /** Its socket. */
  readonly stream: StreamConnection;
  /** Bytes that were sent and that the system has not taken: the only count of them. */
  unsent = 0;
  timer: Slot | undefined;
  closing: ClosingOptions | undefined;
  /** Its end was read: it is held only for what waits to be taken. */
  readEnded = false;

  readonly #owner: ConnectionOwner;
  /** What waits behind the write that is under way. */
  readonly #queue: Uint8Array[] = [];
  /** The length of the write that is under way. */
  #writing = 0;
  /** Why it was dropped before its end was read. */
  #reason: ConnectionLoss | undefined;
  #bug: { readonly error: unknown } | undefined;
  /** What goes on with the bytes that are held back, if any are. */
  #held: { readonly over: Promise<void>; readonly goOn: () => void } | undefined;
  /** Nothing is sent any more, or even nothing taken. */
  #gone = false;
  #dropped = false;
  #waiting: (() => void)[] | undefined;
  #written: (() => void) | undefined;
  #failed: (() => void) | undefined;

  /** Takes over an open stream, from which nothing is read before `read`. */
  constructor(id: number, stream: StreamConnection, owner: ConnectionOwner) {
    this.id = id;
    this.stream = stream;
    this.#owner = owner;
  }

  /**
   * Reads until the end; resolves when it was told. These are promise reactions, because the frame of an
   * async function would stay in memory until then.
   */
  read(): Promise<void> {
    return this.stream.receive((bytes) => this.#receive(bytes)).then(
      () => this.#end(() => this.#reason ?? "end"),
      (error) => this.#end(() => this.#reason ?? this.#lossOf(error)),
    );
  }

  /** Whether what arrives is taken. */
  get taking(): boolean {
    return !this.closing && !this.#dropped;
  }

  /** Holds back what has arrived, and its end behind it, until `goOn`, or until it is closed. */
  hold(): Promise<void> {
    let goOn!: () => void;
    const over = new Promise<void>((resolve) => goOn = resolve);
    this.#held = { over, goOn };
    return over;
  }

  /** Takes what was held back. */
  goOn(): void {
    const held = this.#held;
    this.#held = undefined;
    held?.goOn();
  }

  /** Sends bytes behind those sent before; what comes while a write is under way leaves together. */
  send(bytes: Uint8Array): void {
    if (!this.closing && !this.#gone) this.#push(bytes);
  }

  /** Sends what is to be sent last; nothing is sent or taken after it. */
  close(options: ClosingOptions): void {
    if (this.closing) return;
    if (options.last && !this.#gone) this.#push(options.last);
    this.closing = options;
    this.goOn();
  }

  /** Resolves when the system has taken all that was sent, or never will; `undefined` if it has. */
  flushed(): Promise<void> | undefined {
    if (this.unsent === 0) return undefined;
    return new Promise((resolve) => (this.#waiting ??= []).push(resolve));
  }

  /** Closes the socket at once; `reason` is what its end is told with, if it was not read yet. */
  drop(reason?: ConnectionLoss): void {
    this.#reason ??= reason;
    this.#dropped = true;
    this.#giveUp();
    this.stream.close();
  }

  /** Drops the connection with a reset. */
  reset(): void {
    this.#dropped = true;
    this.#giveUp();
    this.stream.reset();
  }

  /** Tells the end, behind what came before it. */
  #end(reason: () => ConnectionLoss): void | Promise<void> {
    if (this.#held) return this.#held.over.then(() => this.#end(reason));
    this.#owner.ended(this, reason());
  }

  #receive(bytes: Uint8Array): void | Promise<void> {
    if (this.closing) return;
    try {
      return this.#owner.received(this, bytes)?.catch((error) => this.#blame(error));
    } catch (error) {
      this.#blame(error);
    }
  }

  /** What took the bytes threw, which is a bug, also if it is typed as a failure of sockets is. */
  #blame(error: unknown): never {
    this.#bug = { error };
    throw error;
  }

  /** Why reading failed; a bug is no reason, and leaves nothing behind. */
  #lossOf(error: unknown): ConnectionLoss {
    try {
      if (this.#bug) throw this.#bug.error;
      return lossOf(error);
    } catch (bug) {
      this.#owner.abandoned(this);
      throw bug;
    }
  }

  #push(bytes: Uint8Array): void {
    this.unsent += bytes.length;
    if (this.#writing > 0) this.#queue.push(bytes);
    else {
      this.#write(bytes);
      this.#owner.waits(this);
    }
  }

  #write(bytes: Uint8Array): void {
    this.#writing = bytes.length;
    this.#written ??= () => this.#took();
    this.#failed ??= () => {
      this.#giveUp();
      this.#owner.writeFailed(this);
    };
    void this.stream.write(bytes).then(this.#written, this.#failed);
  }

  #took(): void {
    if (this.#gone) return;
    this.unsent -= this.#writing;
    this.#writing = 0;
    if (this.#queue.length > 0) this.#write(this.#next());
    else this.#release();
    try {
      this.#owner.drained(this);
    } catch (error) {
      this.#owner.crash(error);
    }
  }

  /** The next bytes to write: many small ones are one write, and a large one is not copied. */
  #next(): Uint8Array {
    const queue = this.#queue;
    let count = 1, byteLength = queue[0]!.length;
    while (count < queue.length && byteLength + queue[count]!.length <= LARGEST_JOINED) {
      byteLength += queue[count++]!.length;
    }
    return joined(queue.splice(0, count), byteLength);
  }

  /** Nothing is written any more. What became of the connection is told by reading. */
  #giveUp(): void {
    this.#gone = true;
    this.unsent = 0;
    this.#queue.length = 0;
    this.#release();
    this.goOn();
  }

  #release(): void {
    for (const resolve of this.#waiting?.splice(0) ?? []) resolve();
  }
}

function joined(pieces: readonly Uint8Array[], byteLength: number): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const bytes = new Uint8Array(byteLength);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** As much as a socket takes at once; copying less is cheaper than another call of the system. */
const LARGEST_JOINED = 65_536;
