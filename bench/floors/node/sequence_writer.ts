/**
 * The least code that writes a line per interval to each of many connections on Node, on schedule.
 *
 * This file knows sockets and a wheel with a place for each millisecond of the interval. It keeps nothing
 * but a count of lines for each connection, and reads nothing; for clients that talk it reads what they
 * say, looks at none of it, and begins with a WELCOME.
 *
 * @module
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import process from "node:process";
import { LatenessLog } from "../../harness/lateness.ts";
import { answer, intervalAnswers, memoryAnswer } from "../../harness/worker.ts";

const interval = Number(process.argv[2]);
const talking = process.argv[4] === "talking";
const wheel: Stream[][] = Array.from({ length: interval }, () => []);
const memory = memoryAnswer();
const lateness = new LatenessLog();
let lines = 0;

interface Stream {
  readonly socket: Socket;
  next: number;
}

function accept(socket: Socket): void {
  // It is gone when the load was stopped.
  socket.on("error", () => {});
  const stream = { socket, next: 0 };
  if (!talking) return begin(stream);
  socket.once("data", () => {
    socket.write(WELCOME);
    begin(stream);
    socket.on("data", () => {});
  });
}

function begin(stream: Stream): void {
  write(stream);
  wheel[Math.ceil(performance.now()) % interval]!.push(stream);
}

function write(stream: Stream): void {
  stream.socket.write(`NUMBER ${stream.next++} 3848541339\n`);
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

const WELCOME = `WELCOME ${"0".repeat(32)} ${"0".repeat(32)} 1 1000 5000 30000\n`;

const server = createServer({ noDelay: true, pauseOnConnect: !talking }, accept)
  .listen({ port: 0, host: "127.0.0.1", backlog: 4_096 });
await once(server, "listening");
void turn();
await answer({ port: (server.address() as AddressInfo).port }, {
  ...intervalAnswers(() => lines),
  ...memory,
  lateness: () => lateness.take(),
});
