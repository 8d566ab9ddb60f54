/** TCP heartbeats. @module */
import { sendTcpHeartbeats } from "../../tcp/client.ts";
import { serveTcpHeartbeats } from "../../tcp/server.ts";
import { TCP_TARGETS } from "../fuzz/targets/tcp.ts";
import { tcp as scenario } from "../simulation/scenarios/tcp.ts";
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
      await using client = await sendTcpHeartbeats({ ...address, interval: 20, ack: true });
      for await (const { type } of client) if (type === "acked") return;
      throw new Error("Wanted an ack, the client ended before");
    },
  }],
};
