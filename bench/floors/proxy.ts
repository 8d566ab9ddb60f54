/**
 * The least code that forwards, in front of a port: `read` and `write` in a loop, over native sockets.
 *
 * This file counts what it reads from clients. It does not know who sends.
 *
 * @module
 */
import { answer, intervalAnswers } from "../harness/worker.ts";

const upstream = { hostname: "127.0.0.1", port: Number(Deno.args[0]) };
let bytes = 0;

async function accept(listener: Deno.TcpListener): Promise<void> {
  for await (const client of listener) void link(client);
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

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
void accept(listener);
await answer({ port: listener.addr.port }, intervalAnswers(() => bytes));
