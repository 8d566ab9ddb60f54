/**
 * Sessions in Redis: several servers share them, and a client that one server dropped resumes on
 * another.
 *
 * This file knows what a session is in Redis, and what an outage of Redis does to it. It does not know
 * connections, nor what a session is for.
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
 * then. A Redis that lost its data, or was away for longer than `tombstoneLife`, has forgotten the
 * sessions: those that are connected go on to their end, a resume is answered UNKNOWN.
 *
 * @module
 */
import { checkDuration } from "../core/check.ts";
import { HeartlineError } from "../core/errors.ts";
import type { Random } from "../core/machine.ts";
import type {
  SequenceSession,
  SequenceSessionState,
  SessionProgress,
  SessionResumption,
  SessionStore,
} from "../sequence/store.ts";
import type { RedisReply } from "./redis_connection.ts";
import { RedisLink } from "./redis_link.ts";
import { DUE_KEY, FIELDS, SCRIPTS, SESSION_KEY } from "./redis_scripts.ts";
import { readRedisUrl } from "./redis_url.ts";

/** Options of {@linkcode openRedisStore}. */
export interface RedisStoreOptions {
  /** Milliseconds an expired session is remembered; also the longest outage that loses none. @default 600_000 */
  tombstoneLife?: number;
  /** Milliseconds without a sign of life after which Redis counts as away. @default 2000 */
  timeout?: number;
  /** Milliseconds since 1970. @default Date.now */
  wall?: () => number;
  /** Spreads the attempts to connect again. @default Math.random */
  random?: Random;
}

/**
 * Opens sessions in Redis 5 or later, over `npm:@redis/client`, which is loaded now.
 *
 * It resolves after the first attempt to connect, whatever its outcome, and connects again for as long
 * as it takes: `fault` says why Redis cannot be used. Run Redis with `appendonly yes`, so that sessions
 * survive its restart, and with `maxmemory-policy noeviction`, so that it forgets none.
 *
 * @param url `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, or `rediss://` for TLS
 * @throws {HeartlineError} `invalid-option`, `not-supported` if the package cannot be loaded
 *
 * @example
 * ```ts ignore
 * import { openRedisStore } from "@heartline/heartline/store/redis";
 * import { serveSequence } from "@heartline/heartline/sequence";
 *
 * const store = await openRedisStore("redis://127.0.0.1:6379");
 * const server = await serveSequence({ store });
 * // ...
 * await server.close();
 * await store.close();
 * ```
 */
export async function openRedisStore(
  url: string,
  options: RedisStoreOptions = {},
): Promise<RedisStore> {
  const { tombstoneLife = 600_000, timeout = 2_000 } = options;
  const { wall = Date.now, random = Math.random } = options;
  readRedisUrl(url);
  checkDuration("tombstoneLife", tombstoneLife);
  checkDuration("timeout", timeout);
  const { createClient } = await loadRedis();
  const store = new RedisStore({ tombstoneLife, wall }, (connected) => {
    return new RedisLink({ createClient, url, scripts: SCRIPTS, timeout, wall, random, connected });
  });
  await store.attempted;
  return store;
}

/** Loads `@redis/client`; `load` is for tests. */
export async function loadRedis(
  load: () => Promise<typeof import("@redis/client")> = () => import("@redis/client"),
): Promise<typeof import("@redis/client")> {
  try {
    return await load();
  } catch (cause) {
    throw new HeartlineError(
      "not-supported",
      "Cannot keep sessions in Redis: wanted the package @redis/client; install it, or use another " +
        "store that passes checkSessionStore",
      { cause },
    );
  }
}

/** A store over a connection that may come and go; made by {@linkcode openRedisStore}. */
export class RedisStore implements SessionStore {
  readonly #link: RedisLink<keyof typeof SCRIPTS>;
  readonly #tombstoneLife: number;
  readonly #wall: () => number;
  /** What was completed while Redis was away, oldest first. */
  readonly #unfinished = new Map<string, { readonly epoch: number; readonly end: End }>();
  /** Until `until`, nothing expires that was due after `from`: see the head of this file. */
  #mercy = { from: Infinity, until: -Infinity };

  /** Not for users: use {@linkcode openRedisStore}. */
  constructor(
    { tombstoneLife, wall }: { readonly tombstoneLife: number; readonly wall: () => number },
    connect: (
      connected: (awaySince: number | undefined) => void,
    ) => RedisLink<keyof typeof SCRIPTS>,
  ) {
    this.#tombstoneLife = tombstoneLife;
    this.#wall = wall;
    this.#link = connect((awaySince) => this.#connected(awaySince));
  }

