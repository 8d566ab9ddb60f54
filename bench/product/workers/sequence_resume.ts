/**
 * Sequence clients on a way that comes and goes: how long after it is back each of them goes on. One
 * process serves, another holds the way and the clients, which so have one clock.
 *
 * @module
 */
import { HEARTBEAT, INTERVAL, openWay } from "../../harness/outage.ts";
import { answer } from "../../harness/worker.ts";
import { receiveSequence, type SequenceReceiver, serveSequence } from "../../../sequence/mod.ts";

/** When the way was last opened. */
let healed = -Infinity;
let clients: Client[] = [];
/** Numbers that came, and those that were not the next ones. */
let received = 0, wrong = 0;
let back = (): void => {};

interface Client {
  readonly receiver: SequenceReceiver;
  /** Until when it waits before it tries again, as it said. */
  waitsUntil: number;
  /** What it took to go on, in ms. */
  took: number | undefined;
}

function start(port: number): Client {
  const client = {
    receiver: receiveSequence({ port, length: LENGTH }),
    waitsUntil: 0,
    took: undefined,
  };
  void take(client);
  void watch(client);
  return client;
}

async function take({ receiver }: Client): Promise<void> {
  let next = 0;
  for await (const value of receiver) {
    received++;
    if (value !== next) wrong++;
    next = value + 1;
  }
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

/** Answers when all clients go on, with what it took each. */
async function all(): Promise<number[]> {
  while (clients.some(({ took }) => took === undefined)) {
    await new Promise<void>((resolve) => back = resolve);
  }
  return clients.map(({ took }) => took!);
}

/** What it took the clients to go on after an outage. */
async function after(outage: () => Promise<void>): Promise<number[]> {
  for (const client of clients) client.took = undefined;
  await outage();
  healed = performance.now();
  return await all();
}

/** The longest there is, which no run reaches. */
const LENGTH = 65_535;

const [port, count, kind] = Deno.args as [string?, string?, ("proxy" | "relay")?];
if (port === undefined) {
  // Every number is its index, so that a client sees whether it is the next one.
  const source = (index: number) => index;
  const server = await serveSequence({ port: 0, interval: INTERVAL, heartbeat: HEARTBEAT, source });
  await answer({ port: server.address.port }, {});
} else {
  const way = await openWay(kind!, Number(port));
  clients = Array.from({ length: Number(count) }, () => start(way.port));
  await all();
  const outages = Object.entries(way.outages).map(([name, outage]) => [name, () => after(outage)]);
  await answer({}, { ...Object.fromEntries(outages), seen: () => ({ received, wrong }) });
}
