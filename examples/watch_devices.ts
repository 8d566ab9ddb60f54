/**
 * Watches two devices and prints who is up and who is down; ends with Ctrl-C. A device, in another
 * terminal:
 *
 *     deno run --allow-net examples/watch_devices.ts
 *     deno task udp-client --bind 127.0.0.1:5001 --period 5s
 */
import process from "node:process";
import { serveUdpHeartbeats } from "@heartline/heartline/udp";

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

const server = await serveUdpHeartbeats({
  port: 6500,
  grace: 1_000,
  clients: [
    { address: "127.0.0.1:5001", timeout: 30_000, group: "greenhouse" },
    { address: "127.0.0.1:5002", timeout: 30_000, group: "greenhouse" },
  ],
  signal: stop.signal,
});

for await (const event of server) {
  switch (event.type) {
    case "up":
    case "recovered":
      console.log(`${event.client} is up`);
      break;
    case "down":
      console.log(`${event.client} is down, silent for ${event.silentFor} ms`);
      break;
    case "group-down":
      console.log(`${event.group} is down: ${event.clients.join(", ")}`);
      break;
  }
}
