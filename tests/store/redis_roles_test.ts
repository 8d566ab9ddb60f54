/**
 * The Redis store on a Redis that is there and has no use for us: as a replica, with too few rights, full.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { RedisStore } from "../../store/redis.ts";
import { available, fails, LATE, session, storeTest, until } from "../support/redis_stores.ts";

const RESUMPTION = {
  tokenHash: "cd".repeat(32),
  previousTokenHash: session(1).tokenHash,
  expiresAt: LATE,
};
const PROGRESS = { next: 1, confirmed: false, expiresAt: LATE };

/** Every call of a store, on the session that was made first. */
const CALLS: Readonly<Record<string, (store: RedisStore) => Promise<unknown>>> = {
  create: (store) => store.create(session(2)),
  load: (store) => store.load(session(1).id),
  resume: (store) => store.resume(session(1).id, 1, RESUMPTION),
  progress: (store) => store.progress(session(1).id, 1, PROGRESS),
  finish: (store) => store.finish(session(1).id, 1, { state: "completed", until: LATE }),
};

for (const [name, call] of Object.entries(CALLS)) {
  storeTest(
    `a Redis that was made a replica is away, as ${name} finds out`,
    async (redis, open) => {
      let waits = 0;
      const store = await open({ random: () => ++waits && 0.01 });
      await store.create(session(1));
      await redis.ask("REPLICAOF", "127.0.0.1", "1");
      assertStringIncludes(await fails(() => call(store), "io"), ": READONLY You can't write");
      await until(() => store.fault !== undefined);
      // It takes connections again and again, and is said to be usable at none of them.
      await until(() => {
        assertStringIncludes(store.fault!.message, "READONLY");
        return waits > 5;
      });
      await redis.ask("REPLICAOF", "NO", "ONE");
      await available(store);
      const state = name === "finish" ? "completed" : "open";
      assertEquals(await store.load(session(1).id), { ...session(1), state });
      assertEquals(await redis.ask("DBSIZE"), 2, "the probe leaves nothing");
    },
  );
}

storeTest("time as a replica is held against nobody", async (redis, open) => {
  let now = LATE - 1_000_000;
  const store = await open({ wall: () => now, timeout: 1_000 });
  await store.create(session(1, now + 30_000));
  await redis.ask("REPLICAOF", "127.0.0.1", "1");
  await fails(() => store.progress(session(1).id, 1, PROGRESS), "io");
  await until(() => store.fault !== undefined);
  now += 60_000;
  await redis.ask("REPLICAOF", "NO", "ONE");
  await available(store);
  assertEquals(await store.expire(now), 0);
  assertEquals((await store.load(session(1).id))?.state, "open");
});

/** Each row: what makes Redis refuse to write, what ends that, and what is said. */
const FULL = [
  [["min-replicas-to-write", "1"], ["min-replicas-to-write", "0"], "NOREPLICAS"],
  [["maxmemory", "1000"], ["maxmemory", "0"], "OOM"],
] as const;

for (const [refuse, take, word] of FULL) {
  storeTest(
    `a Redis that answers ${word} is away until it can be written to`,
    async (redis, open) => {
      const store = await open();
      await redis.ask("CONFIG", "SET", ...refuse);
      assertStringIncludes(await fails(() => store.create(session(1)), "io"), `: ${word} `);
      await until(() => store.fault !== undefined);
      await redis.ask("CONFIG", "SET", ...take);
      await available(store);
      await store.create(session(1));
    },
  );
}

