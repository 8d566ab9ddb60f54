/**
 * A protocol of one's own, a small calculator, over a connection that knows whether the other end is
 * alive: payloads go in and come out, and neither side sees a heartbeat.
 *
 *     deno run --allow-net examples/own_protocol_over_keepalive.ts
 */
import { connectKeepalive, serveKeepalive } from "@heartline/heartline/keepalive";

function calculate(payload: string): string {
  const { add } = JSON.parse(payload) as { add: number[] };
  return JSON.stringify({ sum: add.reduce((a, b) => a + b, 0) });
}

await using server = await serveKeepalive({ port: 0, reply: calculate });
await using client = await connectKeepalive({
  port: server.address.port,
  dataInterval: Infinity, // nothing but what we send
  dataThreshold: 200, // a short patience, in ms, so that there is something to see
  heartBeatInterval: 100,
});

client.send(JSON.stringify({ add: [1, 2, 3] }));
for await (const event of client) {
  switch (event.type) {
    case "reply":
      console.log(`${event.payload} after ${event.rtt?.toFixed(1)} ms`);
      break;
    case "probe-answered": // we had nothing to say for a while
      console.log(`still there: heartbeat ${event.id} took ${event.rtt?.toFixed(1)} ms`);
      if (event.id === 3) await client.close();
      break;
    case "disconnected":
      console.log(`lost the server: ${event.reason}`);
  }
}
