/**
 * Clients of sequences on real sockets whose links are cut again and again.
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
import { CUT_KINDS, CutClient, plannedCuts } from "./cut_client.ts";
import { EventLog } from "./event_log.ts";
import { seededRandom } from "./random.ts";
import { valueAt } from "./sequence_world.ts";
import { watchedNet } from "./watched_net.ts";

const SEED = 20_260_101;
/** A few more than ten, because the last ones of a client may come too late to cut anything. */
const CUTS_EACH = 13;
/** Between two numbers, in ms. */
const INTERVAL = 20;
/** After so many ms a client that waits for ever is closed, and the test fails. */
const PATIENCE = 120_000;

/** How many there are. */
export interface Crowd {
  readonly clients: number;
  /** On one store. */
  readonly servers: number;
}

/** Cuts every client some ten times; each must receive everything, once and in order. Closes the store. */
export async function cutAll(store: SessionStore, crowd: Crowd): Promise<void> {
  try {
    await cutEach(store, crowd);
  } finally {
    await store.close();
  }
}

async function cutEach(store: SessionStore, crowd: Crowd): Promise<void> {
  let cutInsideLine = 0;
  const net = watchedNet(await openNet(), {
    ended: (inside) => void (cutInsideLine += Number(inside)),
  });
  // A blackhole is noticed after four heartbeats; whoever comes back within the test is in time.
  const times = { interval: INTERVAL, heartbeat: 100, sessionTtl: PATIENCE };
  const options = { port: 0, ...times, source: valueAt, store, net };
  const servers = await Promise.all(
    Array.from({ length: crowd.servers }, () => serveSequence(options)),
  );
  const logs = servers.map((server) => new EventLog(server));
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), PATIENCE);
  const clients = await openClients(
    crowd.clients,
    servers.map(({ address }) => address),
    net,
    stop.signal,
  );
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
  // How many of the planned ones find their connection depends on the load of the machine.
  assert(hits.length >= CUTS_EACH / 2 * crowd.clients, `${hits.length} cuts, seed ${SEED}`);
  for (const kind of CUT_KINDS) {
    const ofKind = hits.filter((hit) => hit === kind).length;
    assert(ofKind >= 1.5 * crowd.clients, `${ofKind} cuts by ${kind}, seed ${SEED}`);
  }
  assert(cutInsideLine >= 1.5 * crowd.clients, `${cutInsideLine} cuts inside a line, seed ${SEED}`);
  checkServers(servers, logs.flatMap(({ events }) => events), clients);
}

interface OpenClient {
  readonly length: number;
  readonly ways: readonly [FaultProxy, FaultProxy];
  readonly client: CutClient;
}

async function openClients(
  count: number,
  servers: readonly Address[],
  net: Net,
  signal: AbortSignal,
): Promise<OpenClient[]> {
  const random = seededRandom(SEED);
  const way = (): Promise<FaultProxy> => {
    const upstream = servers[Math.floor(random() * servers.length)]!;
    return serveProxy({ listen: { port: 0 }, upstream, seed: SEED, signal });
  };
  return await Promise.all(Array.from({ length: count }, async () => {
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
  const wrong = events.filter(({ type }) => WRONG.has(type));
  assertEquals(wrong, [], `seed ${SEED}`);
  const [only, ...others] = servers;
  if (others.length > 0) return assert(sessions("moved").size > 0, `nobody moved, seed ${SEED}`);
  const open = sessions("started").size - completed.size;
  assertEquals(only!.sessions, open, `sessions are held, seed ${SEED}`);
}

const WRONG: ReadonlySet<string> = new Set(["rejected", "store-failed", "expired"]);
