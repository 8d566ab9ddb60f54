/**
 * The least code that receives datagrams on Node.
 *
 * This file knows a socket and a count. It does not look at a byte.
 *
 * @module
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { answer, intervalAnswers } from "../../harness/worker.ts";

let received = 0;
const socket = createSocket("udp4", () => received++).bind(0, "127.0.0.1");
await once(socket, "listening");
await answer({ port: socket.address().port }, intervalAnswers(() => received));
