/**
 * Sessions in the memory of one process: they end with it.
 *
 * @module
 */
import type {
  SequenceSession,
  SessionProgress,
  SessionResumption,
  SessionStore,
} from "../sequence/store.ts";
import { completed, type TombstoneOptions } from "./tombstones.ts";

/**
 * Keeps sessions in memory.
 *
 * @example
 * ```ts
 * import { MemoryStore } from "@heartline/heartline/store";
 * import { assertEquals } from "@std/assert";
 *
 * const store = new MemoryStore();
 * assertEquals(await store.load("00112233445566778899aabbccddeeff"), undefined);
 * await store.close();
 * ```
 */
export class MemoryStore implements SessionStore {
  readonly #open = new Map<string, SequenceSession>();
  /** Those that ended, in the order in which they did. */
  readonly #ended = new Map<string, SequenceSession>();
  /** Those among them that a sweep ended, and that their server may still know better about. */
  readonly #lapsed = new Set<string>();
  readonly #options: Required<TombstoneOptions>;

  /**
   * Makes an empty store.
   *
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(options: TombstoneOptions = {}) {
    this.#options = completed(options);
  }

  /** Keeps a new session. */
  create(session: SequenceSession): Promise<void> {
    this.#open.set(session.id, session);
    return Promise.resolve();
  }

  /** The session, if it is known. */
  load(id: string): Promise<SequenceSession | undefined> {
    return Promise.resolve(this.#open.get(id) ?? this.#ended.get(id));
  }

  /** Raises the epoch, if it is still `epoch`. */
  resume(id: string, epoch: number, change: SessionResumption): Promise<boolean> {
    const session = this.#open.get(id);
    if (session?.epoch !== epoch) return Promise.resolve(false);
    this.#open.set(id, { ...session, ...change, epoch: epoch + 1 });
    return Promise.resolve(true);
  }

  /** Moves a session on. */
  progress(id: string, epoch: number, change: SessionProgress): Promise<boolean> {
    const session = this.#renewable(id, epoch);
    if (!session) return Promise.resolve(false);
    const { expiresAt, confirmed } = change;
    this.#forget(id);
    this.#open.set(id, {
      ...session,
      state: "open",
      next: Math.max(session.next, change.next),
      expiresAt,
      ...(confirmed && { previousTokenHash: undefined }),
    });
    return Promise.resolve(true);
  }

  /** Makes a tombstone of a session. */
  finish(
    id: string,
    epoch: number,
    { state, until }: { state: "completed" | "expired"; until: number },
  ): Promise<boolean> {
    const session = this.#renewable(id, epoch);
    if (!session) return Promise.resolve(false);
    this.#bury(session, state, until);
    return Promise.resolve(true);
  }

  /** Ends what expired and forgets what ended long ago. */
  expire(now: number): Promise<number> {
    let expired = 0;
    for (const [id, { expiresAt }] of this.#ended) {
      if (expiresAt <= now) this.#forget(id);
    }
    for (const session of this.#open.values()) {
      if (session.expiresAt > now) continue;
      this.#bury(session, "expired", now + this.#options.tombstoneLife);
      this.#lapsed.add(session.id);
      expired++;
    }
    return Promise.resolve(expired);
  }

  /** Does nothing: there is nothing to free. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The session, if `epoch` is its epoch and it did not end for good. */
  #renewable(id: string, epoch: number): SequenceSession | undefined {
    const session = this.#open.get(id) ?? (this.#lapsed.has(id) ? this.#ended.get(id) : undefined);
    return session?.epoch === epoch ? session : undefined;
  }

  #bury(session: SequenceSession, state: "completed" | "expired", expiresAt: number): void {
    this.#open.delete(session.id);
    this.#forget(session.id);
    this.#ended.set(session.id, { ...session, state, expiresAt });
    for (const id of this.#ended.keys()) {
      if (this.#ended.size <= this.#options.maxTombstones) break;
      this.#forget(id);
    }
  }

  #forget(id: string): void {
    this.#ended.delete(id);
    this.#lapsed.delete(id);
  }
}
