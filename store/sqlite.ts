/**
 * Sessions in an SQLite file: they survive the process, and a crash of the machine.
 *
 * Changes wait for each other for a moment and are committed together: `create` and `resume` with the
 * next turn of the event loop and an fsync, so that thousands of sessions started at once cost a few of
 * them; `progress` and `finish` within 50 ms and without one (WAL, `synchronous=NORMAL`: a killed
 * process loses nothing that was committed, a power failure the latest progress).
 *
 * Another process may have locked the file. Waiting for that inside SQLite would hold up everything this process
 * does, so nothing waits there: who meets a lock tries again a little later, for 2 s, and is then told of it.
 *
 * @example Serve from a database in memory
 * ```ts
 * import { serveSequence } from "@heartline/heartline/sequence";
 * import { openSqliteStore } from "@heartline/heartline/store/sqlite";
 * import { assertEquals } from "@std/assert";
 *
 * const store = await openSqliteStore(":memory:"); // or the path of a file
 * const server = await serveSequence({ port: 0, store });
 * assertEquals(server.address.hostname, "127.0.0.1");
 * await server.close();
 * await store.close();
 * ```
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { HeartlineError } from "../core/errors.ts";
import type {
  SequenceSession,
  SequenceSessionState,
  SessionProgress,
  SessionResumption,
  SessionStore,
} from "../sequence/store.ts";
import { completed, type TombstoneOptions } from "./tombstones.ts";

/**
 * Opens, or makes, an SQLite file of sessions. One process should use a file at a time.
 *
 * @param path the file; its folder must exist
 * @throws {HeartlineError} `not-supported` where there is no `node:sqlite` (Node before 22.5),
 * `io` if the file cannot be opened, or a later version of this library has written it
 *
 * @example
 * ```ts
 * import { openSqliteStore } from "@heartline/heartline/store/sqlite";
 * import { receiveSequence, serveSequence } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * const store = await openSqliteStore(":memory:"); // "sessions.sqlite" outlives the process
 * const server = await serveSequence({ port: 0, interval: 1, store });
 * let count = 0;
 * for await (const _number of receiveSequence({ port: server.address.port, length: 3 })) count++;
 * await server.close();
 * await store.close(); // behind the server, which still writes
 * assertEquals(count, 3);
 * ```
 */
