/**
 * Sequence clients behind a proxy that comes and goes: how long after it is back each of them goes on.
 *
 * This file knows the public APIs: one process serves, another holds the proxy and the clients, which so
 * have one clock. It does not know how long is too long.
 *
 * @module
 */
import { answer } from "../harness/worker.ts";
import { type FaultProxy, serveProxy } from "../../proxy/mod.ts";
import { receiveSequence, type SequenceReceiver, serveSequence } from "../../sequence/mod.ts";

/** When the way was last opened. */
let healed = -Infinity;
let clients: Client[] = [];

interface Client {
  readonly receiver: SequenceReceiver;
  /** Until when it waits before it tries again, as it said. */
  waitsUntil: number;
  /** What it took to go on, in ms. */
  took: number | undefined;
}

function client(port: number): Client {
  const receiver = receiveSequence({ port, length: LENGTH });
  const one: Client = { receiver, waitsUntil: 0, took: undefined };
  void take(receiver);
  void watch(one);
  return one;
}

async function take(receiver: SequenceReceiver): Promise<void> {
  for await (const _number of receiver);
}

async function watch(client: Client): Promise<void> {
  for await (const event of client.receiver.events) {
    const now = performance.now();
    if (event.type === "disconnected") client.waitsUntil = now + event.retryIn;
    if (event.type !== "resumed" && event.type !== "started") continue;
    client.took = now - Math.max(healed, client.waitsUntil);
    back();
  }
}

let back = (): void => {};

/** Answers when all clients go on, with what it took each. */
async function all(): Promise<number[]> {
  while (clients.some(({ took }) => took === undefined)) {
    await new Promise<void>((resolve) => back = resolve);
  }
  return clients.map(({ took }) => took!);
}

/** As if the proxy had been stopped: every link is dropped, and new ones are refused for a while. */
async function cut(proxy: FaultProxy): Promise<number[]> {
  for (const client of clients) client.took = undefined;
  proxy.cut();
  await delay(SHORTEST_CUT + Math.random() * CUT_SPREAD);
  healed = performance.now();
  proxy.heal();
  return await all();
}

/** Nothing comes through until every client has given its link up, and then all that was held. */
async function blackhole(proxy: FaultProxy): Promise<number[]> {
  for (const client of clients) client.took = undefined;
  proxy.set({ blackhole: true });
  await delay(BLACKHOLE);
  healed = performance.now();
  proxy.set({});
  return await all();
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The longest there is, which no run reaches. */
const LENGTH = 65_535;
/** In ms, like all here. */
const INTERVAL = 100;
/** A client gives a link up after four of them. */
const HEARTBEAT = 250;
/** A cut lasts for between 100 and 600. */
const SHORTEST_CUT = 100, CUT_SPREAD = 500;
/** The silence that a client notices, the longest first wait, and some more. */
const BLACKHOLE = 4 * HEARTBEAT + 250 + 500;

const [port, count] = Deno.args.map(Number) as [number?, number?];
if (port === undefined) {
  const server = await serveSequence({ port: 0, interval: INTERVAL, heartbeat: HEARTBEAT });
  await answer({ port: server.address.port }, {});
} else {
  const upstream = { hostname: "127.0.0.1", port };
  const proxy = await serveProxy({ listen: { port: 0 }, upstream });
  clients = Array.from({ length: count! }, () => client(proxy.address.port));
  await all();
  await answer({}, { cut: () => cut(proxy), blackhole: () => blackhole(proxy) });
}
