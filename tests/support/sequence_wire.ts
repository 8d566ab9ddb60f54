/**
 * One connection in virtual time, and where it breaks.
 *
 * @module
 */
import type { SequenceServerMachine } from "../../sequence/server_machine.ts";

/** How a connection breaks. `reset`: both ends learn of it, `blackhole`: neither; else one end does. */
export const CUTS = ["reset", "blackhole", "client-told", "server-told"] as const;

/** Where a connection breaks, and how. */
export interface Cut {
  readonly direction: Direction;
  /** Behind so many bytes of this direction. */
  readonly after: number;
  readonly kind: typeof CUTS[number];
  /** What is on its way in the other direction gets lost. @default false */
  readonly losesFlying?: boolean;
}

/** To the client, or to the server. */
export type Direction = "down" | "up";

/** One connection: bytes until the cut. */
export class Wire {
  broken = false;
  closed = false;
  readonly server: SequenceServerMachine;
  readonly #cut: Cut | undefined;
  readonly #said: Record<Direction, string>;
  readonly #broken: () => void;

  /** A connection of a server that adds to `said` and calls `broken` when it is cut. */
  constructor(
    server: SequenceServerMachine,
    cut: Cut | undefined,
    said: Record<Direction, string>,
    broken: () => void,
  ) {
    this.server = server;
    this.#cut = cut;
    this.#said = said;
    this.#broken = broken;
  }

  /** Delivers bytes, or those of them that come before the cut. */
  carry(direction: Direction, bytes: Uint8Array, deliver: (bytes: Uint8Array) => void): void {
    if (this.broken || this.closed && direction === "down") return;
    const before = this.#said[direction].length;
    this.#said[direction] += DECODER.decode(bytes);
    const cut = this.#cut?.direction === direction ? this.#cut : undefined;
    if (!cut || before + bytes.length < cut.after) return deliver(bytes);
    this.broken = true;
    if (cut.after > before) deliver(bytes.slice(0, cut.after - before));
    this.#broken();
  }
}

const DECODER = new TextDecoder();
