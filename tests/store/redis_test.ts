import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { loadRedis, openRedisStore } from "../../store/redis.ts";
import { readRedisUrl } from "../../store/redis_url.ts";
import { fails, LATE, session, storeTest, TOKEN } from "../support/redis_stores.ts";

const DUE = "heartline:{session}:due";

storeTest(
  "keys go by themselves, the session's and the index, when no server is left",
  async (redis, open) => {
    const store = await open({ tombstoneLife: 60_000 });
    const now = Date.now();
    await store.create(session(1, now + 30_000));
    await store.create(session(2, now + 10_000));
    const [first, second, index] = await Promise.all(
      [`heartline:{session}:${session(1).id}`, `heartline:{session}:${session(2).id}`, DUE]
        .map(async (key) => Number(await redis.ask("PTTL", key))),
    ) as [number, number, number];
    assert(first > 30_000 && first <= 90_000, `${first} ms`);
    assert(second > 10_000 && second <= 70_000, `${second} ms`);
    assert(index > 70_000 && index <= 90_000, `${index} ms`);
    await store.finish(session(1).id, 1, { state: "completed", until: now + 1 });
    await store.finish(session(2).id, 1, { state: "completed", until: now + 1 });
    while (await store.load(session(1).id) || await store.load(session(2).id));
    await redis.ask("PEXPIREAT", DUE, "1");
    assertEquals(await redis.ask("DBSIZE"), 0);
    await store.close();
  },
);

storeTest("a sweep ends any number of sessions, and forgets them later", async (redis, open) => {
  const store = await open();
  const count = 2_500;
  await Promise.all(Array.from({ length: count }, (_, n) => store.create(session(n))));
  assertEquals(await redis.ask("DBSIZE"), count + 1);
  assertEquals(await store.expire(LATE - 1), 0);
  assertEquals(await store.expire(LATE), count);
  assertEquals((await store.load(session(7).id))?.expiresAt, LATE + 600_000);
  assertEquals(await store.expire(LATE + 599_999), 0);
  assertEquals(await redis.ask("DBSIZE"), count + 1);
  assertEquals(await store.expire(LATE + 600_000), 0);
  assertEquals(await redis.ask("DBSIZE"), 0);
});

storeTest(
  "of two servers that resume at once, one is accepted, every time",
  async (_redis, open) => {
    const stores = [await open(), await open()];
    await stores[0]!.create(session(1));
    for (let epoch = 1; epoch <= 200; epoch++) {
      const tokens = ["cd", "ef"].map((digits) => digits.repeat(32));
      const accepted = await Promise.all(stores.map((store, n) => {
        const change = { tokenHash: tokens[n]!, previousTokenHash: TOKEN, expiresAt: LATE };
        return store.resume(session(1).id, epoch, change);
      }));
      assertEquals(accepted.filter((one) => one).length, 1);
      const found = await stores[1]!.load(session(1).id);
      assertEquals(found?.epoch, epoch + 1);
      assertEquals(found?.tokenHash, tokens[accepted.indexOf(true)]);
    }
  },
);

storeTest(
  "a session that another server's sweep ended goes on with its holder",
  async (_redis, open) => {
    const [holder, other] = [await open(), await open()];
    for (const n of [1, 2]) await holder.create(session(n));
    const change = { next: 3, confirmed: true, expiresAt: LATE + 50 };
    assertEquals(await other.expire(LATE), 2);
    assertEquals((await other.load(session(1).id))?.state, "expired");
    assertEquals(await holder.progress(session(1).id, 2, change), false);
    assertEquals(await holder.progress(session(1).id, 1, change), true);
    assertEquals(await other.load(session(1).id), { ...session(1), next: 3, expiresAt: LATE + 50 });
    const end = { state: "completed", until: LATE + 100 } as const;
    assertEquals(await holder.finish(session(2).id, 1, end), true);
    assertEquals((await other.load(session(2).id))?.state, "completed");
    assertEquals(await other.expire(LATE + 49), 0);
  },
);

storeTest("the cache of scripts is flushed: nobody notices", async (redis, open) => {
  const store = await open();
  await store.create(session(1));
  await redis.ask("SCRIPT", "FLUSH");
  const change = { next: 1, confirmed: true, expiresAt: LATE };
  const calls = Array.from({ length: 3 }, () => store.progress(session(1).id, 1, change));
  assertEquals(await Promise.all(calls), [true, true, true]);
});

/** What the fields are called. */
const NAMES = "epoch expiresAt length next previousTokenHash seed state tokenHash";