export async function openSqliteStore(
  path: string,
  options: TombstoneOptions = {},
): Promise<SqliteStore> {
  const limits = completed(options);
  const { DatabaseSync } = await loadSqlite();
  // Several processes that make one file at once lock it for each other.
  const patience = new Patience(OPEN_PATIENCE);
  return await whileLocked(patience, `open the SQLite store ${path}`, () => {
    const database = new DatabaseSync(path);
    try {
      return new SqliteStore(database, limits, path);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/**
 * Loads `node:sqlite`; `load` is for tests.
 *
 * @example
 * ```ts
 * import { loadSqlite } from "@heartline/heartline/store/sqlite";
 * import { assertEquals } from "@std/assert";
 *
 * const { DatabaseSync } = await loadSqlite();
 * assertEquals(typeof DatabaseSync, "function");
 * ```
 */
export async function loadSqlite(
  load: () => Promise<typeof import("node:sqlite")> = () => import("node:sqlite"),
): Promise<typeof import("node:sqlite")> {
  try {
    return await load();
  } catch (cause) {
    throw new HeartlineError(
      "not-supported",
      "Cannot keep sessions in SQLite: wanted node:sqlite of Deno or Node 22.5 or later; use the " +
        "memory store (--store memory), or a store of your own that passes checkSessionStore",
      { cause },
    );
  }
}

/**
 * A store on an open database; made by {@linkcode openSqliteStore}.
 *
 * @example
 * ```ts
 * import { checkSessionStore } from "@heartline/heartline/store";
 * import { openSqliteStore } from "@heartline/heartline/store/sqlite";
 *
 * // What every store must do, this one does.
 * await checkSessionStore(() => openSqliteStore(":memory:"));
 * ```
 */
export class SqliteStore implements SessionStore {
  readonly #database: DatabaseSync;
  readonly #limits: Required<TombstoneOptions>;
  readonly #path: string;
  readonly #statements: Record<keyof typeof SQL, StatementSync>;
  #waiting: Change[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #due = Infinity;
  /** Of changes that met a lock. */
  #patience: Patience | undefined;
  #closing: Promise<void> | undefined;

  /** Not for users: use {@linkcode openSqliteStore}. */
  constructor(database: DatabaseSync, limits: Required<TombstoneOptions>, path: string) {
    this.#database = database;
    this.#limits = limits;
    this.#path = path;
    database.exec(PRAGMAS);
    migrate(database);
    const prepared = Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)]);
    this.#statements = Object.fromEntries(prepared);
  }

  /** Keeps a new session; on the disk when it resolves. */
  async create(session: SequenceSession): Promise<void> {
    const { id, seed, length, epoch, next, tokenHash, previousTokenHash, expiresAt } = session;
    const seedBytes = new Uint8Array(Uint32Array.from(seed).buffer);
    await this.#soon(true, () =>
      this.#statements.create.run(
        ...[bytesOf(id), seedBytes, length, epoch, next, bytesOf(tokenHash)] as const,
        ...[
          previousTokenHash === undefined ? null : bytesOf(previousTokenHash),
          STATES.indexOf("open"),
        ] as const,
        Math.ceil(expiresAt),
      ));
  }

  /** The session, if it is known. */
  load(id: string): Promise<SequenceSession | undefined> {
    return this.#use(() => {
      const row = this.#statements.load.get(bytesOf(id));
      return row && sessionOf(id, row as unknown as Row);
    });
  }

  /** Raises the epoch, if it is still `epoch`; on the disk when it resolves. */
  resume(id: string, epoch: number, change: SessionResumption): Promise<boolean> {
    const { tokenHash, previousTokenHash, expiresAt } = change;
    return this.#soon(true, () =>
      this.#statements.resume.run(
        ...[
          bytesOf(tokenHash),
          bytesOf(previousTokenHash),
          Math.ceil(expiresAt),
          bytesOf(id),
          epoch,
        ] as const,
      ));
  }

  /** Moves a session on. */
  progress(id: string, epoch: number, change: SessionProgress): Promise<boolean> {
    const { next, confirmed, expiresAt } = change;
    return this.#soon(false, () =>
      this.#statements.progress.run(
        ...[next, confirmed ? 1 : 0, Math.ceil(expiresAt), bytesOf(id), epoch] as const,
      ));
  }

  /** Makes a tombstone of a session. */
  finish(
    id: string,
    epoch: number,
    { state, until }: { state: "completed" | "expired"; until: number },
  ): Promise<boolean> {
    return this.#soon(false, () =>
      this.#statements.finish.run(
        ...[STATES.indexOf(state), Math.ceil(until), bytesOf(id), epoch] as const,
      ));
  }

  /** Ends what expired and forgets what ended long ago. */
  expire(now: number): Promise<number> {
    return this.#use(() => {
      // A renewal that waits must go first.
      this.#commitOrThrow();
      const { forget, expire, trim } = this.#statements;
      forget.run(now);
      const { changes } = expire.run(Math.ceil(now + this.#limits.tombstoneLife), now);
      trim.run(this.#limits.maxTombstones);
      return Number(changes);
    });
  }

  /** Commits what waits and closes the file; calling it again does nothing. */
  close(): Promise<void> {
    return this.#closing ??= this.#use(() => this.#commitOrThrow()).catch((error) => {
      this.#fail(error);
      throw error;
    }).finally(() => {
      clearTimeout(this.#timer);
      this.#database.close();
    });
  }

  /** Runs a change with the next commit; resolves to whether it changed anything. */
  #soon(durable: boolean, run: () => { changes: number | bigint }): Promise<boolean> {
    if (this.#closing) return Promise.reject(this.#failure("write", new Error("it is closed")));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ durable, run, resolve, reject });
      // Who waits for a lock waits for all.
      if (!this.#patience) this.#commitIn(durable ? 0 : LAZY_COMMIT);
    });
  }

  #commitIn(delay: number): void {
    if (delay >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = delay;
    this.#timer = setTimeout(() => this.#commit(), delay);
  }

  /** Commits what waits, or tries again later as long as the file is locked. */
  #commit(): void {
    this.#due = Infinity;
    try {
      this.#commitOrThrow();
      this.#patience = undefined;
    } catch (error) {
      this.#patience ??= new Patience(LOCK_PATIENCE);
      const wait = isLocked(error) ? this.#patience.next() : undefined;
      if (wait !== undefined) return this.#commitIn(wait);
      this.#fail(this.#failure("write", this.#patience.explain(error)));
    }
  }

  /** One transaction for all changes that wait; if it fails they wait on. */
  #commitOrThrow(): void {
    const changes = this.#waiting;
    if (changes.length === 0) return;
    const durable = changes.some((change) => change.durable);
    this.#database.exec(`PRAGMA synchronous=${durable ? "FULL" : "NORMAL"}; BEGIN IMMEDIATE`);
    const changed = this.#runAll(changes);
    this.#waiting = [];
    changes.forEach(({ resolve }, index) => resolve(changed[index]!));
  }

  #runAll(changes: readonly Change[]): boolean[] {
    try {
      const changed = changes.map(({ run }) => Number(run().changes) > 0);
      this.#database.exec("COMMIT");
      return changed;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** Tells all who wait that it cannot be done. */
  #fail(error: HeartlineError): void {
    const changes = this.#waiting;
    this.#waiting = [];
    this.#patience = undefined;
    for (const { reject } of changes) reject(error);
  }

  #use<Result>(action: () => Result): Promise<Result> {
    return whileLocked(new Patience(LOCK_PATIENCE), `use the SQLite store ${this.#path}`, action);
  }

  #failure(act: string, cause: unknown): HeartlineError {
    return failure(`${act} the SQLite store ${this.#path}`, cause);
  }
}

