/**
 * The library's proxy in front of a port, counted by the bytes that were read from clients.
 *
 * @module
 */
import process from "node:process";
import { answerFor } from "../../harness/worker.ts";
import { serveProxy } from "../../../proxy/mod.ts";

const upstream = { hostname: "127.0.0.1", port: Number(process.argv[2]) };
const proxy = await serveProxy({ listen: { port: 0 }, upstream });
let ofClosed = 0;
const open = new Set<string>();

void (async () => {
  for await (const event of proxy) {
    if (event.type === "connected") open.add(event.link);
    if (event.type !== "disconnected") continue;
    open.delete(event.link);
    ofClosed += event.up;
  }
})();

function bytes(): number {
  return [...open].reduce((sum, link) => sum + (proxy.received(link)?.up ?? 0), ofClosed);
}

await answerFor(proxy.address.port, bytes);
