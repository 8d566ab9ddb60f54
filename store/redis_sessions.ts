/**
 * What a session is in Redis, and what an outage of Redis does to it.
 *
 * *Time.* Servers compare `expiresAt` with their own clocks, so the clocks of all servers on one Redis
 * should agree within a second or so. The clock of Redis decides only when keys go, `tombstoneLife`
 * after a session expired; it may be wrong by minutes.
 *
 * *Memory.* About 600 bytes a session. Keys go by themselves, also if no server is left; ended sessions
 * are bounded by how long they are remembered, not by number.
 *
 * *Outages.* While Redis is away calls fail at once: new and resuming sessions wait, the others go on.
 * When it is back, with its data, time in which it was away is not held against anybody: for as long as
 * it was away, no session expires that had not expired before. What was completed meanwhile is written
 * then. A Redis that lost its data, or some of it, gets back what its servers hold; they look when it is back.
 *
 * @module
 */
import type { HeartlineError } from "../core/errors.ts";
import type {
  SequenceSession,
  SequenceSessionState,
  SessionProgress,
  SessionResumption,
  SessionStore,
  StoreUser,
  StoreWarning,
} from "../sequence/store.ts";
import { RedisCheck } from "./redis_check.ts";
import type { RedisReply } from "./redis_connection.ts";
import type { RedisClient } from "./redis_client.ts";
import type { RedisKeys, ScriptName } from "./redis_scripts.ts";

/** A store over a connection that may come and go. */
export interface RedisStore extends SessionStore {
  /** Why Redis cannot be used now; `undefined` if it can. */
  readonly fault: HeartlineError | undefined;
}

/** What a {@linkcode RedisSessions} needs. */
export interface RedisSessionsOptions {
  /** The names of its keys. */
  readonly keys: RedisKeys;
  /** As in `RedisStoreOptions`. */
  readonly tombstoneLife: number;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
}

/** A store over a client of Redis. */
export class RedisSessions implements RedisStore {
  readonly #client: RedisClient<ScriptName>;
  readonly #check: RedisCheck;
  readonly #keys: RedisKeys;
  readonly #tombstoneLife: number;
  readonly #wall: () => number;
  /** What was completed while Redis was away, oldest first. */
  readonly #unfinished = new Map<string, { readonly epoch: number; readonly end: End }>();
  readonly #onReturn = new Set<() => void>();
  /** Until `until`, nothing expires that was due after `from`: see the head of this file. */
  #grace = { from: Infinity, until: -Infinity };

  /** `connect` is told what to call when Redis can be used; see {@linkcode RedisClientOptions}. */
  constructor(
    { keys, tombstoneLife, wall }: RedisSessionsOptions,
    connect: (
      connected: (awaySince: number | undefined) => void,
    ) => RedisClient<ScriptName>,
  ) {
    this.#keys = keys;
    this.#tombstoneLife = tombstoneLife;
    this.#wall = wall;
    this.#client = connect((awaySince) => this.#connected(awaySince));
    const check = (values: readonly unknown[]) => this.#client.run("check", [keys.servers], values);
    this.#check = new RedisCheck(check, { wall, tombstoneLife });
  }

  /** Resolves after the first attempt to connect. */
  get attempted(): Promise<void> {
    return this.#client.attempted;
  }

  /** Why Redis cannot be used now; `undefined` if it can. */
  get fault(): HeartlineError | undefined {
    return this.#client.fault;
  }

  /** Keeps a new session; as durable as `appendfsync` of Redis says. */
  async create(session: SequenceSession): Promise<void> {
    const { id, seed, length, epoch, next, tokenHash, previousTokenHash = "", state, expiresAt } =
      session;
    const fields = [seed.join(" "), length, epoch, next, tokenHash, previousTokenHash, state];
    await this.#change("create", id, this.#openUntil(expiresAt), fields);
  }

