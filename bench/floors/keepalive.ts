/**
 * The least code that writes a probe per interval to each of many connections and reads the answers.
 *
 * This file knows sockets and a wheel that turns 100 times a second. It keeps a count of probes for each
 * connection and looks at no byte that comes.
 *
 * @module
 */
import { answer, intervalAnswers } from "../harness/worker.ts";

const interval = Number(Deno.args[0]);
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 4_096 });
const encoder = new TextEncoder();
/** In ms: probes that are due within it leave together. */
const TURN = 10;
const wheel: Probed[][] = Array.from({ length: interval / TURN }, () => []);
let place = 0;
let connected = 0;
let answered = 0;

interface Probed {
  readonly connection: Deno.TcpConn;
  probes: number;
}

async function accept(): Promise<void> {
  for await (const connection of listener) {
    connection.setNoDelay(true);
    connected++;
    wheel[place]!.push({ connection, probes: 0 });
    void read(connection);
  }
}

async function read(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(1_024);
  try {
    while (await connection.read(buffer) !== null) answered++;
  } catch {
    // The load was killed.
  }
}

async function turn(): Promise<void> {
  for (let due = performance.now() + TURN;; due += TURN) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    place = (place + 1) % wheel.length;
    for (const probed of wheel[place]!) {
      const line = encoder.encode(`HEARTBEAT ${++probed.probes}\n`);
      probed.connection.write(line).catch(() => {});
    }
  }
}

void accept();
void turn();
await answer({ port: listener.addr.port }, {
  ...intervalAnswers(() => answered),
  probed: () => connected,
});