storeTest("fields are named by what they hold, and no token is among them", async (redis, open) => {
  const store = await open();
  await store.create(session(1));
  const names = await redis.ask("HKEYS", `heartline:{session}:${session(1).id}`) as string[];
  assertEquals(names.sort().join(" "), NAMES);
});

storeTest("two prefixes in one Redis are two stores", async (redis, open) => {
  const [one, other] = [await open(), await open({}, `${redis.url}?prefix=other:`)];
  await one.create(session(1));
  await other.create(session(2));
  assertEquals(await one.load(session(2).id), undefined);
  assertEquals(await other.load(session(2).id), session(2));
  assertEquals(await one.expire(LATE), 1);
  assertEquals((await other.load(session(2).id))?.state, "open");
  const keys = await redis.ask("KEYS", "other:*") as string[];
  assertEquals(keys.sort(), [`other:{session}:${session(2).id}`, "other:{session}:due"]);
});

storeTest("a session takes at most 700 bytes", async (redis, open) => {
  const used = async () =>
    Number(/used_memory:(\d+)/.exec(`${await redis.ask("INFO", "memory")}`)![1]);
  const store = await open();
  const before = await used();
  const previousTokenHash = "cd".repeat(32);
  await Promise.all(Array.from({ length: 10_000 }, async (_, n) => {
    await store.create(session(n));
    await store.resume(session(n).id, 1, {
      tokenHash: previousTokenHash,
      previousTokenHash,
      expiresAt: LATE,
    });
  }));
  const each = (await used() - before) / 10_000;
  assert(each <= 700, `${each} bytes a session`);
});

/** Each row: a URL, the host, the port, the database and the prefix in it, and how it is shown. */
const URLS = [
  ["redis://127.0.0.1", "127.0.0.1", 6379, 0, "heartline:", "redis://127.0.0.1:6379/0"],
  ["redis://user:secret@db.lan:7000/2", "db.lan", 7000, 2, "heartline:", "redis://db.lan:7000/2"],
  ["rediss://[::1]:7000/", "::1", 7000, 0, "heartline:", "rediss://[::1]:7000/0"],
  ["redis://h?prefix=app:1/", "h", 6379, 0, "app:1/", "redis://h:6379/0?prefix=app:1/"],
  ["redis://h/3?prefix=heartline:", "h", 6379, 3, "heartline:", "redis://h:6379/3"],
  ["redis://h?prefix=a%3Ab", "h", 6379, 0, "a:b", "redis://h:6379/0?prefix=a:b"],
] as const;

Deno.test("a URL is read, and shown without its password", () => {
  for (const [url, hostname, port, database, prefix, shown] of URLS) {
    const read = readRedisUrl(url);
    assertEquals(read.address, { hostname, port });
    assertEquals([read.database, read.prefix, read.shown], [database, prefix, shown]);
    assertEquals(read.tls, url.startsWith("rediss"));
  }
  const { username, password } = readRedisUrl("redis://me%40home:p%3Aw@h");
  assertEquals([username, password], ["me@home", "p:w"]);
});

Deno.test("a wrong URL or option is refused, without a password in the message", async () => {
  const wrong = [
    ...[
      "",
      "redis",
      "redis:6379",
      "http://:secret@h",
      "redis://:secret@h/x",
      "redis://:secret@h#x",
    ],
    "redis://:secret%zz@h",
  ];
  // Braces choose the slot of a cluster, the others mean something in a pattern of keys, or in a line.
  const prefixes = ["", "a{b}", "a*", "a b", "a\n", "x".repeat(65), "a&db=1", "a&prefix=b", "a@b"];
  const queries = ["db=1", ...prefixes.map((prefix) => `prefix=${encodeURI(prefix)}`)];
  for (
    const [url, wanted] of [
      ...wrong.map((url) => [url, "wanted redis://"] as const),
      ...queries.map((query) => [`redis://:secret@h?${query}`, "wanted nothing behind ?"] as const),
    ]
  ) {
    const said = await fails(() => openRedisStore(url), "invalid-option");
    assertStringIncludes(said, `Cannot use URL: ${wanted}`);
    assert(!said.includes("secret"));
  }
  for (const options of [{ tombstoneLife: 0 }, { timeout: -1 }]) {
    await fails(() => openRedisStore("redis://127.0.0.1", options), "invalid-option");
  }
});

Deno.test("without @redis/client the error says what to install", async () => {
  const missing = () => Promise.reject(new Error("Cannot find package '@redis/client'"));
  assertStringIncludes(await fails(() => loadRedis(missing), "not-supported"), "install it");
});
