/**
 * A job that knows whether its supervisor hears it: TCP heartbeats with acknowledgements.
 *
 *     deno run --allow-net examples/confirmed_heartbeats.ts
 */
import { sendTcpHeartbeats, serveTcpHeartbeats } from "@heartline/heartline/tcp";

await using supervisor = await serveTcpHeartbeats({ port: 0, ack: true, timeout: 1_000 });
await using job = await sendTcpHeartbeats({
  hostname: "127.0.0.1",
  port: supervisor.address.port,
  interval: 100,
  ack: true,
  count: 5,
});

for await (const event of job) {
  if (event.type === "acked") console.log(`heard after ${event.rtt.toFixed(2)} ms`);
  if (event.type === "unconfirmed") console.log(`nobody heard ${event.count} heartbeats`);
}
for (const { client, sequence } of supervisor.clients()) console.log(client, sequence);
