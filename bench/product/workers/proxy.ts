/**
 * The library's proxy in front of a port.
 *
 * This file knows the public API and counts what was read from clients. It does not know who sends.
 *
 * @module
 */
import process from "node:process";
import { answer, intervalAnswers } from "../../harness/worker.ts";
import { serveProxy } from "../../../proxy/mod.ts";

const upstream = { hostname: "127.0.0.1", port: Number(process.argv[2]) };
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

function bytes(): number {
  return gone.reduce((sum, up) => sum + up, 0) +
    [...open].reduce((sum, link) => sum + (proxy.received(link)?.up ?? 0), 0);
}

await answer({ port: proxy.address.port }, intervalAnswers(bytes));
