/**
 * The Redis store while Redis is away, frozen, or back without its data.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { receiveSequence } from "../../sequence/client.ts";
import { serveSequence } from "../../sequence/server.ts";
import { collect } from "../support/collect.ts";
import { EventLog } from "../support/event_log.ts";
import {
  available,
  fails,
  LATE,
  refused,
  session,
  storeTest,
  until,
} from "../support/redis_stores.ts";

const square = (index: number): number => (index * index) >>> 0;
const squares = (length: number): number[] => Array.from({ length }, (_, index) => square(index));

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
      receiveSequence({ ...options, snapshot: left.snapshot() }),
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
    const options = { port: 0, interval: 5, sessionTtl: 1_000, source: square, store };
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
    const back = receiveSequence({
      port,
      snapshot: left.snapshot(),
      backoff: { base: 5, cap: 20 },
    });
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
