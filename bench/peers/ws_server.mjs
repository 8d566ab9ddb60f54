/**
 * TCP heartbeats over `ws`, with the recipe of its README for broken connections: a ping to each client
 * every interval, and whoever has not answered the last one is terminated.
 *
 * This file knows the recipe and the text of a heartbeat, out of which it takes number and delay. It
 * does not know which clients fall silent.
 *
 * @module
 */
import { answer, intervalAnswers, load, memoryAnswer, nameOf, wallClock } from "./worker.mjs";

const { WebSocketServer } = load("ws");
/** In ms; 30,000 in the README. */
const interval = Number(process.argv[2]);
const MESSAGE = /^Sequence #(\d+): Sending heartbeat at (\d+\.\d{4})\. $/;
let received = 0;
let gone = [];

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, backlog: 1024 });
server.on("connection", (socket) => {
  socket.isAlive = true;
  socket.missed = 0;
  socket.delay = 0;
  socket.on("error", () => {});
  socket.on("pong", alive);
  socket.on("message", take);
});

function alive() {
  this.isAlive = true;
}

function take(data) {
  const match = MESSAGE.exec(data.toString());
  if (!match) return;
  const number = Number(match[1]);
  if (number > this.next) this.missed += number - this.next;
  this.next = number + 1;
  this.delay += wallClock() - Number(match[2]) * 1000;
  received++;
}

setInterval(() => {
  for (const socket of server.clients) {
    if (!socket.isAlive) {
      gone.push(wallClock());
      socket.terminate();
      continue;
    }
    socket.isAlive = false;
    socket.ping();
  }
}, interval);

/** When clients were terminated, in ms of the wall clock, since this was last asked. */
function alarms() {
  const taken = gone;
  gone = [];
  return taken;
}

/** Keeps the loop from running, as a long computation does. */
function stall() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL);
}

const STALL = 3_500;

server.on("listening", () => {
  answer({ name: nameOf("ws"), framed: true, port: server.address().port }, {
    ...intervalAnswers(() => received),
    ...memoryAnswer(),
    clients: () => server.clients.size,
    alarms,
    stall,
  });
});
