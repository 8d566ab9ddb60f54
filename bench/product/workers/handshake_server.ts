/**
 * The library's handshake server, counted by the replies it gives to its socket.
 *
 * This file knows the public API. It does not know where the load comes from.
 *
 * @module
 */
import process from "node:process";
import { answer, intervalAnswers, memoryInUse } from "../../harness/worker.ts";
import { serveHandshake } from "../../../handshake/mod.ts";
import { openNet } from "../../../net/mod.ts";

const lease = Number(process.argv[2]);
const net = await openNet();
let answered = 0;
const server = await serveHandshake({
  port: 0,
  transport: "udp",
  lease,
  maxLeases: 1_000_000,
  net: {
    ...net,
    async bindDatagram(at) {
      const socket = await net.bindDatagram(at);
      const { send } = socket;
      socket.send = (bytes, to, sent, failed) => {
        answered++;
        send(bytes, to, sent, failed);
      };
      return socket;
    },
  },
});

await answer({ port: server.address.port }, {
  ...intervalAnswers(() => answered),
  leases: () => server.leases,
  memory: () => memoryInUse().held,
});
