/**
 * A network whose TCP connections are watched line by line, and held where a test wants it.
 *
 * @module
 */
import type { Net } from "../../net/net.ts";
import type { StreamConnection, StreamSink } from "../../net/stream.ts";

/** What a test is told of the connections of a network, opened by either end. */
export interface LineWatch {
  /** A connection is open; nothing was said on it. */
  opened?(): void;
  /** Whether this line and all that follows in its direction gets lost. */
  holds?(line: string): boolean;
  /** A line was written, or given to its receiver. */
  passed?(line: string): void;
  /** Receiving is over; `inside`: a line had begun and did not end. */
  ended?(inside: boolean): void;
}

/** Watches every connection that `net` opens or accepts. */
export function watchedNet(net: Net, watch: LineWatch): Net {
  const watched = (stream: StreamConnection): WatchedStream => {
    watch.opened?.();
    return new WatchedStream(stream, watch);
  };
  return {
    ...net,
    connectStream: async (to, options) => watched(await net.connectStream(to, options)),
    async listenStream(at) {
      const listener = await net.listenStream(at);
      return {
        address: listener.address,
        accept: (sink, failed) => listener.accept((stream) => sink(watched(stream)), failed),
        close: () => listener.close(),
      };
    },
  };
}

/** A connection whose owner writes whole lines. */
class WatchedStream implements StreamConnection {
  readonly #stream: StreamConnection;
  readonly #watch: LineWatch;
  /** The line that has begun. */
  #line = "";
  #deaf = false;
  #mute = false;

  constructor(stream: StreamConnection, watch: LineWatch) {
    this.#stream = stream;
    this.#watch = watch;
  }

  get remote() {
    return this.#stream.remote;
  }

  get local() {
    return this.#stream.local;
  }

  async receive(sink: StreamSink): Promise<void> {
    try {
      await this.#stream.receive((bytes) => this.#receive(bytes, sink));
    } finally {
      this.#watch.ended?.(this.#line !== "");
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    const line = DECODER.decode(bytes).trimEnd();
    this.#mute ||= this.#watch.holds?.(line) ?? false;
    if (this.#mute) return;
    await this.#stream.write(bytes);
    this.#watch.passed?.(line);
  }

  end(): Promise<void> {
    return this.#stream.end();
  }

  close(): void {
    this.#stream.close();
  }

  reset(): void {
    this.#stream.reset();
  }

  async #receive(bytes: Uint8Array, sink: StreamSink): Promise<void> {
    for (let start = 0, end; start < bytes.length && !this.#deaf; start = end) {
      const mark = bytes.indexOf(LF, start);
      end = mark < 0 ? bytes.length : mark + 1;
      const piece = bytes.subarray(start, end);
      this.#line += DECODER.decode(piece);
      const line = mark < 0 ? undefined : this.#line.trimEnd();
      if (line !== undefined) this.#line = "";
      if (line !== undefined && this.#watch.holds?.(line)) this.#deaf = true;
      else await sink(piece);
      if (line !== undefined && !this.#deaf) this.#watch.passed?.(line);
    }
  }
}

const DECODER = new TextDecoder();
const LF = 10;
