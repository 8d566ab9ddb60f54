/**
 * A store in memory that may go back to what it was, as when a snapshot is restored.
 *
 * @module
 */
import type { SequenceSession, SessionStore } from "../../sequence/store.ts";
import { MemoryStore } from "../../store/memory.ts";

type Of<Method extends keyof MemoryStore> = Parameters<MemoryStore[Method]>;

/** Knows nothing at first. */
export class RollbackStore implements SessionStore {
  #store = new MemoryStore();
  readonly #ids = new Set<string>();

  /** What it has now of the sessions that are open. */
  async snapshot(): Promise<readonly SequenceSession[]> {
    const all = await Promise.all([...this.#ids].map((id) => this.#store.load(id)));
    return all.filter((session) => session?.state === "open") as SequenceSession[];
  }

  /** Has nothing but these from now on. */
  async rollBack(sessions: readonly SequenceSession[]): Promise<void> {
    this.#store = new MemoryStore();
    for (const session of sessions) await this.#store.create(session);
  }

  create(...args: Of<"create">): Promise<void> {
    this.#ids.add(args[0].id);
    return this.#store.create(...args);
  }

  load(...args: Of<"load">): Promise<SequenceSession | undefined> {
    return this.#store.load(...args);
  }

  resume(...args: Of<"resume">): Promise<boolean> {
    return this.#store.resume(...args);
  }

  progress(...args: Of<"progress">): Promise<boolean> {
    return this.#store.progress(...args);
  }

  finish(...args: Of<"finish">): Promise<boolean> {
    return this.#store.finish(...args);
  }

  expire(...args: Of<"expire">): Promise<number> {
    return this.#store.expire(...args);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
