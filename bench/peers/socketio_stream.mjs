/**
 * One sequence after the other over socket.io with connection state recovery, as fast as it goes.
 *
 * Without a port it serves: an event for each number, and at the end the checksum. With one it receives.
 * The server waits for the transport after each batch, the client confirms each batch.
 *
 * This file knows both ends of socket.io. It does not know how long is measured.
 *
 * @module
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { Checked, LENGTH, rateOf, valueAt } from "./numbers.mjs";
import { answer, intervalAnswers, load, nameOf } from "./worker.mjs";

const BATCH = 4_096;
const port = process.argv[2];
let numbers = 0;

async function send(socket) {
  const sent = new Checked();
  while (sent.next < LENGTH && socket.connected) {
    const end = Math.min(LENGTH, sent.next + BATCH);
    while (sent.next < end) {
      const index = sent.next;
      const value = valueAt(index);
      sent.take(index, value);
      socket.emit("number", index, value);
    }
    numbers = sent.next;
    if (socket.conn.writeBuffer.length > 0) await once(socket.conn, "drain");
  }
  socket.emit("fin", sent.sum());
}

function serve() {
  const { Server } = load("socket.io");
  const http = createServer();
  const io = new Server(http, {
    transports: ["websocket"],
    connectionStateRecovery: { maxDisconnectionDuration: 30_000, skipMiddlewares: true },
  });
  io.on("connection", (socket) => {
    socket.on("ack", () => {});
    send(socket);
  });
  http.listen({ host: "127.0.0.1", port: 0 }, () => start({ port: http.address().port }));
}

function receive() {
  const { io } = load("socket.io-client");
  const received = new Checked();
  const options = { transports: ["websocket"], forceNew: true };
  const socket = io(`http://127.0.0.1:${port}`, options);
  return new Promise((resolve, reject) => {
    socket.on("number", (index, value) => {
      received.take(index, value);
      numbers++;
      if (received.next % BATCH === 0) socket.emit("ack", received.next);
    });
    socket.on("fin", (sum) => {
      socket.disconnect();
      if (sum === received.sum()) resolve();
      else reject(new Error("checksums differ"));
    });
  });
}

function start(ready) {
  answer({ name: nameOf("socket.io"), ...ready }, {
    ...intervalAnswers(() => numbers),
    run: () => rateOf(receive),
  });
}

if (port === undefined) serve();
else {
  // What cannot work says so before it is ready.
  await receive();
  start({});
}
