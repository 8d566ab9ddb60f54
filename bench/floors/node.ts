/**
 * The least code on Node that does the work of each server: it counts, and looks at no byte.
 *
 * @module
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import {
  BACKLOG,
  linesIn,
  MESSAGE_BYTES,
  numberLines,
  PROBE_TURN,
  serveFloor,
  WELCOME,
  Wheel,
} from "../harness/floor.ts";
import { latenessOf } from "../harness/statistics.ts";
import { rateOf, taking } from "../harness/worker.ts";

const HOST = "127.0.0.1";

/** Receives datagrams. */
async function udp() {
  let received = 0;
  const socket = createSocket("udp4", () => received++).bind(0, HOST);
  await once(socket, "listening");
  return { port: socket.address().port, count: () => received };
}

/** Sends each datagram back. */
async function echo() {
  let answered = 0;
  const socket = createSocket("udp4", (bytes, { port, address }) => {
    socket.send(bytes, port, address);
    answered++;
  }).bind(0, HOST);
  await once(socket, "listening");
  return { port: socket.address().port, count: () => answered };
}

/** Reads from any number of connections; Node chooses the buffers itself. */
async function tcp() {
  let bytes = 0;
  const port = await listen((socket) => {
    socket.on("data", ({ length }) => void (bytes += length));
  });
  return { port, count: () => bytes / MESSAGE_BYTES };
}

/** Writes a probe per interval to each of many connections, and reads the answers. */
async function keepalive(interval: number) {
  const wheel = new Wheel<{ socket: Socket; probes: number }>(interval, PROBE_TURN);
  let connected = 0, answered = 0;
  const port = await listen((socket) => {
    connected++;
    wheel.add({ socket, probes: 0 });
    socket.on("data", () => answered++);
  });
  void wheel.run((probed) => probed.socket.write(`HEARTBEAT ${++probed.probes}\n`));
  return { port, count: () => answered, answers: { probed: () => connected } };
}

/** Forwards between clients and a port. */
async function proxy(port: number) {
  let bytes = 0;
  const own = await listen((client) => {
    const server = createConnection({ host: HOST, port, noDelay: true });
    client.on("data", ({ length }) => void (bytes += length));
    client.pipe(server).pipe(client);
    server.on("error", () => {});
  });
  return { port: own, count: () => bytes };
}

/** Writes a sequence to whoever connects; with the port of another, reads one after the other. */
async function stream(port?: number) {
  let received = 0;
  const chunks = numberLines();
  const send = async (socket: Socket): Promise<void> => {
    for (const chunk of chunks) if (!socket.write(chunk)) await once(socket, "drain");
    socket.end();
  };
  const receive = async (): Promise<void> => {
    const socket = createConnection({ host: HOST, port: port! });
    socket.on("data", (bytes) => received += linesIn(bytes));
    await once(socket, "close");
  };
  const count = (): number => received;
  if (port === undefined) return { port: await listen(send), count };
  return { count, answers: { run: () => rateOf(receive, count) } };
}

/**
 * Writes a line per interval to each of many connections, on schedule; what clients that talk say it reads
 * after a WELCOME.
 */
async function writer(interval: number, _clients: number, talking: number) {
  const wheel = new Wheel<{ socket: Socket; next: number }>(interval, 1);
  const lateness = taking<number>();
  let lines = 0;
  const write = (one: { socket: Socket; next: number }): void => {
    one.socket.write(`NUMBER ${one.next++} 3848541339\n`);
  };
  const begin = (socket: Socket): void => {
    const one = { socket, next: 0 };
    write(one);
    wheel.add(one);
  };
  const converse = (socket: Socket): void => {
    socket.once("data", () => {
      socket.write(WELCOME);
      begin(socket);
      socket.on("data", () => {});
    });
  };
  const port = await listen(talking ? converse : begin, !talking);
  void wheel.run((one, late) => {
    lateness.add(late);
    write(one);
    lines++;
  });
  const answers = { lateness: () => latenessOf(lateness.take()) };
  return { port, count: () => lines, answers };
}

/** Takes every connection, which is not read from where `paused`; returns the port. */
async function listen(take: (socket: Socket) => unknown, paused = false): Promise<number> {
  const server = createServer({ noDelay: true, pauseOnConnect: paused }, (socket) => {
    // A connection ends by an error when its load was killed.
    socket.on("error", () => {});
    take(socket);
  }).listen({ port: 0, host: HOST, backlog: BACKLOG });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

await serveFloor({ udp, echo, tcp, keepalive, proxy, stream, writer });
