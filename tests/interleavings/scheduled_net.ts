/**
 * A network in memory in which every step waits for its turn, and who is next is drawn.
 *
 * It leaves open what real sockets leave open: within one direction of one stream bytes keep their order;
 * everything else may overtake everything else.
 *
 * @module
 */
import { type Address, formatAddress } from "../../core/address.ts";
import { AddressMap } from "../../core/address_map.ts";
import { HeartlineError } from "../../core/errors.ts";
import type { DatagramSink, DatagramSocket } from "../../net/datagram.ts";
import type { Net } from "../../net/net.ts";
import type { StreamConnection, StreamListener, StreamSink } from "../../net/stream.ts";
import { sendingBy } from "../support/sending.ts";

/** Resolves when it is this step's turn; the words are for the report of a failure. */
export type Turn = (words: string) => Promise<void>;

/** One host; it is at rest when nothing is open. */
export class ScheduledNet implements Net {
  readonly #turn: Turn;
  readonly #listeners = new AddressMap<Listener>();
  readonly #datagrams = new AddressMap<(bytes: Uint8Array, from: Address) => void>();
  readonly #streams = new Set<ScheduledStream>();
  #nextPort = 40_000;

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  /** How many sockets are open. */
  get open(): number {
    return this.#listeners.size + this.#datagrams.size + this.#streams.size;
  }

