import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { serveSequence } from "../../sequence/server.ts";
import type { StoreUser } from "../../sequence/store.ts";
import type { RedisStore } from "../../store/redis.ts";
import {
  RedisCheck,
  type RedisFacts,
  type ServerMark,
  warningsOf,
} from "../../store/redis_check.ts";
import { EventLog } from "../support/event_log.ts";
import { storeTest } from "../support/redis_stores.ts";

const OURS: ServerMark = { ahead: 250, sessionTtl: 30_000 };
const LIFE = 600_000;

/** Each row: what Redis says of itself and of others, our mark, and what is wrong. */
const CASES: readonly (readonly [string, Partial<RedisFacts>, ServerMark | undefined, string[]])[] =
  [
    ["nothing", {}, OURS, []],
    ["nothing among equals", { others: [OURS, OURS] }, OURS, []],
    ["it evicts what is used least", { policy: "allkeys-lru" }, OURS, ["evicts"]],
    ["it evicts what is to go anyway, as all our keys are", { policy: "volatile-ttl" }, OURS, [
      "evicts",
    ]],
    ["its policy is not told", { policy: "" }, OURS, []],
    ["a clock a second ahead", { others: [OURS, { ...OURS, ahead: 1_250 }] }, OURS, []],
    ["a clock more than a second ahead", { others: [{ ...OURS, ahead: 1_251 }] }, OURS, ["clock"]],
    ["a clock more than a second behind", { others: [{ ...OURS, ahead: -751 }] }, OURS, ["clock"]],
    ["our clock is not known", { others: [{ ...OURS, ahead: -751 }] }, undefined, []],
    ["Redis is minutes behind", {}, { ...OURS, ahead: 300_000 }, []],
    ["Redis is behind by half of what it keeps", {}, { ...OURS, ahead: 300_001 }, ["clock"]],
    ["Redis is ahead by half of what it keeps", {}, { ...OURS, ahead: -300_001 }, ["clock"]],
    ["another window", { others: [{ ...OURS, sessionTtl: 60_000 }] }, OURS, ["window"]],
    [
      "everything",
      { policy: "allkeys-lfu", others: [{ ahead: 9_000, sessionTtl: 1 }] },
      OURS,
      ["evicts", "clock", "window"],
    ],
  ];

for (const [name, facts, own, codes] of CASES) {
  Deno.test(`what is wrong with a Redis: ${name}`, { permissions: "none" }, () => {
    const found = warningsOf({ now: 0, policy: "noeviction", others: [], ...facts }, own, LIFE);
    assertEquals(found.map(({ code }) => code), codes);
    for (const { message } of found) assert(/wanted/.test(message) && !message.includes("\n"));
  });
}

Deno.test(
  "an answer that took long says nothing about a clock",
  { permissions: "none" },
  async () => {
    const asked: unknown[] = [];
    let now = 0, took = 1_000;
    const check = new RedisCheck((values) => {
      asked.push(values[1]);
      now += took;
      return Promise.resolve(["5000", "noeviction", "0", "30000"]);
    }, { wall: () => now, tombstoneLife: LIFE });
    const user = { id: "a", sessionTtl: 30_000 };
    assertEquals(await check.warnings(user), []);
    took = -1_000;
    assertEquals(await check.warnings(user), []);
    took = 100;
    now = 8_000;
    const [warning] = await check.warnings(user);
    assertStringIncludes(warning!.message, "are 3.2 s apart: wanted at most 1 s");
    assertEquals(asked, ["", "", "", "", "", 3_050]);
  },
);

const ONE = { id: "one", sessionTtl: 30_000 }, TWO = { id: "two", sessionTtl: 30_000 };

storeTest(
  "a Redis that evicts is told, from when it does until it does not",
  async (redis, open) => {
    const store = await open();
    const codes = async () => (await store.check!(ONE)).map(({ code }) => code);
    assertEquals(await codes(), []);
    await redis.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    assertEquals(await codes(), ["evicts"]);
    const [warning] = await store.check!(ONE);
    assertStringIncludes(
      warning!.message,
      "wanted maxmemory-policy noeviction, current value is allkeys-lru",
    );
    await redis.ask("CONFIG", "SET", "maxmemory-policy", "noeviction");
    assertEquals(await codes(), []);
  },
);

storeTest("servers whose clocks or windows differ both notice it", async (redis, open) => {
  // Each look takes no time by these clocks, so that a busy machine does not matter.
  let now = 0;
  const store = await open({ wall: () => now }), late = await open({ wall: () => now - 5_000 });
  const elsewhere = await open({ wall: () => now }, `${redis.url}?prefix=other:`);
  const look = async (at: RedisStore, user: StoreUser): Promise<string> => {
    now = Date.now();
    return (await at.check!(user)).map(({ code }) => code).join(" ");
  };
  const wide = { id: "three", sessionTtl: 60_000 };
  assertEquals(await look(store, ONE), "");
  now += 5_000;
  assertEquals(await store.check!(ONE), [], "a clock that is set is not compared with itself");
  assertEquals(await look(store, ONE), "");
  assertEquals(await look(late, TWO), "clock");
  assertEquals(await look(store, ONE), "clock");
  assertEquals(await look(store, wide), "clock window");
  assertEquals(await look(store, ONE), "clock window");
  assertEquals(await look(elsewhere, TWO), "", "under another prefix are other servers");
  // A server that has stopped is forgotten: here its last sign of life is from 1970.
  const key = "heartline:{session}:servers";
  for (const id of ["two", "three"]) await redis.ask("HSET", key, id, "0 1 1000");
  await redis.ask("HSET", key, "somebody", "who writes rubbish");
  assertEquals(await look(store, ONE), "");
  assertEquals(await redis.ask("HKEYS", key), ["one"]);
  const life = Number(await redis.ask("PTTL", key));
  assert(life > 10_000 && life <= 25_000, `${life} ms`);
});

storeTest("a server says once what is wrong with its Redis", async (redis, open) => {
  await redis.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-random");
  await using server = await serveSequence({ port: 0, store: await open() });
  const said = await new EventLog(server).until(({ type }) => type === "store-warning");
  assert(said.type === "store-warning" && said.code === "evicts");
});
