/**
 * What a server must remember of a session, and what it asks of whatever remembers it.
 *
 * Several servers may share one store. The *epoch* of a session says who may change it: each accepted
 * resume raises it by compare-and-set, and every change names the epoch its author holds. A change
 * that names another epoch than the stored one changes nothing and resolves to `false`.
 *
 * A storage may lose its newest writes: a snapshot is restored, a replica that lagged takes over. It then has
 * sessions under earlier epochs, or has forgotten them. The servers that hold them write them back, by
 * `create`, `resume` and `progress`.
 *
 * @module
 */
import type { SequenceSeed } from "./generator.ts";

/** `open`: may be resumed. The others are tombstones, which say what became of a session. */
export type SequenceSessionState = "open" | "completed" | "expired";

/** One session: a few numbers, however long the sequence is. */
export interface SequenceSession {
  /** 128 random bits as 32 hexadecimal digits. */
  readonly id: string;
  /** The numbers of this session follow from it. */
  readonly seed: SequenceSeed;
  /** How many numbers there are, 1..65535. */
  readonly length: number;
  /** Counts from 1 and is raised by every accepted resume. */
  readonly epoch: number;
  /** The client has confirmed all numbers below; it may have received more. */
  readonly next: number;
  /** SHA-256 of the resume token, 64 hexadecimal digits. */
  readonly tokenHash: string;
  /** That of the token before, valid until the client confirms something on its new connection. */
  readonly previousTokenHash: string | undefined;
  /** Whether it may be resumed. */
  readonly state: SequenceSessionState;
  /**
   * Ms since 1970: when an open session expires unless a server renews it, and when a tombstone is
   * forgotten. The server that holds a session decides on its own monotonic clock; this time is for
   * the others, and for the server itself after a restart.
   */
  readonly expiresAt: number;
}

/** What an accepted resume changes. */
export interface SessionResumption {
  /** The hash of the new token. */
  readonly tokenHash: string;
  /** The hash of the token that was presented. */
  readonly previousTokenHash: string;
  /** As in {@linkcode SequenceSession}. */
  readonly expiresAt: number;
}

/** What changes as a session goes on. */
export interface SessionProgress {
  /** The client has confirmed all numbers below; a lower number than the stored one is ignored. */
  readonly next: number;
  /** The client has confirmed something under the newest token: the previous one is void. */
  readonly confirmed: boolean;
  /** As in {@linkcode SequenceSession}. */
  readonly expiresAt: number;
}

/**
 * Something about a storage that costs sessions sooner or later, and that nobody would notice. `evicts`: it may
 * forget sessions to save memory. `clock`: its servers, or it and this one, do not agree on what time it is.
 * `window`: its servers keep sessions for different times.
 */
export interface StoreWarning {
  /** What it is. */
  readonly code: "evicts" | "clock" | "window";
  /** One line: what was found, and what is wanted. */
  readonly message: string;
}

/** A server, as it tells a store about itself. */
export interface StoreUser {
  /** Its name among all servers on this storage. */
  readonly id: string;
  /** Milliseconds it keeps a session without a connection. */
  readonly sessionTtl: number;
}

/**
 * Where sessions are kept. An implementation may be checked with `checkSessionStore` of
 * `@heartline/heartline/store`.
 *
 * All methods reject with a `HeartlineError` if the storage cannot be reached; a server then answers
 * UNAVAILABLE, and the client tries again.
 *
 * @example A store that says what it keeps
 * ```ts
 * import { receiveSequence, serveSequence, type SequenceSession } from "@heartline/heartline/sequence";
 * import { MemoryStore } from "@heartline/heartline/store";
 * import { assertEquals } from "@std/assert";
 *
 * const kept: number[] = [];
 * class SpokenStore extends MemoryStore {
 *   override create(session: SequenceSession): Promise<void> {
 *     kept.push(session.length);
 *     return super.create(session);
 *   }
 * }
 * await using server = await serveSequence({ port: 0, interval: 1, store: new SpokenStore() });
 * for await (const _number of receiveSequence({ port: server.address.port, length: 3 }));
 * assertEquals(kept, [3]);
 * ```
 */
export interface SessionStore {
  /** Keeps a new session. When it resolves the session survives what the storage promises to survive. */
  create(session: SequenceSession): Promise<void>;
  /** The session, open or a tombstone; `undefined` if it is not known. */
  load(id: string): Promise<SequenceSession | undefined>;
  /**
   * If the session is open and its epoch is `epoch`, raises the epoch by one and changes the tokens;
   * else changes nothing. As durable as `create`.
   */
  resume(id: string, epoch: number, change: SessionResumption): Promise<boolean>;
  /** If the session is open and its epoch is `epoch`, moves it on. A crash may lose the latest ones. */
  progress(id: string, epoch: number, change: SessionProgress): Promise<boolean>;
  /** If the session is open and its epoch is `epoch`, makes a tombstone of it until `until`. */
  finish(
    id: string,
    epoch: number,
    end: { readonly state: "completed" | "expired"; readonly until: number },
  ): Promise<boolean>;
  /**
   * Makes tombstones of the open sessions that expired by `now` (ms since 1970), forgets the
   * tombstones that are due, and resolves to how many sessions expired. The server that holds a session
   * may know better, because it or the storage stood still and could not renew it: `progress` opens
   * such a session again and `finish` ends it, under its epoch.
   */
  expire(now: number): Promise<number>;
  /**
   * Where the storage may be away: calls `returned` whenever it can be used again. It may have lost its newest
   * writes meanwhile, and the server then looks at every session that it holds. Returns what ends the calls.
   */
  onReturn?(returned: () => void): () => void;
  /**
   * Where something may be wrong with the storage, or among the servers on it: looks, and resolves to all
   * that is. A server asks when it starts and every 10 s.
   */
  check?(user: StoreUser): Promise<readonly StoreWarning[]>;
  /** Frees what it holds open; calling it again does nothing. */
  close(): Promise<void>;
}
