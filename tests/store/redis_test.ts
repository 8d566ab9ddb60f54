import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type ErrorCode, HeartlineError } from "../../core/errors.ts";
import type { SequenceSession } from "../../sequence/store.ts";
import { receiveSequence } from "../../sequence/client.ts";
import { serveSequence } from "../../sequence/server.ts";
import {
  loadRedis,
  openRedisStore,
  type RedisStore,
  type RedisStoreOptions,
} from "../../store/redis.ts";
import { readRedisUrl } from "../../store/redis_url.ts";
import { collect } from "../support/collect.ts";
import { EventLog } from "../support/event_log.ts";
import { type RedisServer, redisTest } from "../support/redis.ts";

/** Far in the future, so that Redis lets nothing expire by itself. */
const LATE = 4_000_000_000_000;
const TOKEN = "ab".repeat(32);
const DUE = "heartline:{session}:due";

function session(n: number, expiresAt = LATE): SequenceSession {
  return {
    ...{ id: n.toString(16).padStart(32, "0"), seed: [n, n], length: 65_535, epoch: 1, next: 0 },
    ...{ token: TOKEN, previous: undefined, state: "open", expiresAt },
  };
}

const square = (index: number): number => (index * index) >>> 0;
const squares = (length: number): number[] => Array.from({ length }, (_, index) => square(index));

async function fails(call: () => Promise<unknown>, code: ErrorCode): Promise<string> {
  const error = await assertRejects(call, HeartlineError) as HeartlineError;
  assertEquals(error.code, code);
  return error.message;
}

/** A test with a Redis and with stores on it, which are closed at its end. */
function storeTest(
  name: string,
  run: (
    redis: RedisServer,
    open: (options?: RedisStoreOptions, url?: string) => Promise<RedisStore>,
  ) => Promise<void>,
): void {
  redisTest(name, async (redis) => {
    const stores: RedisStore[] = [];
    try {
      await run(redis, async (options = {}, url = redis.url) => {
        const store = await openRedisStore(url, options);
        stores.push(store);
        return store;
      });
    } finally {
      await Promise.all(stores.map((store) => store.close()));
    }
  });
}