/** How long and how often a lock is tried again. */
class Patience {
  readonly #since = performance.now();
  readonly #most: number;
  #wait = FIRST_WAIT / 2;

  /** For so many ms from now on. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Milliseconds until the next attempt; `undefined` if there is none any more. */
  next(): number | undefined {
    if (performance.now() - this.#since >= this.#most) return undefined;
    this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT);
    return this.#wait;
  }

  /** The error, and, of a lock, whose and for how long. */
  explain(error: unknown): unknown {
    if (!isLocked(error)) return error;
    const seconds = ((performance.now() - this.#since) / 1_000).toFixed(1);
    return new Error(`another process has locked it for ${seconds} s`, { cause: error });
  }
}

/** Tries an action until it meets no lock, or for as long as a lock is waited for. */
async function whileLocked<Result>(
  patience: Patience,
  what: string,
  action: () => Result,
): Promise<Result> {
  for (;;) {
    try {
      return action();
    } catch (error) {
      const wait = isLocked(error) ? patience.next() : undefined;
      if (wait === undefined) throw failure(what, patience.explain(error));
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** Whether another connection has the file; Deno tells it by words alone. */
function isLocked(error: unknown): boolean {
  return error instanceof Error && /\bis locked\b/.test(error.message);
}

interface Change {
  readonly durable: boolean;
  readonly run: () => { changes: number | bigint };
  readonly resolve: (changed: boolean) => void;
  readonly reject: (error: HeartlineError) => void;
}

interface Row {
  readonly seed: Uint8Array;
  readonly length: number;
  readonly epoch: number;
  readonly next: number;
  readonly token_hash: Uint8Array;
  readonly previous_token_hash: Uint8Array | null;
  readonly state: number;
  readonly expires: number;
}

function sessionOf(id: string, row: Row): SequenceSession {
  const [low, high] = new Uint32Array(row.seed.slice().buffer);
  return {
    id,
    seed: [low!, high!],
    length: row.length,
    epoch: row.epoch,
    next: row.next,
    tokenHash: hexOf(row.token_hash),
    previousTokenHash: row.previous_token_hash === null
      ? undefined
      : hexOf(row.previous_token_hash),
    state: STATES[row.state]!,
    expiresAt: row.expires,
  };
}

/** Brings a file to the newest schema, whichever it has; several processes may do so at once. */
function migrate(database: DatabaseSync): void {
  database.exec("BEGIN IMMEDIATE");
  const version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
  if (version > MIGRATIONS.length) {
    throw new Error(
      `wanted schema ${MIGRATIONS.length} or an earlier one, current value is ${version}`,
    );
  }
  for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
  database.exec(`PRAGMA user_version=${MIGRATIONS.length}; COMMIT`);
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.substr(i * 2, 2), 16));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function failure(act: string, cause: unknown): HeartlineError {
  const reason = (cause as Error).message.split("\n", 1)[0];
  return new HeartlineError("io", `Cannot ${act}: ${reason}`, { cause });
}

/** The last one is what a sweep makes of a session: its server may still know better. */
const STATES: readonly SequenceSessionState[] = ["open", "completed", "expired", "expired"];

/** Long enough to gather what many sessions write, short enough to lose little, in ms. */
const LAZY_COMMIT = 50;

/** How long a lock of another process is waited for, and how often it is looked at meanwhile, in ms. */
const LOCK_PATIENCE = 2_000;
const OPEN_PATIENCE = 10_000;
const FIRST_WAIT = 5;
const LONGEST_WAIT = 100;

const PRAGMAS = "PRAGMA busy_timeout=0; PRAGMA journal_mode=WAL";

/**
 * What leads from each version of the schema (`user_version` of the file) to the next. A row takes about
 * 120 bytes; there is no index but the key, which is the table.
 */
const MIGRATIONS = [
  `CREATE TABLE IF NOT EXISTS session (
    id BLOB PRIMARY KEY, seed BLOB NOT NULL, length INTEGER NOT NULL, epoch INTEGER NOT NULL,
    next INTEGER NOT NULL, token BLOB NOT NULL, previous BLOB, state INTEGER NOT NULL,
    expires INTEGER NOT NULL
  ) WITHOUT ROWID`,
  // What these columns hold was always the hash of a token.
  `ALTER TABLE session RENAME COLUMN token TO token_hash;
  ALTER TABLE session RENAME COLUMN previous TO previous_token_hash`,
];

const SQL = {
  create: "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
  load: "SELECT * FROM session WHERE id = ?",
  resume: `UPDATE session SET epoch = epoch + 1, token_hash = ?, previous_token_hash = ?,
    expires = ? WHERE id = ? AND epoch = ? AND state = 0`,
  progress: `UPDATE session SET next = max(next, ?),
    previous_token_hash = iif(?, NULL, previous_token_hash), expires = ?,
    state = 0 WHERE id = ? AND epoch = ? AND state IN (0, 3)`,
  finish:
    "UPDATE session SET state = ?, expires = ? WHERE id = ? AND epoch = ? AND state IN (0, 3)",
  forget: "DELETE FROM session WHERE state <> 0 AND expires <= ?",
  expire: "UPDATE session SET state = 3, expires = ? WHERE state = 0 AND expires <= ?",
  trim: `DELETE FROM session WHERE id IN (SELECT id FROM session WHERE state <> 0
    ORDER BY expires DESC LIMIT -1 OFFSET ?)`,
};