  /** Resolves after the first attempt to connect. */
  get attempted(): Promise<void> {
    return this.#link.attempted;
  }

  /** Why Redis cannot be used now; `undefined` if it can. */
  get fault(): HeartlineError | undefined {
    return this.#link.fault;
  }

  /** Keeps a new session; as durable as `appendfsync` of Redis says. */
  async create(session: SequenceSession): Promise<void> {
    const { id, seed, length, epoch, next, token, previous = "", state, expiresAt } = session;
    const fields = [seed.join(" "), length, epoch, next, token, previous, state];
    await this.#change("create", id, this.#openUntil(expiresAt), fields);
  }

  /** The session, if it is known. */
  async load(id: string): Promise<SequenceSession | undefined> {
    const fields = await this.#link.call("HMGET", SESSION_KEY + id, ...FIELDS) as string[] | null[];
    if (fields[0] === null) return undefined;
    const session = sessionOf(id, fields as string[], this.#tombstoneLife);
    const { from, until } = this.#mercy;
    const { state, expiresAt } = session;
    if (!this.#merciful || state !== "open" || expiresAt < from) return session;
    return { ...session, expiresAt: Math.max(expiresAt, until) };
  }

  /** Raises the epoch, if it is still `epoch`; as durable as `create`. */
  async resume(id: string, epoch: number, change: SessionResumption): Promise<boolean> {
    const { token, previous, expiresAt } = change;
    const times = this.#openUntil(expiresAt);
    return await this.#change("resume", id, times, [epoch, token, previous]) === 1;
  }

  /**
   * Moves a session on. One that Redis has forgotten was not taken over by another server: that is a
   * failure, and not `false`, so that its server goes on with it.
   */
  async progress(id: string, epoch: number, change: SessionProgress): Promise<boolean> {
    const { next, confirmed, expiresAt } = change;
    const times = this.#openUntil(expiresAt);
    const changed = await this.#change("progress", id, times, [epoch, next, confirmed]);
    if (changed !== -1) return changed === 1;
    throw new HeartlineError("io", `Cannot renew session ${id}: Redis has forgotten it`);
  }

  /** Makes a tombstone of a session; that it was completed is not forgotten while Redis is away. */
  async finish(id: string, epoch: number, end: End): Promise<boolean> {
    if (end.state === "expired" && this.#merciful) return false;
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
    const until = this.#merciful ? Math.min(now, this.#mercy.from) : now;
    const values = [until, this.#tombstoneLife].map(whole);
    for (let expired = 0;;) {
      const reply = await this.#link.run("sweep", [DUE_KEY], [...values, BATCH, SESSION_KEY]);
      const [seen, ended] = reply as [number, number];
      expired += ended;
      if (seen < BATCH) return expired;
    }
  }

  /** Closes the connection; calls that wait fail. Calling it again does nothing. */
  async close(): Promise<void> {
    await this.#link.close();
  }

  get #merciful(): boolean {
    return this.#wall() < this.#mercy.until;
  }

  #connected(awaySince: number | undefined): void {
    if (awaySince !== undefined) {
      const now = this.#wall();
      this.#mercy = { from: awaySince, until: now + (now - awaySince) };
    }
    this.#repeat();
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
    script: Exclude<keyof typeof SCRIPTS, "sweep">,
    id: string,
    times: readonly [expires: number, gone: number],
    values: readonly unknown[],
  ): Promise<RedisReply> {
    return this.#link.run(script, [SESSION_KEY + id, DUE_KEY], [
      id,
      ...times.map(whole),
      ...values,
    ]);
  }
}

type End = Parameters<SessionStore["finish"]>[2];

function sessionOf(id: string, fields: readonly string[], tombstoneLife: number): SequenceSession {
  const [seed, length, epoch, next, token, previous, state, expires] = fields;
  const [low, high] = seed!.split(" ").map(Number);
  const lapsed = state === "lapsed";
  return {
    id,
    seed: [low!, high!],
    length: Number(length),
    epoch: Number(epoch),
    next: Number(next),
    token: token!,
    previous: previous || undefined,
    state: lapsed ? "expired" : state as SequenceSessionState,
    expiresAt: Number(expires) + (lapsed ? tombstoneLife : 0),
  };
}

/** A time as Redis takes it: whole milliseconds, up to the last that a `Date` can say. */
function whole(time: number): number {
  return Math.min(Math.ceil(time), 8.64e15);
}

/** Sessions that one run of the sweep looks at: some milliseconds in which Redis does nothing else. */
const BATCH = 1_000;
/** Completed sessions that wait for Redis, some 20 MB; those beyond are left to expire. */
const MOST_UNFINISHED = 100_000;
