/**
 * Stores that lose their newest writes under a running server: no client notices.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { receiveSequence, type SequenceClientOptions } from "../../sequence/client.ts";
import { type SequenceServer, serveSequence } from "../../sequence/server.ts";
import type { SequenceSnapshot } from "../../sequence/snapshot.ts";
import type { SessionStore } from "../../sequence/store.ts";
import { loadSqlite, openSqliteStore } from "../../store/sqlite.ts";
import { collect } from "../support/collect.ts";
import { EventLog } from "../support/event_log.ts";
import { withFolder } from "../support/folder.ts";
import { storeTest } from "../support/redis_stores.ts";
import { RollbackStore } from "../support/rollback_store.ts";
import { hasSqlite } from "../support/runtime.ts";

const square = (index: number): number => (index * index) >>> 0;
const squares = (length: number): number[] => Array.from({ length }, (_, index) => square(index));
/** A server saves three times in a window. */
const SERVER = { port: 0, interval: 5, sessionTtl: 1_500, source: square } as const;

/** A store, and what goes back to how it is now. */
interface Rollback {
  readonly store: SessionStore;
  readonly snapshot: () => Promise<() => Promise<void>>;
}

/** Receives some numbers and leaves; returns them without the one that was not come back from. */
async function receiveSome(
  count: number,
  options: SequenceClientOptions,
): Promise<{ numbers: number[]; snapshot: SequenceSnapshot }> {
  const receiver = receiveSequence(options), numbers: number[] = [];
  for await (const number of receiver) if (numbers.push(number) > count) break;
  return { numbers: numbers.slice(0, -1), snapshot: receiver.snapshot() };
}

function ends(log: EventLog<{ type: string }>): string[] {
  return log.events.map(({ type }) => type).filter((type) =>
    type === "moved" || type === "expired"
  );
}

/** One client stays, one has left; both have come back twice since the store was as it is again. */
async function goesOn({ store, snapshot }: Rollback): Promise<void> {
  await using server = await serveSequence({ ...SERVER, store });
  const log = new EventLog(server);
  const { port } = server.address;
  const options = { port, backoff: { base: 5, cap: 50 } };
  const clients = await Promise.all([1, 2].map(() => receiveSome(3, { ...options, length: 400 })));
  const goBack = await snapshot();
  const later = await Promise.all(clients.map(async ({ numbers, snapshot }) => {
    for (let time = 0; time < 2; time++) {
      const more = await receiveSome(3, { ...options, snapshot });
      numbers.push(...more.numbers);
      snapshot = more.snapshot;
    }
    return { numbers, snapshot };
  }));
  const [stays, left] = later as [(typeof later)[0], (typeof later)[0]];
  const living = receiveSequence({ ...options, snapshot: stays.snapshot });
  const rest = collect(living);
  await log.until(() => log.events.filter(({ type }) => type === "resumed").length === 5);
  await goBack();
  assertEquals([
    ...left.numbers,
    ...await collect(receiveSequence({ ...options, snapshot: left.snapshot })),
  ], squares(400));
  assertEquals([...stays.numbers, ...await rest], squares(400));
  await log.until(({ type }) => type === "written-back");
  assertEquals(ends(log), []);
}

Deno.test("memory: a store that goes back takes nothing from its clients", async () => {
  const store = new RollbackStore();
  await goesOn({
    store,
    async snapshot() {
      const saved = await store.snapshot();
      return () => store.rollBack(saved);
    },
  });
});

for (const all of [false, true]) {
  const what = all ? "whose rows are gone" : "whose rows are those of before";
  Deno.test(
    `sqlite: a file ${what} takes nothing from its clients`,
    { ignore: !hasSqlite },
    () =>
      withFolder(async (folder) => {
        const store = await openSqliteStore(`${folder}/s.sqlite`);
        const { DatabaseSync } = await loadSqlite();
        const other = new DatabaseSync(`${folder}/s.sqlite`);
        other.exec("PRAGMA busy_timeout=2000");
        await goesOn({
          store,
          snapshot() {
            other.exec("CREATE TABLE saved AS SELECT * FROM session");
            const restored = all ? "" : "INSERT INTO session SELECT * FROM saved;";
            const sql = `BEGIN IMMEDIATE; DELETE FROM session; ${restored} COMMIT`;
            return Promise.resolve(() => Promise.resolve(other.exec(sql)));
          },
        });
        other.close();
        await store.close();
      }),
  );
}

storeTest(
  "redis: one that was started on an older copy takes nothing from clients",
  async (redis, open) => {
    await goesOn({ store: await open(), snapshot: () => redis.snapshot() });
  },
);

storeTest("redis: one that was flushed takes nothing from clients", async (redis, open) => {
  const flush = async (): Promise<void> => void await redis.ask("FLUSHALL");
  await goesOn({ store: await open(), snapshot: () => Promise.resolve(flush) });
});

storeTest(
  "redis: after it went back, a client goes on at another server than the one it left",
  async (redis, open) => {
    const [one, other] = await Promise.all([1, 2].map(async () => {
      return await serveSequence({ ...SERVER, store: await open() });
    })) as [SequenceServer, SequenceServer];
    await using _one = one;
    await using _other = other;
    const [log, otherLog] = [new EventLog(one), new EventLog(other)];
    const options = { port: one.address.port, backoff: { base: 5, cap: 50 } };
    const first = await receiveSome(3, { ...options, length: 100 });
    const goBack = await redis.snapshot();
    const second = await receiveSome(3, { ...options, snapshot: first.snapshot });
    await goBack();
    const { port } = other.address;
    const back = receiveSequence({ ...options, port, snapshot: second.snapshot });
    assertEquals([...first.numbers, ...second.numbers, ...await collect(back)], squares(100));
    assertEquals(ends(otherLog), []);
    await log.until(({ type }) => type === "written-back");
  },
);
