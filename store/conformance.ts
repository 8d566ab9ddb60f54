/**
 * What every session store must do, as cases that need no test runner.
 *
 * @module
 */
import type { SequenceSession, SessionStore } from "../sequence/store.ts";

/** One promise, and a check that throws if a store breaks it. */
export interface SessionStoreCase {
  /** The promise in words. */
  readonly name: string;
  /** Checks it on an empty store. */
  readonly check: (store: SessionStore) => Promise<void>;
}

/**
 * Runs every case on a fresh, empty store that `open` makes, and closes it.
 *
 * @throws an `Error` that names the first promise that was broken
 *
 * @example
 * ```ts
 * import { checkSessionStore, MemoryStore } from "@heartline/heartline/store";
 *
 * await checkSessionStore(() => Promise.resolve(new MemoryStore()));
 * ```
 */
export async function checkSessionStore(open: () => Promise<SessionStore>): Promise<void> {
  for (const { name, check } of SESSION_STORE_CASES) {
    const store = await open();
    try {
      await check(store);
    } catch (cause) {
      throw new Error(`${name}: ${(cause as Error).message}`, { cause });
    } finally {
      await store.close();
    }
  }
}

/**
 * Every promise, for those who want a test each.
 *
 * @example A test for each promise
 * ```ts
 * import { MemoryStore, SESSION_STORE_CASES } from "@heartline/heartline/store";
 *
 * for (const { check } of SESSION_STORE_CASES) { // give `name` to your test runner
 *   const store = new MemoryStore();
 *   await check(store);
 *   await store.close();
 * }
 * ```
 */
