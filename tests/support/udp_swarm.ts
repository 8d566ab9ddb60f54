/**
 * Many UDP heartbeat clients in one process, for tests of the server that need a real network.
 *
 * ```text
 * deno run --allow-net=127.0.0.1 tests/support/udp_swarm.ts PORT CLIENTS PERIOD_MS
 * ```
 *
 * Prints `ready` once all are started at the same instant, then obeys lines on its standard input:
 * `stop N` lets client N die and prints its address, `end` ends all and prints how many datagrams
 * were sent, and for how many milliseconds this process was kept from sending.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { formatAddress } from "../../core/address.ts";
import type { DatagramSocket } from "../../net/datagram.ts";
import type { Net } from "../../net/net.ts";
import { openNet } from "../../net/open.ts";
import { sendUdpHeartbeats } from "../../udp/client.ts";
import { watchPauses } from "./pauses.ts";

const [port, count, interval] = process.argv.slice(2).map(Number) as [number, number, number];
let sent = 0;

/** The sockets of this runtime, counting what they send. */
const net = await openNet();
const counting: Net = {
  ...net,
  async bindDatagram(at) {
    const socket = await net.bindDatagram(at);
    const send: DatagramSocket["send"] = (bytes, to, done, failed) => {
      const counted = (): void => {
        sent++;
        done();
      };
      socket.send(bytes, to, counted, failed);
    };
    return { ...socket, send };
  },
};

// Half an interval later than clients do, so that opening the last socket delays nobody's first burst.
const random = () => 0.5 + Math.random();
const clients = await Promise.all(
  Array.from({ length: count }, () => sendUdpHeartbeats({ port, interval, random, net: counting })),
);
const pauses = watchPauses();
console.log("ready");

for await (const line of createInterface({ input: process.stdin })) {
  const [word, index] = line.split(" ");
  if (word === "end") break;
  const client = clients[Number(index)]!;
  await client.close();
  console.log(formatAddress(client.address));
}
await Promise.all(clients.map((client) => client.close()));
console.log(`${sent} ${pauses.end()}`);
// Standard input is still open and would keep the process.
process.exit(0);