  /** The session, if it is known. */
  async load(id: string): Promise<SequenceSession | undefined> {
    const fields = await this.#client.run("load", [this.#keys.session + id], []) as
      | string[]
      | null[];
    if (fields[0] === null) return undefined;
    const session = sessionOf(id, fields as string[], this.#tombstoneLife);
    const { from, until } = this.#grace;
    const { state, expiresAt } = session;
    if (!this.#inGrace || state !== "open" || expiresAt < from) return session;
    return { ...session, expiresAt: Math.max(expiresAt, until) };
  }

  /** Raises the epoch, if it is still `epoch`; as durable as `create`. */
  async resume(id: string, epoch: number, change: SessionResumption): Promise<boolean> {
    const { tokenHash, previousTokenHash, expiresAt } = change;
    const times = this.#openUntil(expiresAt);
    return await this.#change("resume", id, times, [epoch, tokenHash, previousTokenHash]) === 1;
  }

  /** Moves a session on. */
  async progress(id: string, epoch: number, change: SessionProgress): Promise<boolean> {
    const { next, confirmed, expiresAt } = change;
    const times = this.#openUntil(expiresAt);
    return await this.#change("progress", id, times, [epoch, next, confirmed]) === 1;
  }

  /** Makes a tombstone of a session; that it was completed is not forgotten while Redis is away. */
  async finish(id: string, epoch: number, end: End): Promise<boolean> {
    if (end.state === "expired" && this.#inGrace) return false;
    try {
      return await this.#finish(id, epoch, end);
    } catch (error) {
      if (end.state === "completed" && this.#unfinished.size < MOST_UNFINISHED) {
        this.#unfinished.set(id, { epoch, end });
      }
      throw error;
    }
  }

  /** Ends what expired and forgets what ended long ago. */
  async expire(now: number): Promise<number> {
    this.#repeat();
    const until = this.#inGrace ? Math.min(now, this.#grace.from) : now;
    const values = [until, this.#tombstoneLife].map(whole);
    for (let expired = 0;;) {
      const { due, session } = this.#keys;
      const reply = await this.#client.run("sweep", [due], [...values, BATCH, session]);
      const [seen, ended] = reply as [number, number];
      expired += ended;
      if (seen < BATCH) return expired;
    }
  }

  /** Calls `returned` whenever Redis can be used again, after what could not be written was sent. */
  onReturn(returned: () => void): () => void {
    // A call of its own, as one function may be given twice.
    const call = (): void => returned();
    this.#onReturn.add(call);
    return () => void this.#onReturn.delete(call);
  }

  /** Whether Redis evicts keys, and whether the servers on it agree on the time and on the window. */
  check(user: StoreUser): Promise<readonly StoreWarning[]> {
    return this.#check.warnings(user);
  }

  /** Closes the connection; calls that wait fail. Calling it again does nothing. */
  async close(): Promise<void> {
    await this.#client.close();
  }

  get #inGrace(): boolean {
    return this.#wall() < this.#grace.until;
  }

  #connected(awaySince: number | undefined): void {
    if (awaySince !== undefined) {
      const now = this.#wall();
      this.#grace = { from: awaySince, until: now + (now - awaySince) };
    }
    this.#repeat();
    if (awaySince !== undefined) { for (const call of this.#onReturn) call(); }
  }

  /** Finishes what could not be finished. What fails again is repeated with the next sweep. */
  #repeat(): void {
    for (const [id, { epoch, end }] of this.#unfinished) {
      const forget = (): void => void this.#unfinished.delete(id);
      this.#finish(id, epoch, end).then(forget, () => {});
    }
  }

  async #finish(id: string, epoch: number, { state, until }: End): Promise<boolean> {
    return await this.#change("finish", id, [until, until], [epoch, state]) === 1;
  }

  #openUntil(expiresAt: number): readonly [expires: number, gone: number] {
    return [expiresAt, expiresAt + this.#tombstoneLife];
  }

  #change(
    script: "create" | "resume" | "progress" | "finish",
    id: string,
    times: readonly [expires: number, gone: number],
    values: readonly unknown[],
  ): Promise<RedisReply> {
    return this.#client.run(script, [this.#keys.session + id, this.#keys.due], [
      id,
      ...times.map(whole),
      ...values,
    ]);
  }
}

type End = Parameters<RedisStore["finish"]>[2];

function sessionOf(id: string, fields: readonly string[], tombstoneLife: number): SequenceSession {
  const [seed, length, epoch, next, tokenHash, previousTokenHash, state, expiresAt] = fields;
  const [low, high] = seed!.split(" ").map(Number);
  const lapsed = state === "lapsed";
  return {
    id,
    seed: [low!, high!],
    length: Number(length),
    epoch: Number(epoch),
    next: Number(next),
    tokenHash: tokenHash!,
    previousTokenHash: previousTokenHash || undefined,
    state: lapsed ? "expired" : state as SequenceSessionState,
    expiresAt: Number(expiresAt) + (lapsed ? tombstoneLife : 0),
  };
}

/** A time as Redis takes it: whole milliseconds, up to the last that a `Date` can say. */
function whole(time: number): number {
  return Math.min(Math.ceil(time), 8.64e15);
}

/** Sessions that one run of the sweep looks at: a few ms in which Redis does nothing else. */
const BATCH = 100;
/** Completed sessions that wait for Redis, some 20 MB; those beyond are left to expire. */
const MOST_UNFINISHED = 100_000;
