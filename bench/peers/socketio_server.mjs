/**
 * Numbers at an interval over socket.io with connection state recovery: a stream for each client.
 *
 * A stream goes on while its client is away; what was emitted then comes with the recovery. A client that
 * is not recovered goes on with the number of that moment. Streams are driven by a wheel of milliseconds,
 * as in `bench/floors/sequence_writer.ts`, which costs less than a timer for each.
 *
 * This file knows the server of socket.io. It does not know what happens to its clients.
 *
 * @module
 */
import { createServer } from "node:http";
import { answer, intervalAnswers, latenessLog, load, memoryAnswer, nameOf } from "./worker.mjs";

const { Server } = load("socket.io");
/** In ms; a client is given up after three heartbeats without an answer, beyond the first. */
const [interval, heartbeat, recovery] = process.argv.slice(2).map(Number);
const { add, lateness } = latenessLog();
const streams = new Map();
const wheel = Array.from({ length: interval }, () => []);
let numbers = 0;
let recovered = 0;
let anew = 0;

const http = createServer();
const io = new Server(http, {
  transports: ["websocket"],
  pingInterval: heartbeat,
  pingTimeout: 3 * heartbeat,
  connectionStateRecovery: { maxDisconnectionDuration: recovery, skipMiddlewares: true },
});

io.on("connection", (socket) => {
  const name = socket.handshake.auth.stream;
  let stream = streams.get(name);
  if (socket.recovered) recovered++;
  else if (stream) {
    anew++;
    stream.room = socket.id;
  } else {
    stream = { room: socket.id, next: 0, confirmed: 0 };
    streams.set(name, stream);
    wheel[Math.ceil(performance.now()) % interval].push(stream);
  }
  socket.on("ack", (next) => stream.confirmed = next);
});

function write(stream) {
  const index = stream.next++;
  io.to(stream.room).emit("number", index, 3_848_541_339);
  numbers++;
}

async function turn() {
  for (let due = Math.ceil(performance.now());;) {
    for (; due <= performance.now(); due++) {
      for (const stream of wheel[due % interval]) {
        add(performance.now() - due);
        write(stream);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
  }
}

http.listen({ host: "127.0.0.1", port: 0, backlog: 1024 }, () => {
  turn();
  answer({ name: nameOf("socket.io"), port: http.address().port }, {
    ...intervalAnswers(() => numbers),
    ...memoryAnswer(),
    lateness,
    streams: () => ({
      recovered,
      anew,
      sent: Object.fromEntries(Array.from(streams, ([name, { next }]) => [name, next])),
    }),
  });
});
