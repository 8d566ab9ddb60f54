/**
 * The least code that writes a probe per interval to each of many connections and reads the answers.
 *
 * This file knows sockets and a wheel with a place for each millisecond of the interval. It keeps a
 * count of probes for each connection and looks at no byte that comes.
 *
 * @module
 */
import { answer, intervalAnswers } from "../harness/worker.ts";

const interval = Number(Deno.args[0]);
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 4_096 });
const encoder = new TextEncoder();
const wheel: Probed[][] = Array.from({ length: interval }, () => []);
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
    wheel[Math.ceil(performance.now()) % interval]!.push({ connection, probes: 0 });
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
  for (let due = Math.ceil(performance.now());;) {
    for (; due <= performance.now(); due++) {
      for (const probed of wheel[due % interval]!) {
        const line = encoder.encode(`HEARTBEAT ${++probed.probes}\n`);
        probed.connection.write(line).catch(() => {});
      }
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
  }
}

void accept();
void turn();
await answer({ port: listener.addr.port }, {
  ...intervalAnswers(() => answered),
  probed: () => connected,
});
