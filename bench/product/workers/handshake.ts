/**
 * The library's handshake server, counted by the replies that it gives to its socket.
 *
 * @module
 */
import process from "node:process";
import { answerFor } from "../../harness/worker.ts";
import { serveHandshake } from "../../../handshake/mod.ts";
import { openNet } from "../../../net/mod.ts";

const net = await openNet();
let answered = 0;
const server = await serveHandshake({
  port: 0,
  transport: "udp",
  lease: Number(process.argv[2]),
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

await answerFor(server.address.port, () => answered, { leases: () => server.leases });