export const SESSION_STORE_CASES: readonly SessionStoreCase[] = [
  {
    name: "what was created is loaded as it was",
    async check(store) {
      await store.create(SESSION);
      equal(await store.load(SESSION.id), SESSION);
    },
  },
  {
    name: "a session that was not created is not known",
    async check(store) {
      await store.create(SESSION);
      equal(await store.load(OTHER), undefined);
    },
  },
  {
    name: "a seed of all ones and a length of 65535 keep every bit",
    async check(store) {
      const session = { ...SESSION, seed: [0xffffffff, 0xffffffff], length: 65_535 } as const;
      await store.create(session);
      equal(await store.load(SESSION.id), session);
    },
  },
  {
    name: "a resume raises the epoch and rotates the token",
    async check(store) {
      await store.create(SESSION);
      equal(await store.resume(SESSION.id, 1, RESUMPTION), true);
      equal(await store.load(SESSION.id), { ...SESSION, ...RESUMPTION, epoch: 2 });
    },
  },
  {
    name: "a resume under another epoch changes nothing",
    async check(store) {
      await store.create(SESSION);
      for (const epoch of [0, 2]) equal(await store.resume(SESSION.id, epoch, RESUMPTION), false);
      equal(await store.resume(OTHER, 1, RESUMPTION), false);
      equal(await store.load(SESSION.id), SESSION);
    },
  },
  {
    name: "of many resumes at once under one epoch a single one is accepted",
    async check(store) {
      await store.create(SESSION);
      const tries = Array.from({ length: 20 }, () => store.resume(SESSION.id, 1, RESUMPTION));
      equal((await Promise.all(tries)).filter((accepted) => accepted).length, 1);
      equal((await store.load(SESSION.id))?.epoch, 2);
    },
  },
  {
    name: "progress moves forward, renews, and never goes back",
    async check(store) {
      await store.create(SESSION);
      const expiresAt = T0 + 60_000;
      equal(await store.progress(SESSION.id, 1, { next: 4, confirmed: false, expiresAt }), true);
      equal(await store.progress(SESSION.id, 1, { next: 2, confirmed: false, expiresAt }), true);
      equal(await store.load(SESSION.id), { ...SESSION, next: 4, expiresAt });
    },
  },
  {
    name: "progress under another epoch changes nothing and says so",
    async check(store) {
      await store.create(SESSION);
      await store.resume(SESSION.id, 1, RESUMPTION);
      const stale = { next: 9, confirmed: true, expiresAt: T0 + 60_000 };
      equal(await store.progress(SESSION.id, 1, stale), false);
      equal(await store.load(SESSION.id), { ...SESSION, ...RESUMPTION, epoch: 2 });
    },
  },
  {
    name: "the first confirmation voids the previous token",
    async check(store) {
      await store.create(SESSION);
      await store.resume(SESSION.id, 1, RESUMPTION);
      const { expiresAt } = SESSION;
      await store.progress(SESSION.id, 2, { next: 0, confirmed: false, expiresAt });
      equal((await store.load(SESSION.id))?.previousTokenHash, RESUMPTION.previousTokenHash);
      await store.progress(SESSION.id, 2, { next: 1, confirmed: true, expiresAt });
      equal((await store.load(SESSION.id))?.previousTokenHash, undefined);
    },
  },
  {
    name: "a session that it lost is kept again under the epoch it had",
    async check(store) {
      const later = { ...SESSION, ...RESUMPTION, epoch: 7, next: 4 };
      equal(await store.progress(SESSION.id, 7, { ...later, confirmed: false }), false);
      await store.create(later);
      equal(await store.load(SESSION.id), later);
      equal(await store.resume(SESSION.id, 6, RESUMPTION), false);
      equal(await store.resume(SESSION.id, 7, RESUMPTION), true);
      equal((await store.load(SESSION.id))?.epoch, 8);
    },
  },
  {
    name: "a session that it has under an earlier epoch is brought to a later one, epoch by epoch",
    async check(store) {
      await store.create(SESSION);
      await store.expire(SESSION.expiresAt);
      const place = { next: 4, confirmed: true, expiresAt: T0 + 60_000 };
      equal(await store.progress(SESSION.id, 3, place), false);
      equal(await store.progress(SESSION.id, 1, { ...place, confirmed: false }), true);
      for (const epoch of [1, 2]) equal(await store.resume(SESSION.id, epoch, RESUMPTION), true);
      equal(await store.progress(SESSION.id, 3, place), true);
      const { tokenHash } = RESUMPTION, { next, expiresAt } = place;
      equal(await store.load(SESSION.id), { ...SESSION, tokenHash, epoch: 3, next, expiresAt });
    },
  },
  ...(["completed", "expired"] as const).map((state): SessionStoreCase => ({
    name: `a session that is ${state} is remembered as that and changes no more`,
    async check(store) {
      await store.create(SESSION);
      const until = T0 + 600_000;
      equal(await store.finish(SESSION.id, 2, { state, until }), false);
      equal(await store.finish(SESSION.id, 1, { state, until }), true);
      equal(await store.finish(SESSION.id, 1, { state: "completed", until }), false);
      equal(await store.resume(SESSION.id, 1, RESUMPTION), false);
      const change = { next: 5, confirmed: true, expiresAt: until };
      equal(await store.progress(SESSION.id, 1, change), false);
      equal(await store.load(SESSION.id), { ...SESSION, state, expiresAt: until });
    },
  })),
  {
    name: "a session expires at its time and not before",
    async check(store) {
      await store.create(SESSION);
      await store.expire(SESSION.expiresAt - 1);
      equal((await store.load(SESSION.id))?.state, "open");
      await store.expire(SESSION.expiresAt);
      // A store whose keys expire by themselves may have forgotten it.
      equal(["expired", undefined].includes((await store.load(SESSION.id))?.state), true);
      equal(await store.resume(SESSION.id, 1, RESUMPTION), false);
    },
  },
  {
    name: "a session that a sweep expired is opened again, or ended, by the server that holds it",
    async check(store) {
      await store.create(SESSION);
      equal(await store.expire(SESSION.expiresAt), 1);
      const change = { next: 3, confirmed: false, expiresAt: T0 + 60_000 };
      equal(await store.progress(SESSION.id, 2, change), false);
      equal(await store.progress(SESSION.id, 1, change), true);
      equal(await store.load(SESSION.id), { ...SESSION, next: 3, expiresAt: change.expiresAt });
      equal(await store.expire(change.expiresAt), 1);
      const end = { state: "completed", until: T0 + 90_000 } as const;
      equal(await store.finish(SESSION.id, 1, end), true);
      equal(await store.progress(SESSION.id, 1, change), false);
      equal((await store.load(SESSION.id))?.state, "completed");
    },
  },
  {
    name: "a session that was renewed expires at its new time, once",
    async check(store) {
      await store.create(SESSION);
      const expiresAt = T0 + 60_000;
      await store.progress(SESSION.id, 1, { next: 1, confirmed: false, expiresAt });
      equal(await store.expire(SESSION.expiresAt), 0);
      await store.resume(SESSION.id, 1, { ...RESUMPTION, expiresAt: expiresAt + 1 });
      equal(await store.expire(expiresAt), 0);
      equal((await store.load(SESSION.id))?.state, "open");
      equal(await store.expire(expiresAt + 1), 1);
      equal(await store.expire(expiresAt + 1), 0);
    },
  },
  {
    name: "a tombstone outlives the time at which its session would have expired",
    async check(store) {
      await store.create(SESSION);
      await store.finish(SESSION.id, 1, { state: "completed", until: T0 + 90_000 });
      equal(await store.expire(SESSION.expiresAt), 0);
      equal((await store.load(SESSION.id))?.state, "completed");
    },
  },
  {
    name: "a tombstone is forgotten at its time",
    async check(store) {
      await store.create(SESSION);
      await store.finish(SESSION.id, 1, { state: "completed", until: T0 + 50 });
      await store.expire(T0 + 49);
      equal((await store.load(SESSION.id))?.state, "completed");
      await store.expire(T0 + 50);
      equal(await store.load(SESSION.id), undefined);
    },
  },
  {
    name: "closing twice does nothing",
    async check(store) {
      await store.close();
      await store.close();
    },
  },
];

function equal(actual: unknown, expected: unknown): void {
  const [found, wanted] = [written(actual), written(expected)];
  if (found !== wanted) throw new Error(`wanted ${wanted}, found ${found}`);
}

/** One text for equal values: fields in order, those that are undefined left out. */
function written(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return JSON.stringify(value) ?? "undefined";
  }
  return JSON.stringify(Object.fromEntries(Object.entries(value).sort()));
}

/** Far in the future, so that a store with a clock of its own lets nothing expire meanwhile. */
const T0 = 4_000_000_000_000;
const OTHER = "ffeeddccbbaa99887766554433221100";
const SESSION: SequenceSession = {
  id: "00112233445566778899aabbccddeeff",
  seed: [1, 0x80000000],
  length: 10,
  epoch: 1,
  next: 0,
  tokenHash: "a1".repeat(32),
  previousTokenHash: undefined,
  state: "open",
  expiresAt: T0 + 30_000,
};
const RESUMPTION = {
  tokenHash: "b2".repeat(32),
  previousTokenHash: SESSION.tokenHash,
  expiresAt: T0 + 45_000,
};
