/**
 * The least code that forwards on Node, in front of a port.
 *
 * This file counts what it reads from clients. It does not know who sends.
 *
 * @module
 */
import { once } from "node:events";
import { type AddressInfo, createConnection, createServer } from "node:net";
import process from "node:process";
import { answer, intervalAnswers } from "../../harness/worker.ts";

const upstream = { host: "127.0.0.1", port: Number(process.argv[2]), noDelay: true };
let bytes = 0;
const server = createServer({ noDelay: true }, (client) => {
  const up = createConnection(upstream);
  client.on("data", ({ length }) => void (bytes += length));
  client.pipe(up).pipe(client);
  // The load was killed.
  for (const socket of [client, up]) socket.on("error", () => {});
}).listen(0, "127.0.0.1");
await once(server, "listening");
await answer({ port: (server.address() as AddressInfo).port }, intervalAnswers(() => bytes));
