/**
 * Connections that are to be closed, and for how long each is still held.
 *
 * This file knows what a connection waits for: that the system takes what was written, and then, if it
 * is to linger, that the peer has read it and closes first. It does not know why one is closed.
 *
 * A wait begins at the event before it and not at the decision to close: ten thousand clients that are
 * sent away together wait for their turn to be told, and none may lose its GOAWAY to that.
 *
 * @module
 */
import { Deadlines, type Slot } from "../core/deadlines.ts";
import { type Instant, type Machine, NOTHING } from "../core/machine.ts";

/** What {@linkcode Departures} are told; `connection` is a number that is used once. */
export type DepartureInput =
  /** It is to be closed; `unwritten`: the system has not taken all of it. `linger` is in ms. */
  | {
    readonly type: "leave";
    readonly connection: number;
    readonly unwritten: boolean;
    readonly linger: number;
  }
  /** The system has taken all that was written. */
  | { readonly type: "written"; readonly connection: number }
  /** It is closed, by whomever. */
  | { readonly type: "ended"; readonly connection: number };

/** All connections that are to be closed; puts out the number of each whose time is over. */
export class Departures implements Machine<DepartureInput, number> {
  readonly #queue = new Deadlines();
  readonly #leaving = new Map<number, Leaving>();
  /** The connection in each slot of the queue. */
  readonly #connections: number[] = [];

  /** When `tick` is next worth calling. */
  get deadline(): Instant | undefined {
    return this.#queue.next;
  }

  /** How many are still open. */
  get size(): number {
    return this.#leaving.size;
  }

  /** Takes one input. */
  handle(input: DepartureInput, now: Instant): readonly number[] {
    const { connection } = input;
    const leaving = this.#leaving.get(connection);
    switch (input.type) {
      case "leave":
        return this.#leave(input, now);
      case "written":
        if (!leaving) break;
        if (leaving.linger === 0) return this.#end(connection, leaving);
        this.#queue.arm(leaving.slot, now + leaving.linger);
        break;
      case "ended":
        if (leaving) this.#end(connection, leaving);
    }
    return NOTHING;
  }

  /** Gives out those whose time is over. */
  tick(now: Instant): readonly number[] {
    const over: number[] = [];
    for (let slot; (slot = this.#queue.expire(now)) !== undefined;) {
      const connection = this.#connections[slot]!;
      over.push(...this.#end(connection, this.#leaving.get(connection)!));
    }
    return over;
  }

  #leave(
    { connection, unwritten, linger }: Extract<DepartureInput, { type: "leave" }>,
    now: Instant,
  ): readonly number[] {
    if (!unwritten && linger === 0) return [connection];
    const slot = this.#queue.add(now + (unwritten ? LONGEST_WRITE : linger));
    this.#connections[slot] = connection;
    this.#leaving.set(connection, { slot, linger });
    return NOTHING;
  }

  #end(connection: number, { slot }: Leaving): readonly number[] {
    this.#queue.remove(slot);
    this.#leaving.delete(connection);
    return [connection];
  }
}

interface Leaving {
  readonly slot: Slot;
  /** In ms. */
  readonly linger: number;
}

/** In ms: a peer that takes no last line within this is not reading. */
const LONGEST_WRITE = 2_000;
