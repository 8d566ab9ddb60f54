/**
 * The least code that receives datagrams in this runtime.
 *
 * This file knows a socket and a count. It does not look at a byte.
 *
 * @module
 */
import { answer, intervalAnswers } from "../harness/worker.ts";

const socket = Deno.listenDatagram({ hostname: "127.0.0.1", port: 0, transport: "udp" });
const buffer = new Uint8Array(65_536);
let received = 0;

async function receive(): Promise<never> {
  for (;;) {
    await socket.receive(buffer);
    received++;
  }
}

void receive();
await answer({ port: (socket.addr as Deno.NetAddr).port }, intervalAnswers(() => received));
