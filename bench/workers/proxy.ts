/**
 * The library's proxy, or the least code that forwards, in front of a port.
 *
 * This file knows both forwarders and counts what they read from clients. It does not know who sends.
 *
 * @module
 */
import { answer, intervalAnswers } from "../harness/worker.ts";
import { serveProxy } from "../../proxy/mod.ts";

const [kind, server] = Deno.args as [string, string];
const upstream = { hostname: "127.0.0.1", port: Number(server) };
let bytes = 0;

/** `read` and `write` in a loop, over native sockets. */
function forward(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  void (async () => {
    for await (const client of listener) void link(client);
  })();
  return listener.addr.port;
}

async function link(client: Deno.TcpConn): Promise<void> {
  const server = await Deno.connect(upstream);
  for (const connection of [client, server]) connection.setNoDelay(true);
  await Promise.allSettled([
    pump(client, server, (count) => bytes += count),
    pump(server, client, () => {}),
  ]);
  client.close();
  server.close();
}

async function pump(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  counted: (count: number) => void,
): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (let count; (count = await from.read(buffer)) !== null;) {
    counted(count);
    for (let sent = 0; sent < count;) sent += await to.write(buffer.subarray(sent, count));
  }
  await to.closeWrite();
}

async function proxy(): Promise<number> {
  const proxy = await serveProxy({ listen: { port: 0 }, upstream });
  const gone: number[] = [];
  const open = new Set<string>();
  void (async () => {
    for await (const event of proxy) {
      if (event.type === "connected") open.add(event.link);
      if (event.type !== "disconnected") continue;
      open.delete(event.link);
      gone.push(event.up);
    }
  })();
  count = () =>
    gone.reduce((sum, up) => sum + up, 0) +
    [...open].reduce((sum, link) => sum + (proxy.received(link)?.up ?? 0), 0);
  return proxy.address.port;
}

let count = (): number => bytes;
const port = kind === "ours" ? await proxy() : forward();
await answer({ port }, intervalAnswers(() => count()));