/** Waits for what the store finds out in its own time, and does not tell. */
async function until(there: () => boolean): Promise<void> {
  while (!there()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const available = (store: RedisStore) => until(() => store.fault === undefined);
const refused = (store: RedisStore) => until(() => store.fault?.code === "connection-refused");

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
  async (redis, open) => {
    const stores = [await open(), await open()];
    await stores[0]!.create(session(1));
    for (let epoch = 1; epoch <= 200; epoch++) {
      const tokens = ["cd", "ef"].map((digits) => digits.repeat(32));
      const accepted = await Promise.all(stores.map((store, n) => {
        const change = { token: tokens[n]!, previous: TOKEN, expiresAt: LATE };
        return store.resume(session(1).id, epoch, change);
      }));
      assertEquals(accepted.filter((one) => one).length, 1);
      const found = await stores[1]!.load(session(1).id);
      assertEquals(found?.epoch, epoch + 1);
      assertEquals(found?.token, tokens[accepted.indexOf(true)]);
    }
  },
);

storeTest(
  "a session that another server's sweep ended goes on with its holder",
  async (redis, open) => {
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

storeTest(
  "killed and started again: calls fail at once, and nothing is lost",
  async (redis, open) => {
    const store = await open();
    for (const n of [1, 2, 3]) await store.create(session(n));
    await redis.kill();
    const end = { state: "completed", until: LATE } as const;
    // This may be what finds out.
    await assertRejects(() => store.finish(session(2).id, 1, end), HeartlineError, "Cannot use");
    await refused(store);
    const said = await fails(() => store.load(session(1).id), "connection-refused");
    assertEquals(said, `Cannot use Redis at ${new URL(redis.url).host}: Connection refused`);
    await redis.restart();
    await available(store);
    for (const n of [1, 3]) assertEquals((await store.load(session(n).id))?.state, "open");
    // What was completed meanwhile was written before anything else.
    assertEquals((await store.load(session(2).id))?.state, "completed");
  },
);

storeTest(
  "away: new and resuming sessions stall, the others go on, none is lost",
  async (redis, open) => {
    const store = await open();
    await using server = await serveSequence({ port: 0, interval: 10, source: square, store });
    const log = new EventLog(server);
    const options = { port: server.address.port, backoff: { base: 5, cap: 20 } };
    const left = receiveSequence({ ...options, length: 50 });
    const first: number[] = [];
    for await (const n of left) if (first.push(n) === 10) break;
    const live = collect(receiveSequence({ ...options, length: 100 }));
    await log.until((event) => event.type === "started" && event.length === 100);
    await redis.kill();
    await refused(store);
    const waiting = [
      receiveSequence({ ...options, length: 20 }),
      receiveSequence({ ...options, state: left.state }),
    ];
    const all = Promise.all(waiting.map(collect));
    for (const { events } of waiting) {
      await new EventLog(events).until((event) =>
        event.type === "disconnected" && event.reason === "UNAVAILABLE"
      );
    }
    const said = await log.until(({ type }) => type === "store-failed");
    assert(
      said.type === "store-failed" && said.message.startsWith("Cannot use Redis at 127.0.0.1"),
    );
    assertEquals(await live, squares(100));
    await redis.restart();
    const [fresh, rest] = await all;
    assertEquals(fresh, squares(20));
    assertEquals([...first.slice(0, 9), ...rest!], squares(50));
    const completed = await log.until((event) => event.type === "completed");
    assert(completed.type === "completed" && completed.length === 100);
    assertEquals((await store.load(completed.session))?.state, "completed");
    await server.close();
    await store.close();
  },
);

storeTest(
  "away for longer than the window: who wanted to return then still can",
  async (redis, open) => {
    const store = await open();
    const options = { port: 0, interval: 5, window: 1_000, source: square, store };
    await using server = await serveSequence(options);
    const log = new EventLog(server);
    const { port } = server.address;
    const left = receiveSequence({ port, length: 30 });
    const first: number[] = [];
    for await (const n of left) if (first.push(n) === 10) break;
    // The record expires later than the window: by a third of it after the last renewal.
    const over = Date.now() + 1_400;
    await redis.kill();
    await refused(store);
    const back = receiveSequence({ port, state: left.state, backoff: { base: 5, cap: 20 } });
    const said = new EventLog(back.events);
    const rest = collect(back);
    await said.until((event) => event.type === "disconnected" && event.reason === "UNAVAILABLE");
    await log.until(({ type }) => type === "expired");
    await until(() => Date.now() > over);
    await redis.restart();
    assertEquals([...first.slice(0, 9), ...await rest], squares(30));
  },
);

storeTest("time in which Redis was away is held against nobody", async (redis, open) => {
  let now = LATE - 1_000_000;
  const store = await open({ wall: () => now, timeout: 1_000 });
  const before = now;
  await store.create(session(1, now - 5_000));
  await store.create(session(2, now + 30_000));
  await redis.kill();
  await refused(store);
  now += 60_000;
  await redis.restart();
  await available(store);
  // What was away: the minute, and what it may have taken to be noticed.
  const end = before + 60_000 + 62_000;
  assertEquals((await store.load(session(2).id))?.expiresAt, end);
  assertEquals((await store.load(session(1).id))?.expiresAt, before - 5_000);
  const expired = { state: "expired", until: LATE } as const;
  assertEquals(await store.finish(session(2).id, 1, expired), false);
  assertEquals(await store.expire(now), 1);
  now = end - 1;
  assertEquals(await store.expire(now), 0);
  now = end;
  assertEquals((await store.load(session(2).id))?.expiresAt, before + 30_000);
  assertEquals(await store.expire(now), 1);
});

storeTest(
  "a frozen Redis: calls fail after the timeout, and work when it goes on",
  async (redis, open) => {
    const store = await open({ timeout: 200 });
    await store.create(session(1));
    redis.freeze();
    const calls = [store.load(session(1).id), store.create(session(2))];
    const messages = await Promise.all(calls.map((call) => fails(() => call, "timed-out")));
    for (const said of messages) assertStringIncludes(said, "Connection timed out");
    await fails(() => store.load(session(1).id), "timed-out");
    redis.thaw();
    await available(store);
    assertEquals(await store.load(session(1).id), session(1));
    await store.close();
  },
);

storeTest("a Redis that is not there yet is waited for", async (redis, open) => {
  await redis.kill();
  const store = await open();
  assertEquals(store.fault?.code, "connection-refused");
  await fails(() => store.create(session(1)), "connection-refused");
  await redis.restart();
  await available(store);
  await store.create(session(1));
});

storeTest(
  "a Redis that lost its data: no false, which would mean taken over",
  async (redis, open) => {
    const store = await open();
    await store.create(session(1));
    await redis.ask("FLUSHALL");
    const change = { next: 1, confirmed: true, expiresAt: LATE };
    const said = await fails(() => store.progress(session(1).id, 1, change), "io");
    assertStringIncludes(said, "Redis has forgotten it");
    assertEquals(await store.load(session(1).id), undefined);
  },
);

storeTest("closing ends what waits, also while Redis is frozen or away", async (redis, open) => {
  const frozen = await open();
  redis.freeze();
  const waiting = fails(() => frozen.load(session(1).id), "closed");
  const half = open({ timeout: 100 });
  await Promise.all([frozen.close(), frozen.close(), waiting]);
  await fails(() => frozen.load(session(1).id), "closed");
  const late = await half;
  assertEquals(late.fault?.code, "timed-out");
  await redis.kill();
  const away = await open();
  await away.close();
  await fails(() => away.create(session(1)), "closed");
});

storeTest("a wrong password is said, and not repeated", async (redis, open) => {
  await redis.ask("CONFIG", "SET", "requirepass", "right");
  const { host } = new URL(redis.url);
  const wrong = await open({}, `redis://:mistaken@${host}`);
  assertStringIncludes(wrong.fault!.message, "WRONGPASS");
  assert(!wrong.fault!.message.includes("mistaken"));
  const right = await open({}, `redis://:right@${host}/3`);
  await right.create(session(1));
  assertEquals(await right.load(session(1).id), session(1));
});

storeTest("a session takes at most 700 bytes", async (redis, open) => {
  const used = async () =>
    Number(/used_memory:(\d+)/.exec(`${await redis.ask("INFO", "memory")}`)![1]);
  const store = await open();
  const before = await used();
  const previous = "cd".repeat(32);
  await Promise.all(Array.from({ length: 10_000 }, async (_, n) => {
    await store.create(session(n));
    await store.resume(session(n).id, 1, { token: previous, previous, expiresAt: LATE });
  }));
  const each = (await used() - before) / 10_000;
  assert(each <= 700, `${each} bytes a session`);
});

Deno.test("a URL is read, and shown without its password", () => {
  for (
    const [url, hostname, port, shown] of [
      ["redis://127.0.0.1", "127.0.0.1", 6379, "redis://127.0.0.1:6379/0"],
      ["redis://user:secret@db.lan:7000/2", "db.lan", 7000, "redis://db.lan:7000/2"],
      ["rediss://[::1]:7000/", "::1", 7000, "rediss://[::1]:7000/0"],
    ] as const
  ) assertEquals(readRedisUrl(url), { address: { hostname, port }, shown });
});

Deno.test("a wrong URL or option is refused, without a password in the message", async () => {
  const wrong = [
    "",
    "redis",
    "redis:6379",
    "http://:secret@h",
    "redis://:secret@h/x",
    "redis://h?db=1",
  ];
  for (const url of wrong) {
    const said = await fails(() => openRedisStore(url), "invalid-option");
    assertStringIncludes(said, "Cannot use URL: wanted redis://");
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
