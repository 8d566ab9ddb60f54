/**
 * The least code that writes a line per interval to each of many connections, on schedule.
 *
 * This file knows sockets and a wheel with a place for each millisecond of the interval. It reads
 * nothing and keeps nothing but a count of lines for each connection.
 *
 * @module
 */
import { LatenessLog } from "../harness/lateness.ts";
import { answer, intervalAnswers, memoryAnswer } from "../harness/worker.ts";

const interval = Number(Deno.args[0]);
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const encoder = new TextEncoder();
const wheel: Stream[][] = Array.from({ length: interval }, () => []);
const memory = memoryAnswer();
let lines = 0;
const lateness = new LatenessLog();

interface Stream {
  readonly connection: Deno.TcpConn;
  next: number;
}

async function accept(): Promise<void> {
  for await (const connection of listener) {
    connection.setNoDelay(true);
    const stream = { connection, next: 0 };
    write(stream);
    wheel[Math.ceil(performance.now()) % interval]!.push(stream);
  }
}

function write(stream: Stream): void {
  const line = encoder.encode(`NUMBER ${stream.next++} 3848541339\n`);
  // It is gone when the load was stopped.
  stream.connection.write(line).catch(() => {});
}

async function turn(): Promise<void> {
  for (let due = Math.ceil(performance.now());;) {
    for (; due <= performance.now(); due++) {
      for (const stream of wheel[due % interval]!) {
        lateness.add(performance.now() - due);
        write(stream);
        lines++;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
  }
}

void accept();
void turn();
await answer({ port: listener.addr.port }, {
  ...intervalAnswers(() => lines),
  ...memory,
  lateness: () => lateness.take(),
});
