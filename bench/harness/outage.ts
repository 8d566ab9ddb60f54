/**
 * What happens to the network in the rows that look at how clients go on.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { serveProxy } from "../../proxy/mod.ts";

/** The way of clients to a server, and what can happen to it. */
export interface Way {
  /** Where clients connect to. */
  readonly port: number;
  /** By name; each resolves when the way is open again. */
  readonly outages: Readonly<Record<string, () => Promise<void>>>;
}

/** Opens a way to `port` that can be cut or become a blackhole, by the proxy, or that can vanish. */
export function openWay(kind: "proxy" | "relay", port: number): Way | Promise<Way> {
  const upstream = { hostname: "127.0.0.1", port };
  return kind === "proxy" ? openProxy(upstream) : openRelay(upstream);
}

async function openProxy(upstream: { hostname: string; port: number }): Promise<Way> {
  const proxy = await serveProxy({ listen: { port: 0 }, upstream });
  return {
    port: proxy.address.port,
    outages: {
      /** As if the proxy had been stopped: every link is dropped, and new ones are refused a while. */
      async cut() {
        proxy.cut();
        await delay(SHORTEST_CUT + Math.random() * CUT_SPREAD);
        proxy.heal();
      },
      /** Nothing comes through until every client has given its link up, then all that was held. */
      async blackhole() {
        proxy.set({ blackhole: true });
        await delay(BLACKHOLE);
        proxy.set({});
      },
    },
  };
}

/** A bare forwarder, whose clients can lose their links without a word to the server. */
function openRelay(upstream: Deno.ConnectOptions): Way {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const clients = new Set<Deno.TcpConn>();
  const forward = async (client: Deno.TcpConn): Promise<void> => {
    const server = await Deno.connect(upstream);
    for (const one of [client, server]) one.setNoDelay(true);
    clients.add(client);
    // Who vanished says no more; the server's link stays open until the server gives it up.
    void pump(client, server).then(() => clients.delete(client) && server.close());
    await pump(server, client);
    if (clients.delete(client)) client.close();
  };
  void (async () => {
    for await (const client of listener) void forward(client).catch(() => client.close());
  })();
  return {
    port: listener.addr.port,
    outages: {
      /** As when a telephone leaves one network for another: the server does not hear of it. */
      vanish() {
        for (const client of clients) client.close();
        clients.clear();
        return Promise.resolve();
      },
    },
  };
}

/** Forwards until `from` ends; what `to` does not take is thrown away. */
async function pump(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(65_536);
  try {
    for (let count; (count = await from.read(buffer)) !== null;) {
      await to.write(buffer.subarray(0, count)).catch(() => {});
    }
  } catch {
    // It was closed or reset, which is an end too.
  }
}

/** Milliseconds between two numbers. */
export const INTERVAL = 100;
/** Milliseconds between two heartbeats of the servers; clients give a link up after four of them. */
export const HEARTBEAT = 250;
/** A cut lasts for between 100 and 600 ms. */
const SHORTEST_CUT = 100, CUT_SPREAD = 500;
/** The silence that a client notices, the longest first wait, and some more, in ms. */
const BLACKHOLE = 4 * HEARTBEAT + 250 + 500;