  /** How many of them are on a port. */
  openAt(port: number): number {
    const streams = [...this.#streams].filter(({ local }) => local.port === port);
    const host = { hostname: "127.0.0.1", port };
    return streams.length + Number(!!this.#listeners.get(host)) +
      Number(!!this.#datagrams.get(host));
  }

  /** Breaks every stream, as when a cable is cut and both ends are told. */
  breakStreams(): void {
    for (const stream of this.#streams) stream.break();
  }

  async listenStream(at: Address): Promise<StreamListener> {
    await this.#turn("listen");
    const address = this.#free(at, this.#listeners);
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const listener: Listener = { sink: undefined };
    this.#listeners.set(address, listener);
    return {
      address,
      accept: (sink) => {
        listener.sink = sink;
        return ended;
      },
      close: () => {
        this.#listeners.delete(address);
        end();
      },
    };
  }

  async connectStream(to: Address, { signal }: { signal?: AbortSignal } = {}) {
    await this.#turn("connect");
    if (signal?.aborted) throw new HeartlineError("closed", "Cannot connect: aborted");
    const listener = this.#listeners.get(to);
    if (!listener?.sink) {
      throw new HeartlineError("connection-refused", "Cannot connect: nobody listens");
    }
    const from = this.#free({ hostname: to.hostname, port: 0 }, this.#listeners);
    const near = new ScheduledStream(from, to, this.#turn, this.#streams);
    const far = new ScheduledStream(to, from, this.#turn, this.#streams);
    near.peer = far;
    far.peer = near;
    // Either end may hear of it first, and the listener even when it was closed meanwhile.
    const accepted = this.#turn("accept").then(() => listener.sink!(far));
    await Promise.race([accepted, this.#turn("connected")]);
    return near;
  }

  async bindDatagram(at: Address): Promise<DatagramSocket> {
    await this.#turn("bind");
    const address = this.#free(at, this.#datagrams);
    let take: DatagramSink = () => {};
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    this.#datagrams.set(address, (bytes, from) => take(bytes, from));
    return {
      address,
      receive: (sink) => {
        take = sink;
        return ended;
      },
      send: sendingBy(async (bytes, to) => {
        const copy = bytes.slice();
        await this.#turn("send");
        if (!this.#datagrams.get(address)) throw closed("send");
        // Not awaited: datagrams overtake each other, and may come when their sender is gone.
        void this.#turn("datagram").then(() => this.#datagrams.get(to)?.(copy, address));
      }),
      kernelDrops: () => undefined,
      close: () => {
        this.#datagrams.delete(address);
        end();
      },
    };
  }

  async lookup(hostname: string): Promise<string> {
    await this.#turn("lookup");
    return hostname;
  }

  #free({ hostname, port }: Address, taken: AddressMap<unknown>): Address {
    const address = { hostname, port: port || this.#nextPort++ };
    if (!taken.get(address)) return address;
    throw new HeartlineError("address-in-use", `Cannot listen on ${formatAddress(address)}`);
  }
}

interface Listener {
  sink: ((connection: StreamConnection) => void) | undefined;
}

/** One end of a stream. */
class ScheduledStream implements StreamConnection {
  readonly local: Address;
  readonly remote: Address;
  peer!: ScheduledStream;
  readonly #turn: Turn;
  readonly #open: Set<ScheduledStream>;
  /** What has arrived and was not read. */
  #inbox: Uint8Array[] = [];
  /** How the stream ended, behind the inbox. */
  #end: "fin" | "reset" | undefined;
  #reader: Reader | undefined;
  #reading = false;
  /** What was written before goes first. */
  #written: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(local: Address, remote: Address, turn: Turn, open: Set<ScheduledStream>) {
    this.local = local;
    this.remote = remote;
    this.#turn = turn;
    this.#open = open.add(this);
  }

  receive(sink: StreamSink): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#reader = { sink, resolve, reject };
      if (this.#closed) resolve();
      else void this.#read();
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    const copy = bytes.slice();
    return this.#behind("write", () => this.peer.#arrive(copy));
  }

  end(): Promise<void> {
    return this.#behind("end", () => this.peer.#finish("fin"));
  }

  close(): void {
    if (this.#closed) return;
    // What was sent to us and not read is thrown away, and the peer told so.
    const end = this.#inbox.length > 0 ? "reset" : "fin";
    this.#shut();
    void this.#written.then(() => this.#turn("closed")).then(() => this.peer.#finish(end));
  }

  reset(): void {
    this.break();
    this.#shut();
  }

  /** Drops the stream at both ends. */
  break(): void {
    void this.#turn("reset here").then(() => this.#finish("reset"));
    void this.#turn("reset there").then(() => this.peer.#finish("reset"));
  }

  #behind(words: string, act: () => void): Promise<void> {
    if (this.#closed) return Promise.reject(closed(words));
    const done = this.#written.then(() => this.#turn(words)).then(() => {
      if (this.#closed) throw closed(words);
      if (this.#end === "reset" || this.peer.#closed) throw reset(words);
      act();
    });
    this.#written = done.catch(() => {});
    return done;
  }

  #arrive(bytes: Uint8Array): void {
    if (!this.#closed && this.#end === undefined) this.#inbox.push(bytes);
    void this.#read();
  }

  #finish(end: "fin" | "reset"): void {
    if (this.#closed) return;
    this.#end = this.#end === "reset" ? "reset" : end;
    if (end === "reset") this.#inbox = [];
    void this.#read();
  }

  /** Hands on what has arrived, all that is there at each turn. */
  async #read(): Promise<void> {
    const reader = this.#reader;
    if (!reader || this.#reading) return;
    this.#reading = true;
    try {
      while (!this.#closed && (this.#inbox.length > 0 || this.#end)) {
        await this.#turn("read");
        if (this.#closed) return;
        if (this.#end === "reset") return reader.reject(reset("read"));
        const chunks = this.#inbox.splice(0);
        if (chunks.length === 0) return reader.resolve();
        const buffer = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
        await reader.sink(buffer);
        // It is valid during the call only.
        buffer.fill(0);
      }
    } catch (error) {
      reader.reject(error);
    } finally {
      this.#reading = false;
    }
  }

  #shut(): void {
    this.#closed = true;
    this.#inbox = [];
    this.#open.delete(this);
    this.#reader?.resolve();
  }
}

interface Reader {
  readonly sink: StreamSink;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function closed(act: string): HeartlineError {
  return new HeartlineError("closed", `Cannot ${act}: closed`);
}

function reset(act: string): HeartlineError {
  return new HeartlineError("connection-reset", `Cannot ${act}: reset`);
}
