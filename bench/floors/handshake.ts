/**
 * The least code that answers datagrams in this runtime: an echo.
 *
 * This file knows a socket and a count. It does not look at a byte.
 *
 * @module
 */
import { answer, intervalAnswers } from "../harness/worker.ts";

const socket = Deno.listenDatagram({ hostname: "127.0.0.1", port: 0, transport: "udp" });
const buffer = new Uint8Array(65_536);
let answered = 0;

async function echo(): Promise<never> {
  for (;;) {
    const [bytes, from] = await socket.receive(buffer);
    await socket.send(bytes, from);
    answered++;
  }
}

void echo();
await answer({ port: (socket.addr as Deno.NetAddr).port }, intervalAnswers(() => answered));
