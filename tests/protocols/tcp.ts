/** TCP heartbeats. @module */
import { assertEquals } from "@std/assert";
import { sendTcpHeartbeats } from "../../tcp/client.ts";
import { serveTcpHeartbeats } from "../../tcp/server.ts";
import { TCP_TARGETS } from "../fuzz/targets/tcp.ts";
import { tcp as scenario } from "../simulation/scenarios/tcp.ts";
import { collect } from "../support/collect.ts";
import type { Protocol } from "./protocol.ts";

/** See {@linkcode Protocol}. */
export const tcp: Protocol = {
  name: "tcp",
  targets: TCP_TARGETS,
  scenario,
  servers: [{
    name: "tcp",
    transport: "tcp",
    like: "tcp-heartbeat-stream",
    command: { file: "tcp_server", args: ["-p", "0", "--ack", "--json"] },
    serve: () => serveTcpHeartbeats({ port: 0, ack: true }),
    async honest({ address }) {
      const client = await sendTcpHeartbeats({ ...address, interval: 20, count: 2, ack: true });
      const events = await collect(client);
      assertEquals(events.at(-1)?.type, "done", JSON.stringify(events));
      assertEquals(events.some(({ type }) => type === "acked"), true);
    },
  }],
};
