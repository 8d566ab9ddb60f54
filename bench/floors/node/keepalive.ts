/**
 * The least code on Node that writes a probe per interval to each of many connections and reads the
 * answers.
 *
 * This file knows sockets and a wheel that turns 100 times a second. It keeps a count of probes for each
 * connection and looks at no byte that comes.
 *
 * @module
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import process from "node:process";
import { answer, intervalAnswers } from "../../harness/worker.ts";

const interval = Number(process.argv[2]);
/** In ms: probes that are due within it leave together. */
const TURN = 10;
const wheel: Probed[][] = Array.from({ length: interval / TURN }, () => []);
let place = 0;
let connected = 0;
let answered = 0;

interface Probed {
  readonly connection: Socket;
  probes: number;
}

function accept(connection: Socket): void {
  connected++;
  wheel[place]!.push({ connection, probes: 0 });
  connection.on("data", () => answered++);
  // The load was killed.
  connection.on("error", () => {});
}

async function turn(): Promise<void> {
  for (let due = performance.now() + TURN;; due += TURN) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    place = (place + 1) % wheel.length;
    for (const probed of wheel[place]!) {
      probed.connection.write(`HEARTBEAT ${++probed.probes}\n`);
    }
  }
}

const server = createServer({ noDelay: true }, accept);
server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 });
await once(server, "listening");
void turn();
await answer({ port: (server.address() as AddressInfo).port }, {
  ...intervalAnswers(() => answered),
  probed: () => connected,
});
