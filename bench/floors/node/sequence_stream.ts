/**
 * The bytes of one sequence without an interval through bare sockets of Node, one of which is this process.
 *
 * This file writes the lines and counts line feeds, and looks at nothing else. It does not know how long
 * is measured.
 *
 * @module
 */
import { once } from "node:events";
import { type AddressInfo, createConnection, createServer } from "node:net";
import process from "node:process";
import { numberLines } from "../../harness/number_lines.ts";
import { passes } from "../../harness/passes.ts";
import { answer, intervalAnswers } from "../../harness/worker.ts";

const port = process.argv[2];
const LINE_FEED = 10;
let received = 0;

async function serve(): Promise<number> {
  const chunks = numberLines();
  const server = createServer(async (socket) => {
    for (const chunk of chunks) if (!socket.write(chunk)) await once(socket, "drain");
    socket.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function receive(): Promise<void> {
  const socket = createConnection({ host: "127.0.0.1", port: Number(port) });
  socket.on("data", (bytes) => {
    for (let at = -1; (at = bytes.indexOf(LINE_FEED, at + 1)) >= 0;) received++;
  });
  await once(socket, "close");
}

const ready = port === undefined ? { port: await serve() } : {};
const count = (): number => received;
await answer(ready, { ...intervalAnswers(count), run: () => passes(receive, count) });
