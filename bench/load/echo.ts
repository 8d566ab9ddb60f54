/**
 * Sends back what comes, and measures round trips of one small message to a port.
 *
 * This file knows an echo and a clock. It does not know what is between.
 *
 * @module
 */
import { answer } from "../harness/worker.ts";

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });

async function echo(connection: Deno.TcpConn): Promise<void> {
  connection.setNoDelay(true);
  const buffer = new Uint8Array(1_024);
  for (let count; (count = await connection.read(buffer)) !== null;) {
    await connection.write(buffer.subarray(0, count));
  }
  connection.close();
}

void (async () => {
  for await (const connection of listener) void echo(connection);
})();
await answer({ port: listener.addr.port }, {});
