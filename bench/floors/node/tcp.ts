/**
 * The least code that reads from any number of connections on Node, which chooses the buffers itself.
 *
 * This file knows sockets and a count. It does not look at a byte.
 *
 * @module
 */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { answer, intervalAnswers, memoryAnswer } from "../../harness/worker.ts";

const MESSAGE_BYTES = 59;
let bytes = 0;
const server = createServer((socket) => {
  socket.on("data", ({ length }) => void (bytes += length));
  // The load was killed.
  socket.on("error", () => {});
}).listen({ port: 0, host: "127.0.0.1", backlog: 4_096 });
await once(server, "listening");
const { port } = server.address() as AddressInfo;
await answer({ port }, {
  ...intervalAnswers(() => bytes / MESSAGE_BYTES),
  ...memoryAnswer(),
});
