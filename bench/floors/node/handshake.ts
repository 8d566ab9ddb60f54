/**
 * The least code that answers datagrams on Node: an echo.
 *
 * This file knows a socket and a count. It does not look at a byte.
 *
 * @module
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { answer, intervalAnswers } from "../../harness/worker.ts";

let answered = 0;
const socket = createSocket("udp4", (bytes, { port, address }) => {
  socket.send(bytes, port, address);
  answered++;
}).bind(0, "127.0.0.1");
await once(socket, "listening");
await answer({ port: socket.address().port }, intervalAnswers(() => answered));
