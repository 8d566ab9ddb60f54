/**
 * The least code that writes a line per interval to each of many connections, on schedule.
 *
 * This file knows sockets and a wheel with a place for each millisecond of the interval. It keeps nothing
 * but a count of lines for each connection, and reads nothing; for clients that talk it reads what they
 * say, looks at none of it, and begins with a WELCOME.
 *
 * @module
 */
import { LatenessLog } from "../harness/lateness.ts";
import { answer, intervalAnswers, memoryAnswer } from "../harness/worker.ts";

const interval = Number(Deno.args[0]);
const talking = Deno.args[2] === "talking";
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
    if (talking) void read(stream);
    else begin(stream);
  }
}

function begin(stream: Stream): void {
  write(stream);
  wheel[Math.ceil(performance.now()) % interval]!.push(stream);
}

async function read(stream: Stream): Promise<void> {
  const { connection } = stream;
  const buffer = new Uint8Array(READ);
  try {
    await connection.read(buffer);
    await connection.write(WELCOME);
    begin(stream);
    while (await connection.read(buffer) !== null);
  } catch {
    // It is gone when the load was stopped.
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

const READ = 256;
const WELCOME = encoder.encode(`WELCOME ${"0".repeat(32)} ${"0".repeat(32)} 1 1000 5000 30000\n`);

void accept();
void turn();
await answer({ port: listener.addr.port }, {
  ...intervalAnswers(() => lines),
  ...memory,
  lateness: () => lateness.take(),
});
