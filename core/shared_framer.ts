/**
 * One framer for all connections of a server whose messages arrive whole.
 *
 * @module
 */
import type { Framer } from "./framer.ts";

/** A connection; its framer is made for the few whose message was ever cut by a read. */
export interface Framed {
  /** Holds what has come of a message. */
  framer: Framer | undefined;
}

/** The framer of those that have none: give it a chunk, read all messages of it, then call `taken`. */
export class SharedFramer {
  readonly #make: () => Framer;
  #framer: Framer;

  /** Framers are made by `make`. */
  constructor(make: () => Framer) {
    this.#make = make;
    this.#framer = make();
  }

  /** The framer of a connection. */
  of({ framer }: Framed): Framer {
    return framer ?? this.#framer;
  }

  /** The messages of a chunk were taken: what came of the next one belongs to this connection. */
  taken(connection: Framed): void {
    if (connection.framer || (this.#framer.waiting === 0 && !this.#framer.tooLong)) return;
    connection.framer = this.#framer;
    this.#framer = this.#make();
  }
}