storeTest("a wrong password, or none, is said as that, and not repeated", async (redis, open) => {
  const { host } = new URL(redis.url);
  const useless = await open({}, `redis://:mistaken@${host}`);
  const where = `Cannot use Redis at ${host}: `;
  assertEquals(useless.fault?.message, `${where}The URL has a password, and Redis has none (AUTH)`);
  await redis.ask("CONFIG", "SET", "requirepass", "right");
  const wrong = await open({}, `redis://:mistaken@${host}`);
  const unknown = await open({}, `redis://nobody:mistaken@${host}`);
  for (const { fault } of [wrong, unknown]) {
    assertEquals(fault?.code, "permission-denied");
    assertEquals(fault?.message, `${where}The user or the password is wrong (WRONGPASS)`);
  }
  const none = await open();
  assertStringIncludes(none.fault!.message, "wants a password, and the URL has none");
  assertEquals(none.fault?.code, "permission-denied");
  const right = await open({}, `redis://:right@${host}/3`);
  await right.create(session(1));
  assertEquals(await right.load(session(1).id), session(1));
  // Once the password is what the URL says, it can be used.
  await right.close();
  const admin = await open({}, `redis://:right@${host}`);
  await admin.close();
});

storeTest("a password with other characters is sent as it is", async (redis, open) => {
  await redis.ask("ACL", "SETUSER", "me@home", "on", ">p:/?#w", "~*", "+@all");
  const url = `redis://me%40home:p%3A%2F%3F%23w@${new URL(redis.url).host}`;
  const store = await open({}, url);
  assertEquals(store.fault, undefined);
  await store.create(session(1));
});

storeTest(
  "a Redis without AUTH does not make us repeat the password",
  async (redis, open) => {
    const store = await open({}, `redis://me:mistaken@${new URL(redis.url).host}`);
    assertEquals(store.fault?.code, "permission-denied");
    assertStringIncludes(store.fault!.message, "Redis does not know AUTH");
    const told = JSON.stringify([store.fault, store.fault?.cause, store.fault?.message]);
    assert(!/me|mistaken/.test(told.replace(/"name":|message/g, "")), told);
  },
  "--rename-command",
  "AUTH",
  "",
);

/** The rights that docs/STORES.md asks for. */
const RIGHTS = [
  "+eval +evalsha +script|load +select +hset +hincrby +hget +hmget +hgetall +hdel",
  "+pttl +pexpireat +del +zadd +zincrby +zrangebyscore +zrem +time",
].join(" ").split(" ");

storeTest(
  "the rights that are documented are enough, and those missing are named",
  async (redis, open) => {
    const { host } = new URL(redis.url);
    const rights = (...rules: string[]) =>
      redis.ask("ACL", "SETUSER", "app", "reset", "on", ">word", "~app:*", ...RIGHTS, ...rules);
    await rights();
    const url = `redis://app:word@${host}/1?prefix=app:`;
    const store = await open({}, url);
    assertEquals(store.fault, undefined);
    await store.create(session(1));
    for (const call of Object.values(CALLS)) await call(store);
    await store.expire(LATE + 1e9);
    // INFO would tell whether Redis evicts keys; without it, that is not known.
    assertEquals(await store.check!({ id: "a", sessionTtl: 30_000 }), []);
    // They are taken away from a store that runs: that is found out, and told as what it is.
    await rights("-hincrby", "-zadd");
    const found = await fails(() => store.create(session(3)), "permission-denied");
    assertStringIncludes(found, "can't run this command");
    await until(() => /HINCRBY/.test(store.fault?.message ?? ""));
    assertEquals(
      store.fault?.message,
      `Cannot use Redis at ${host}: NOPERM this user may not run HINCRBY, ZADD`,
    );
    await rights();
    await available(store);
    await store.create(session(3));
    const elsewhere = await open({}, `redis://app:word@${host}/1`);
    assertEquals(elsewhere.fault?.code, "permission-denied");
    assertStringIncludes(elsewhere.fault!.message, "NOPERM");
    await rights("-script|load");
    const unloaded = await open({}, url);
    assertStringIncludes(unloaded.fault!.message, "'script|load'");
    for (const { fault } of [elsewhere, unloaded]) assert(!fault!.message.includes("word"));
    assertEquals(await redis.ask("DBSIZE"), 0, "database 0 has nothing of this");
  },
);
