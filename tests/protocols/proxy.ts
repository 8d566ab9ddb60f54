/** The fault proxy, in front of a server of keepalive connections. @module */
import { serveKeepalive } from "../../keepalive/server.ts";
import { serveProxy } from "../../proxy/server.ts";
import { sendAndHear } from "./keepalive.ts";
import type { Protocol, Served } from "./protocol.ts";

/** See {@linkcode Protocol}. */
export const proxy: Protocol = {
  name: "proxy",
  targets: [],
  servers: [{
    name: "proxy",
    transport: "tcp",
    like: "keepalive-line-stream",
    serve,
    honest: ({ address }) => sendAndHear(address),
  }],
};

async function serve(): Promise<Served> {
  const behind = await serveKeepalive({ port: 0 });
  // Read and not kept: what the proxy holds is measured.
  const ignored = (async () => {
    for await (const _ of behind);
  })();
  const server = await serveProxy({ listen: { port: 0 }, upstream: behind.address });
  return {
    address: server.address,
    [Symbol.asyncIterator]: () => server[Symbol.asyncIterator](),
    async close() {
      await server.close();
      await behind.close();
      await ignored;
    },
  };
}
