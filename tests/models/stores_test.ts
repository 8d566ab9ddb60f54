// Every session store against a map.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { SequenceSession, SessionStore } from "../../sequence/store.ts";
import { MemoryStore } from "../../store/memory.ts";
import { openSqliteStore } from "../../store/sqlite.ts";
import { storeTest } from "../support/redis_stores.ts";
import { runSteps, type Step, step } from "./step.ts";
import { hasSqlite } from "../support/runtime.ts";

const TOMBSTONE_LIFE = 300;
/** Far in the future, so that a store with a clock of its own lets nothing expire by itself. */
const T0 = 4_000_000_000_000;

/** How each is opened, empty. */
const STORES: readonly StoreKind[] = [
  {
    name: "memory",
    open: () => Promise.resolve(new MemoryStore({ tombstoneLife: TOMBSTONE_LIFE })),
  },
  {
    name: "sqlite",
    open: () => openSqliteStore(":memory:", { tombstoneLife: TOMBSTONE_LIFE }),
    ignore: !hasSqlite,
  },
];

interface StoreKind {
  readonly name: string;
  readonly open: () => Promise<SessionStore>;
  readonly ignore?: boolean;
}

interface Model {
  readonly sessions: Map<string, SequenceSession>;
  /** Expired by `expire` and not by their server, which may know better and move them on. */
  readonly lapsed: Set<string>;
  /** Redis counts the life of a tombstone from when the session expired. */
  readonly isRedis: boolean;
  now: number;
}
type Change = (model: Model, store: SessionStore) => Promise<void>;

const ID = fc.nat(3).map((n) => n.toString(16).padStart(32, "0"));
const EPOCH = fc.integer({ min: 0, max: 4 });
/** Few, so that instants coincide. */
const TIME = fc.nat(10).map((n) => n * 100);
const HASH = fc.nat(255).map((byte) => byte.toString(16).padStart(2, "0").repeat(32));

const create = fc.tuple(ID, TIME, HASH, fc.integer({ min: 1, max: 65_535 })).map(
  ([id, life, tokenHash, length]) => {
    const words = `create(${id.at(-1)}, ${life})`;
    return step<Model, SessionStore>(words, async (model, store) => {
      const session: SequenceSession = {
        ...{ id, length, tokenHash, seed: [length, 0xffffffff], epoch: 1, next: 0 },
        ...{ previousTokenHash: undefined, state: "open", expiresAt: model.now + life },
      };
      await store.create(session);
      model.sessions.set(id, session);
    }, (model) => !model.sessions.has(id));
  },
);
const resume = fc.tuple(ID, EPOCH, HASH, HASH, TIME, fc.integer({ min: 1, max: 3 })).map(
  ([id, epoch, tokenHash, previousTokenHash, life, times]) =>
    changes(`resume(${id.at(-1)}, ${epoch}) x ${times}`, async (model, store) => {
      const change = { tokenHash, previousTokenHash, expiresAt: model.now + life };
      const calls = Array.from({ length: times }, () => store.resume(id, epoch, change));
      const accepted = (await Promise.all(calls)).filter((accepted) => accepted).length;
      const session = openUnder(model, id, epoch);
      assertEquals(accepted, session ? 1 : 0);
      if (session) model.sessions.set(id, { ...session, ...change, epoch: epoch + 1 });
    }),
);
const progress = fc.tuple(ID, EPOCH, fc.nat(9), fc.boolean(), TIME).map(
  ([id, epoch, next, confirmed, life]) =>
    changes(`progress(${id.at(-1)}, ${epoch}, ${next}, ${confirmed})`, async (model, store) => {
      const expiresAt = model.now + life, session = heldUnder(model, id, epoch);
      const changed = await soon(store, store.progress(id, epoch, { next, confirmed, expiresAt }));
      assertEquals(changed, session !== undefined);
      if (!session) return;
      const previousTokenHash = confirmed ? undefined : session.previousTokenHash;
      const furthest = Math.max(next, session.next);
      model.lapsed.delete(id);
      model.sessions.set(id, {
        ...session,
        state: "open",
        next: furthest,
        previousTokenHash,
        expiresAt,
      });
    }),
);
const finish = fc.tuple(ID, EPOCH, fc.constantFrom("completed", "expired"), TIME).map(
  ([id, epoch, state, life]) =>
    changes(`finish(${id.at(-1)}, ${epoch}, ${state})`, async (model, store) => {
      const until = model.now + life, session = heldUnder(model, id, epoch);
      const changed = await soon(store, store.finish(id, epoch, { state, until }));
      assertEquals(changed, session !== undefined);
      model.lapsed.delete(session ? id : "");
      if (session) model.sessions.set(id, { ...session, state, expiresAt: until });
    }),
);
const expire = TIME.map((ms) =>
  changes(`expire(+${ms})`, async (model, store) => {
    model.now += ms;
    let expired = 0;
    for (const [id, session] of [...model.sessions]) {
      if (session.expiresAt > model.now) continue;
      model.sessions.delete(id);
      model.lapsed.delete(id);
      if (session.state !== "open") continue;
      expired++;
      model.lapsed.add(id);
      const expiresAt = (model.isRedis ? session.expiresAt : model.now) + TOMBSTONE_LIFE;
      model.sessions.set(id, { ...session, state: "expired", expiresAt });
    }
    assertEquals(await store.expire(model.now), expired);
  })
);

for (const { name, open, ignore = false } of STORES) {
  Deno.test(`model: a store of sessions is a map, ${name}`, { ignore }, () => holds(open));
}

storeTest("model: a store of sessions is a map, redis", async (_redis, open) => {
  const store = await open({ tombstoneLife: TOMBSTONE_LIFE });
  await holds(() => Promise.resolve(store), { isRedis: true, runs: 40 });
});

/** Runs the suite; whatever is left in a store at the end of a run is made to expire. */
function holds(
  open: () => Promise<SessionStore>,
  { isRedis = false, runs = 200 } = {},
): Promise<void> {
  return runSteps<Model, SessionStore>(
    [create, create, resume, resume, progress, progress, finish, expire],
    async () => {
      const model = { sessions: new Map(), lapsed: new Set<string>(), isRedis, now: T0 };
      return { model, real: await open() };
    },
    {
      runs,
      length: 40,
      async end({ now }, store) {
        for (const later of [1e6, 2e6]) await store.expire(now + later);
        if (!isRedis) await store.close();
      },
    },
  );
}

/** A step after which every session is compared. */
function changes(words: string, change: Change): Step<Model, SessionStore> {
  return step(words, async (model, store) => {
    await change(model, store);
    for (let n = 0; n <= 3; n++) await compare(n.toString(16).padStart(32, "0"), model, store);
  });
}

/** A store may wait with what need not survive a crash; being asked to forget ends the wait. */
async function soon<Result>(store: SessionStore, change: Promise<Result>): Promise<Result> {
  await store.expire(0);
  return await change;
}

async function compare(id: string, model: Model, store: SessionStore): Promise<void> {
  const found = await store.load(id), wanted = model.sessions.get(id);
  assert(found === undefined || found.id === id);
  assertEquals(found, wanted);
}

/** What the server that holds a session may move on or end. */
function heldUnder(model: Model, id: string, epoch: number): SequenceSession | undefined {
  const session = model.sessions.get(id);
  return model.lapsed.has(id) && session?.epoch === epoch ? session : openUnder(model, id, epoch);
}

function openUnder(model: Model, id: string, epoch: number): SequenceSession | undefined {
  const session = model.sessions.get(id);
  return session?.state === "open" && session.epoch === epoch ? session : undefined;
}
