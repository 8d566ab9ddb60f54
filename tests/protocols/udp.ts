/** UDP heartbeats. @module */
import { sendUdpHeartbeats } from "../../udp/client.ts";
import { serveUdpHeartbeats } from "../../udp/server.ts";
import { UDP_TARGETS } from "../fuzz/targets/udp.ts";
import { udp as scenario } from "../simulation/scenarios/udp.ts";
import type { Protocol } from "./protocol.ts";

/** See {@linkcode Protocol}. */
export const udp: Protocol = {
  name: "udp",
  targets: UDP_TARGETS,
  scenario,
  servers: [{
    name: "udp",
    transport: "udp",
    like: "udp-heartbeat",
    serve: () => serveUdpHeartbeats({ port: 0, autoRegisterTimeout: 500, forgetAfter: 500 }),
    async honest(server) {
      // A flood may push datagrams out of the kernel's buffer, so it goes on until it is heard.
      await using client = await sendUdpHeartbeats({ port: server.address.port, interval: 20 });
      let local: string | undefined;
      for await (const event of client) {
        if (event.type === "started") local = event.local;
        if (server.clients?.().some(({ client }) => client === local)) break;
      }
    },
  }],
};
