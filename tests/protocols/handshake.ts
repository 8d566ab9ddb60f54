/** Handshakes, over both transports. @module */
import { assertEquals } from "@std/assert";
import { connectHandshake } from "../../handshake/client.ts";
import { serveHandshake } from "../../handshake/server.ts";
import { HANDSHAKE_TARGETS } from "../fuzz/targets/handshake.ts";
import { handshake as scenario } from "../simulation/scenarios/handshake.ts";
import { collect } from "../support/collect.ts";
import type { Protocol, TestedServer } from "./protocol.ts";

/** See {@linkcode Protocol}. */
export const handshake: Protocol = {
  name: "handshake",
  targets: HANDSHAKE_TARGETS,
  scenario,
  servers: [
    over("udp"),
    {
      ...over("tcp"),
      command: { file: "handshake_server", args: ["127.0.0.1", "0", "--lease", "10ms", "--json"] },
    },
  ],
};

function over(transport: "udp" | "tcp"): TestedServer {
  let asked = 0;
  return {
    name: `handshake-${transport}`,
    transport,
    like: "handshake-hello-stream",
    serve: () => serveHandshake({ port: 0, lease: 500 }),
    async honest({ address }) {
      const id = `honest-${++asked}`;
      const events = await collect(await connectHandshake({ ...address, id, transport }));
      assertEquals(events.at(-1)?.type, "established", JSON.stringify(events));
    },
  };
}
