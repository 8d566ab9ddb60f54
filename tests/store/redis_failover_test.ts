/**
 * The Redis store where another Redis takes over: by the name in the URL, and in a cluster.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { receiveSequence } from "../../sequence/client.ts";
import { serveSequence } from "../../sequence/server.ts";
import { collect } from "../support/collect.ts";
import { EventLog } from "../support/event_log.ts";
import { freePort } from "../support/free_port.ts";
import { MovingRelay } from "../support/moving_relay.ts";
import { RedisServer } from "../support/redis.ts";
import { available, LATE, session, storeTest, until } from "../support/redis_stores.ts";

const square = (index: number): number => (index * index) >>> 0;
const squares = (length: number): number[] => Array.from({ length }, (_, index) => square(index));

storeTest(
  "a name that leads to another Redis after a failover is resolved again",
  async (first, open) => {
    await using second = await RedisServer.start();
    await using relay = await MovingRelay.open(Number(first.port));
    const store = await open({}, `redis://127.0.0.1:${relay.port}`);
    await using server = await serveSequence({ port: 0, interval: 5, source: square, store });
    const { port } = server.address;
    const log = new EventLog(server);
    const live = receiveSequence({ port, length: 300 });
    const numbers = collect(live);
    await log.until(({ type }) => type === "started");
    // The new one has all data, the old one follows it and keeps its connections.
    await second.ask("REPLICAOF", "127.0.0.1", first.port);
    const { id } = live.snapshot().session!;
    const key = `heartline:{session}:${id}`;
    while (await second.ask("EXISTS", key).catch(() => 0) === 0);
    await second.ask("REPLICAOF", "NO", "ONE");
    await first.ask("REPLICAOF", "127.0.0.1", second.port);
    relay.target = Number(second.port);
    const fresh = receiveSequence({ port, length: 5, backoff: { base: 5, cap: 50 } });
    assertEquals(await collect(fresh), squares(5));
    const said = await log.until(({ type }) => type === "store-failed");
    assert(said.type === "store-failed" && said.message.includes("READONLY"));
    assertEquals(await numbers, squares(300));
    assertEquals(await second.ask("HGET", key, "state"), "completed");
  },
);

/** A node of a cluster that has no slot and knows no other; its second port is 10,000 higher if none is given. */
async function startNode(): Promise<{ node: RedisServer; bus: string }> {
  const bus = `${await freePort()}`;
  return { node: await RedisServer.start("--cluster-enabled", "yes", "--cluster-port", bus), bus };
}

storeTest(
  "a Redis Cluster: the node that has our slot is found, and all keys are in it",
  async (_redis, open) => {
    const { node: first } = await startNode(), { node: second, bus } = await startNode();
    await using _first = first;
    await using _second = second;
    const early = await open({}, first.url);
    assertStringIncludes(early.fault!.message, "CLUSTERDOWN");
    await second.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await first.ask("CLUSTER", "MEET", "127.0.0.1", second.port, bus);
    await available(early);
    const store = await open({}, first.url);
    assertEquals(store.fault, undefined, "who is named is asked before anything is said");
    await store.create(session(1));
    await store.finish(session(1).id, 1, { state: "completed", until: LATE });
    assertEquals(await early.load(session(1).id), { ...session(1), state: "completed" });
    const prefixed = await open({}, `${first.url}?prefix=app:`);
    await prefixed.create(session(1));
    assertEquals([await first.ask("DBSIZE"), await second.ask("DBSIZE")], [0, 4]);
    // Who was named is gone: the one in the URL is asked again, and knows no better.
    await second.kill();
    await until(() => store.fault !== undefined);
    await second.restart();
    await available(store);
    assertEquals((await store.load(session(1).id))?.state, "completed");
  },
);
