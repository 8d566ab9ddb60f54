/**
 * Sends back what comes; with the port of another, measures round trips of one small message to it.
 *
 * @module
 */
import { quantile } from "../harness/statistics.ts";
import { answer } from "../harness/worker.ts";

const hostname = "127.0.0.1";

async function echo(connection: Deno.TcpConn): Promise<void> {
  connection.setNoDelay(true);
  const buffer = new Uint8Array(1_024);
  for (let count; (count = await connection.read(buffer)) !== null;) {
    await connection.write(buffer.subarray(0, count));
  }
  connection.close();
}

async function serve(): Promise<void> {
  const listener = Deno.listen({ hostname, port: 0 });
  void (async () => {
    for await (const connection of listener) void echo(connection);
  })();
  await answer({ port: listener.addr.port }, {});
}

async function ping(port: number): Promise<void> {
  const connection = await Deno.connect({ hostname, port });
  connection.setNoDelay(true);
  const message = new TextEncoder().encode("NUMBER 12345 3848541339\n");
  const buffer = new Uint8Array(1_024);
  const run = async (): Promise<{ p50: number; p99: number }> => {
    const trips = new Float64Array(5_000);
    for (const n of trips.keys()) {
      const started = performance.now();
      await connection.write(message);
      for (let count = 0; count < message.length;) {
        count += await connection.read(buffer) ?? Infinity;
      }
      trips[n] = performance.now() - started;
    }
    trips.sort();
    return { p50: quantile(trips, 0.5), p99: quantile(trips, 0.99) };
  };
  await answer({}, { run });
}

const [port] = Deno.args;
await (port === undefined ? serve() : ping(Number(port)));
