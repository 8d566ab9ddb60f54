/**
 * A store of sessions that answers in virtual time, late or not at all when it must.
 *
 * `store/memory.ts` keeps the same contract with promises, which virtual time cannot wait for.
 *
 * @module
 */
import type { Instant, Random } from "../../core/machine.ts";
import type { SequenceSeed } from "../../sequence/generator.ts";
import type { StoreAnswer, StoreCall } from "../../sequence/inputs.ts";
import type { SequenceSession } from "../../sequence/store.ts";
import type { World } from "./world.ts";

/** One store, which several servers may share. */
export class VirtualStore {
  /** Until when it fails, and until when it is slow by so many ms. */
  failsUntil: Instant = 0;
  slowUntil: Instant = 0;
  slowBy = 0;
  /** When it last failed or forgot something. */
  troubleAt: Instant = -Infinity;
  /** When it last went back to what it was. */
  rolledBackAt: Instant = -Infinity;
  /** When everything in it was last lost. */
  wipedAt: Instant = -Infinity;
  /** Of every session that it ever had: what goes wrong with a store changes no number. */
  readonly seeds = new Map<string, SequenceSeed>();

  readonly #world: World;
  readonly #random: Random;
  readonly #sessions = new Map<string, SequenceSession>();
  /** Those that a sweep ended, and that their server may know better about. */
  readonly #lapsed = new Set<string>();
  /** What it has been told of late: what was there before. */
  readonly #undo: Undo[] = [];

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random(STORE);
  }

  /** A session or a tombstone. */
  get(id: string): SequenceSession | undefined {
    return this.#sessions.get(id);
  }

  /** Makes a call, and tells its answer when there is one. */
  ask(call: StoreCall, told: (answer: StoreAnswer) => void): void {
    const { now } = this.#world;
    const slow = now < this.slowUntil ? this.slowBy : 0;
    const half = (LATENCY + slow) / 2;
    // What is asked takes effect half-way, so that answers may cross with what others do.
    this.#world.once(now + half * (0.5 + this.#random()), () => {
      const answer = this.#answer(call);
      this.#world.once(this.#world.now + half * (0.5 + this.#random()), () => told(answer));
    });
  }

  /** Forgets everything, as the memory of a process that was killed. */
  wipe(): void {
    this.#sessions.clear();
    this.#lapsed.clear();
    this.#undo.length = 0;
    this.troubleAt = this.wipedAt = this.#world.now;
  }

  /** Loses what it was told in the last `by` ms, as when a replica that lagged takes over. */
  rollBack(by: number): void {
    const { now } = this.#world;
    for (let last; (last = this.#undo.at(-1)) && last.at > now - by; this.#undo.pop()) {
      const { id, session, lapsed } = last;
      if (session) this.#sessions.set(id, session);
      else this.#sessions.delete(id);
      if (lapsed) this.#lapsed.add(id);
      else this.#lapsed.delete(id);
    }
    this.rolledBackAt = now;
  }

  /** Makes tombstones of what expired by `wall`, and forgets those that are due. */
  sweep(wall: number): void {
    for (const session of this.#sessions.values()) {
      if (session.expiresAt > wall) continue;
      this.#remember(session.id);
      if (session.state !== "open") this.#sessions.delete(session.id);
      else {
        this.#put({ ...session, state: "expired", expiresAt: wall + TOMBSTONE });
        this.#lapsed.add(session.id);
      }
    }
  }

  #answer(call: StoreCall): StoreAnswer {
    if (this.#world.now < this.failsUntil) {
      this.troubleAt = this.#world.now;
      return { type: "failed", message: "it is out of reach" };
    }
    switch (call.type) {
      case "create":
        this.#remember(call.session.id);
        this.#put(call.session);
        this.seeds.set(call.session.id, call.session.seed);
        return { type: "stored", changed: true };
      case "load":
        return { type: "loaded", session: this.#sessions.get(call.id) };
      case "resume": {
        const found = this.#sessions.get(call.id);
        if (found?.state !== "open") return UNCHANGED;
        return this.#change(call, { ...call.change, epoch: call.epoch + 1 });
      }
      case "progress": {
        const { expiresAt, confirmed, next } = call.change;
        return this.#change(call, {
          state: "open",
          next: Math.max(this.#sessions.get(call.id)?.next ?? 0, next),
          expiresAt,
          ...(confirmed && { previousTokenHash: undefined }),
        });
      }
      case "finish": {
        const { state, until: expiresAt } = call.end;
        return this.#change(call, { state, expiresAt });
      }
    }
  }

  /** Changes a session that did not end for good, if the epoch is still its own. */
  #change(
    { id, epoch }: { readonly id: string; readonly epoch: number },
    change: Partial<SequenceSession>,
  ): StoreAnswer {
    const found = this.#sessions.get(id);
    const ended = found?.state !== "open" && !this.#lapsed.has(id);
    if (found?.epoch !== epoch || ended) return UNCHANGED;
    this.#remember(id);
    this.#lapsed.delete(id);
    this.#put({ ...found, ...change });
    return { type: "stored", changed: true };
  }

  /** Keeps what it has of a session, before that changes. */
  #remember(id: string): void {
    const { now } = this.#world;
    const session = this.#sessions.get(id);
    this.#undo.push({ at: now, id, session, lapsed: this.#lapsed.has(id) });
    if (this.#undo[0]!.at < now - 2 * MOST_LOST) {
      this.#undo.splice(0, this.#undo.findIndex(({ at }) => at >= now - MOST_LOST));
    }
  }

  #put(session: SequenceSession): void {
    this.#sessions.set(session.id, session);
  }
}

interface Undo {
  readonly at: Instant;
  readonly id: string;
  readonly session: SequenceSession | undefined;
  readonly lapsed: boolean;
}

/** How far it can go back, in ms. */
export const MOST_LOST = 30_000;
const UNCHANGED: StoreAnswer = { type: "stored", changed: false };
/** Of a call and its answer on average, in ms. */
const LATENCY = 2;
const TOMBSTONE = 600_000;
const STORE = 4;
