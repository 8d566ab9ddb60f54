import { assertEquals, assertRejects } from "@std/assert";
import { checkSessionStore, SESSION_STORE_CASES } from "../../store/conformance.ts";
import { MemoryStore } from "../../store/memory.ts";
import { openSqliteStore } from "../../store/sqlite.ts";
import { storeTest } from "../support/redis_stores.ts";
import { hasSqlite } from "../support/runtime.ts";

const STORES = {
  memory: { open: () => Promise.resolve(new MemoryStore()), ignore: false },
  sqlite: { open: () => openSqliteStore(":memory:"), ignore: !hasSqlite },
};

for (const [kind, { open, ignore }] of Object.entries(STORES)) {
  for (const { name, check } of SESSION_STORE_CASES) {
    Deno.test(`${kind}: ${name}`, { ignore }, async () => {
      const store = await open();
      try {
        await check(store);
      } finally {
        await store.close();
      }
    });
  }
}

for (const { name, check } of SESSION_STORE_CASES) {
  storeTest(`redis: ${name}`, async (_redis, open) => await check(await open()));
}

/** Stores with one fault each, which the suite must find. */
class Forgetful extends MemoryStore {
  override create(): Promise<void> {
    return Promise.resolve();
  }
}
class Unfenced extends MemoryStore {
  override async progress(
    id: string,
    epoch: number,
    change: Parameters<MemoryStore["progress"]>[2],
  ) {
    const session = await this.load(id);
    return super.progress(id, session?.epoch ?? epoch, change);
  }
}
class Generous extends MemoryStore {
  override async resume(id: string, epoch: number, change: Parameters<MemoryStore["resume"]>[2]) {
    await super.resume(id, epoch, change);
    return true;
  }
}

for (const Faulty of [Forgetful, Unfenced, Generous]) {
  Deno.test(`the suite finds a ${Faulty.name.toLowerCase()} store`, async () => {
    await assertRejects(
      () => checkSessionStore(() => Promise.resolve(new Faulty())),
      Error,
      "wanted",
    );
  });
}

Deno.test("tombstones are bounded: the oldest are forgotten first", async () => {
  const stores = [
    new MemoryStore({ maxTombstones: 2 }),
    ...(hasSqlite ? [await openSqliteStore(":memory:", { maxTombstones: 2 })] : []),
  ];
  for (const store of stores) {
    for (let n = 1; n <= 4; n++) {
      const id = n.toString(16).padStart(32, "0");
      await store.create({
        ...{
          id,
          seed: [n, 0],
          length: 1,
          epoch: 1,
          next: 0,
          previousTokenHash: undefined,
          state: "open",
        },
        ...{ tokenHash: "00".repeat(32), expiresAt: 1_000 },
      });
      await store.finish(id, 1, { state: "completed", until: 1_000 + n });
    }
    await store.expire(500);
    const states = await Promise.all(
      [1, 2, 3, 4].map(async (n) => (await store.load(n.toString(16).padStart(32, "0")))?.state),
    );
    assertEquals(states, [undefined, undefined, "completed", "completed"]);
    await store.close();
  }
});

Deno.test("an expired session is remembered for its time, from when it expired", {
  ignore: !hasSqlite,
}, async () => {
  const stores = [
    new MemoryStore({ tombstoneLife: 100 }),
    await openSqliteStore(":memory:", { tombstoneLife: 100 }),
  ];
  const id = "0".repeat(32);
  for (const store of stores) {
    await store.create({
      ...{
        id,
        seed: [1, 0],
        length: 1,
        epoch: 1,
        next: 0,
        previousTokenHash: undefined,
        state: "open",
      },
      ...{ tokenHash: "00".repeat(32), expiresAt: 1_000 },
    });
    const seen: unknown[] = [];
    for (const now of [999, 1_000, 1_099, 1_100]) {
      seen.push([await store.expire(now), (await store.load(id))?.state]);
    }
    assertEquals(seen, [[0, "open"], [1, "expired"], [0, "expired"], [0, undefined]]);
    await store.close();
  }
});
