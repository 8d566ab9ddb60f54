/**
 * A stream without a socket: a test says what arrives, when the system takes what is written, and how it ends.
 *
 * @module
 */
import type { StreamConnection, StreamSink } from "../../net/stream.ts";

/** One end of a stream; `log` holds what was written and what was done to it, in order. */
export class FakeStream implements StreamConnection {
  readonly remote = { hostname: "10.0.0.1", port: 5_001 };
  readonly local = { hostname: "10.0.0.2", port: 6_001 };
  readonly log: string[] = [];
  /** While true the system takes nothing. */
  held = false;
  /** What a write fails with. */
  fault: Error | undefined;
  #sink: StreamSink = () => {};
  #resolve = (): void => {};
  #reject = (_error: unknown): void => {};
  #takes: (() => void)[] = [];

  receive(sink: StreamSink): Promise<void> {
    this.#sink = sink;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Bytes arrive; returns what the sink did. */
  arrives(text: string): void | Promise<void> {
    return this.#sink(new TextEncoder().encode(text));
  }

  /** The peer ends its half of the stream, or it breaks. */
  async ends(error?: Error): Promise<void> {
    if (error) this.#reject(error);
    else this.#resolve();
    await settled();
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.held) await new Promise<void>((resolve) => this.#takes.push(resolve));
    if (this.fault) throw this.fault;
    this.log.push(new TextDecoder().decode(bytes));
  }

  /** The system takes what is being written, and nothing more while `held`. */
  async take(): Promise<void> {
    for (const resolve of this.#takes.splice(0)) resolve();
    await settled();
  }

  end(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    if (this.log.at(-1) !== "closed") this.log.push("closed");
    this.#resolve();
  }

  reset(): void {
    this.log.push("reset");
    this.#resolve();
  }
}

/** All that follows without time. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
