/**
 * A hundred clients on real sockets whose links are cut a thousand times, with each store.
 *
 * A cut may leave the old link half-open: what it holds arrives when the session goes on over a new
 * one, at the same server or, as behind a load balancer, at another on the same store.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Address } from "../../core/address.ts";
import type { DroppedEvent } from "../../core/event_queue.ts";
import type { Net } from "../../net/net.ts";
import { openNet } from "../../net/open.ts";
import { type FaultProxy, serveProxy } from "../../proxy/server.ts";
import type { SequenceServerEvent } from "../../sequence/events.ts";
import { type SequenceServer, serveSequence } from "../../sequence/server.ts";
import type { SessionStore } from "../../sequence/store.ts";
import { MemoryStore } from "../../store/memory.ts";
import { openRedisStore } from "../../store/redis.ts";
import { openSqliteStore } from "../../store/sqlite.ts";
import { CUT_KINDS, CutClient, plannedCuts } from "../support/cut_client.ts";
import { EventLog } from "../support/event_log.ts";
import { withFolder } from "../support/folder.ts";
import { redisTest } from "../support/redis.ts";
import { seededRandom } from "../support/random.ts";
import { hasSqlite } from "../support/runtime.ts";
import { valueAt } from "../support/sequence_world.ts";
import { watchedNet } from "../support/watched_net.ts";

/** The stores that need no server; each may use a folder of its own. */
const STORES: Record<string, (folder: string) => Promise<SessionStore>> = {
  memory: () => Promise.resolve(new MemoryStore()),
  ...(hasSqlite && { sqlite: (folder) => openSqliteStore(`${folder}/sessions.sqlite`) }),
};

const SEED = 20_260_101;
const CLIENTS = 100;
/** A few more than ten, because the last ones of a client may come too late to cut anything. */
const CUTS_EACH = 13;
/** Between two numbers, in ms. */
const INTERVAL = 20;
/** After so many ms a client that waits for ever is closed, and the test fails. */
const PATIENCE = 120_000;

for (const count of [1, 2]) {
  const title = `100 clients, some 1,000 cuts of four kinds, ${count} server(s)`;
  const promise = "0 lost, 0 repeated, 0 reordered";
  for (const [kind, open] of Object.entries(STORES)) {
    Deno.test(`${title}, ${kind}: ${promise}`, () =>
      withFolder(async (folder) => {
        await cutAndCheck(await open(folder), count);
      }));
  }
  redisTest(`${title}, redis: ${promise}`, async ({ url }) => {
    await cutAndCheck(await openRedisStore(url), count);
  });
}

async function cutAndCheck(store: SessionStore, count: number): Promise<void> {
  try {
    await cutAll(store, count);
  } finally {
    await store.close();
  }
}

async function cutAll(store: SessionStore, count: number): Promise<void> {
  let cutInsideLine = 0;
  const net = watchedNet(await openNet(), {
    ended: (inside) => void (cutInsideLine += Number(inside)),
  });
  // A blackhole is noticed after four heartbeats; whoever comes back within the test is in time.
  const times = { interval: INTERVAL, heartbeat: 100, sessionTtl: PATIENCE };
  const options = { port: 0, ...times, source: valueAt, store, net };
  const servers = await Promise.all(Array.from({ length: count }, () => serveSequence(options)));
  const logs = servers.map((server) => new EventLog(server));
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), PATIENCE);
  const clients = await openClients(servers.map(({ address }) => address), net, stop.signal);
  try {
    // Each ends in SUCCESS or throws.
    await Promise.all(clients.map(({ client }) => client.run()));
    await Promise.all(clients.flatMap(({ ways }) => ways.map(closeBehindLinks)));
  } finally {
    clearTimeout(late);
    stop.abort();
    // What they asked of the store is answered when they are closed.
    await Promise.all(servers.map((server) => server.close()));
  }
  await Promise.all(logs.map((log) => log.ended));

  for (const { length, client } of clients) {
    const wanted = Array.from({ length }, (_, index) => valueAt(index));
    assertEquals(client.numbers, wanted, `seed ${SEED}`);
  }
  const hits = clients.flatMap(({ client }) => client.hits);
  // How many of the 1,300 planned ones find their connection depends on the load of the machine.
  assert(hits.length >= 650, `${hits.length} cuts, seed ${SEED}`);
  for (const kind of CUT_KINDS) {
    const ofKind = hits.filter((hit) => hit === kind).length;
    assert(ofKind >= 150, `${ofKind} cuts by ${kind}, seed ${SEED}`);
  }
  assert(cutInsideLine >= 150, `${cutInsideLine} cuts inside a line, seed ${SEED}`);
  checkServers(servers, logs.flatMap(({ events }) => events), clients);
}

interface OpenClient {
  readonly length: number;
  readonly ways: readonly [FaultProxy, FaultProxy];
  readonly client: CutClient;
}

async function openClients(
  servers: readonly Address[],
  net: Net,
  signal: AbortSignal,
): Promise<OpenClient[]> {
  const random = seededRandom(SEED);
  const way = (): Promise<FaultProxy> => {
    const upstream = servers[Math.floor(random() * servers.length)]!;
    return serveProxy({ listen: { port: 0 }, upstream, seed: SEED, signal });
  };
  return await Promise.all(Array.from({ length: CLIENTS }, async () => {
    const length = 60 + Math.floor(random() * 60);
    const plan = plannedCuts(random, { count: CUTS_EACH, length, interval: INTERVAL });
    const ways = await Promise.all([way(), way()]);
    const backoff = { base: 5, cap: 40 };
    const options = { length, net, random, backoff, linger: 300, signal };
    return { length, ways, client: new CutClient(ways, plan, options) };
  }));
}

/** Closes a proxy behind its last link, which no end may leave open. */
async function closeBehindLinks(proxy: FaultProxy): Promise<void> {
  if (proxy.links > 0) { for await (const _event of proxy) if (proxy.links === 0) break; }
  await proxy.close();
}

function checkServers(
  servers: readonly SequenceServer[],
  events: readonly (SequenceServerEvent | DroppedEvent)[],
  clients: readonly OpenClient[],
): void {
  const sessions = (wanted: string): Set<string> => {
    const found = events.filter(({ type }) => type === wanted);
    return new Set(found.map((event) => "session" in event ? event.session : ""));
  };
  const completed = sessions("completed");
  const missing = clients.filter(({ client }) =>
    !client.endWasCut && !completed.has(client.session)
  );
  assertEquals(missing.length, 0, `sessions not completed, seed ${SEED}`);
  for (const wrong of ["rejected", "store-failed", "expired"]) {
    assertEquals(sessions(wrong).size, 0, `${wrong}, seed ${SEED}`);
  }
  const [only, ...others] = servers;
  if (others.length > 0) return assert(sessions("moved").size > 0, `nobody moved, seed ${SEED}`);
  const open = sessions("started").size - completed.size;
  assertEquals(only!.sessions, open, `sessions are held, seed ${SEED}`);
}
