/**
 * A piece of the demo: a sequence of numbers whose connection is cut again and again.
 *
 * @module
 */
import { type FaultProxy, serveProxy } from "../../proxy/server.ts";
import { receiveSequence } from "../../sequence/client.ts";
import { serveSequence } from "../../sequence/server.ts";

/** What became of the numbers. */
export interface CutSequence {
  /** How many numbers the server had to send. */
  readonly length: number;
  /** How many of them the client got, each once and in order. */
  readonly received: number;
  /** How often the connection was cut. */
  readonly cuts: number;
  /** How many connections it took. */
  readonly connections: number;
  /** Whether every number came, once, in order, and both checksums are equal. */
  readonly good: boolean;
}

/**
 * Starts a server, a proxy and a client, cuts the connection in every way there is, and returns what the
 * client got. `say` is called as soon as there is something to show; `signal` ends it early.
 */
export async function cutSequence(
  say: (text: string) => void = () => {},
  signal?: AbortSignal,
): Promise<CutSequence> {
  const stop = signal && { signal };
  await using server = await serveSequence({ port: 0, ...FIGURES, source: (n) => n, ...stop });
  const listen = { port: 0 };
  await using proxy = await serveProxy({ listen, upstream: server.address, ...stop });
  const { port } = proxy.address;
  await using client = receiveSequence({ port, length: LENGTH, backoff: BACKOFF, ...stop });
  const told = tell(client.events, proxy, say);
  let received = 0;
  try {
    for await (const value of client) {
      if (value !== received) break;
      received++;
      const cut = CUTS.get(value);
      if (!cut) continue;
      say(`-> ${cut.what} behind number ${value}`);
      cut.act(proxy);
    }
  } catch {
    // The events said why; what was received tells the rest.
  }
  const connections = await told;
  const good = received === LENGTH && connections > CUTS.size;
  return { length: LENGTH, received, cuts: CUTS.size, connections, good };
}

/** Says how it goes, and mends the network once the client has noticed; returns how many connections. */
async function tell(
  events: ReturnType<typeof receiveSequence>["events"],
  proxy: FaultProxy,
  say: (text: string) => void,
): Promise<number> {
  let connections = 0;
  for await (const event of events) {
    if (event.type === "disconnected") proxy.set({});
    else if (event.type === "resumed") say(`resumed at number ${event.next}`);
    else if (event.type === "done") connections = event.connections;
    else if (event.type === "failed") say(event.message);
  }
  return connections;
}

interface Cut {
  readonly what: string;
  readonly act: (proxy: FaultProxy) => void;
}

const LENGTH = 200;
/** Short enough to watch: a second of numbers, a dead connection found within 0.4 s. */
const FIGURES = { interval: 5, heartbeat: 100 };
const BACKOFF = { base: 20, cap: 100 };
/** Behind these numbers the connection is cut. */
const CUTS: ReadonlyMap<number, Cut> = new Map([
  [30, { what: "resetting the connection", act: (proxy) => proxy.inject("reset") }],
  [80, { what: "ending the connection", act: (proxy) => proxy.inject("fin") }],
  [120, {
    what: "cutting a number in two",
    act: (proxy) => proxy.set({ down: { cutBytes: 5 } }),
  }],
  [160, {
    what: "letting nothing through",
    act: (proxy) => proxy.set({ blackhole: true }),
  }],
]);
