/** Keepalive connections. @module */
import { assertEquals } from "@std/assert";
import type { Address } from "../../core/address.ts";
import { connectKeepalive } from "../../keepalive/client.ts";
import { serveKeepalive } from "../../keepalive/server.ts";
import { KEEPALIVE_TARGETS } from "../fuzz/targets/keepalive.ts";
import { keepalive as scenario } from "../simulation/scenarios/keepalive.ts";
import type { Protocol } from "./protocol.ts";

/** See {@linkcode Protocol}. */
export const keepalive: Protocol = {
  name: "keepalive",
  targets: KEEPALIVE_TARGETS,
  scenario,
  servers: [{
    name: "keepalive",
    transport: "tcp",
    like: "keepalive-line-stream",
    command: { file: "keepalive_server", args: ["127.0.0.1", "0", "--json"] },
    serve: () => serveKeepalive({ port: 0 }),
    honest: ({ address }) => sendAndHear(address),
  }],
};

/** Sends one message and waits for its reply. */
export async function sendAndHear(address: Address): Promise<void> {
  await using client = await connectKeepalive({ ...address, dataInterval: Infinity });
  const id = client.send("honest");
  for await (const event of client) {
    assertEquals(event.type === "disconnected", false, JSON.stringify(event));
    if (event.type === "reply") return assertEquals([event.id, event.payload], [id, "honest"]);
  }
  throw new Error("Wanted a reply, the client ended before");
}
