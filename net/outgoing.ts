/**
 * A connection from the attempt to open it until it is closed.
 *
 * This file knows that either may be given up at any moment. It does not know what it is for.
 *
 * @module
 */
import type { StreamConnection } from "./stream.ts";

/** One attempt to connect, and what came of it. */
export class OutgoingConnection {
  /** The connection, once it is open. */
  stream: StreamConnection | undefined;
  readonly #abort = new AbortController();

  /** Aborts the attempt. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Takes the open connection; false if it is not wanted any more, and closed therefore. */
  opened(stream: StreamConnection): boolean {
    this.stream = stream;
    if (this.signal.aborted) stream.close();
    return !this.signal.aborted;
  }

  /** Gives up the attempt, or the connection. */
  close(): void {
    this.#abort.abort();
    this.stream?.close();
  }
}
