/**
 * The floors over Node's own sockets, which choose their buffers themselves.
 *
 * @module
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { type Link, serveFloor } from "../harness/floor.ts";

const HOST = "127.0.0.1";

function linkOf(socket: Socket): Link {
  // A connection ends by an error when its load was killed.
  socket.on("error", () => {});
  return {
    async read(take) {
      socket.on("data", (bytes) => {
        const taken = take(bytes.length, bytes);
        if (!taken) return;
        socket.pause();
        void taken.then(() => socket.resume());
      });
      socket.resume();
      await once(socket, "close");
    },
    write: (bytes) =>
      socket.write(bytes) ? bytes.length : once(socket, "drain").then(() => bytes.length),
    close: () => socket.end(),
  };
}

await serveFloor({
  async datagrams(echo) {
    let count = 0;
    const socket = createSocket("udp4", (bytes, { port, address }) => {
      if (echo) socket.send(bytes, port, address);
      count++;
    }).bind(0, HOST);
    await once(socket, "listening");
    return { port: socket.address().port, count: () => count };
  },
  async listen(take) {
    const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
      void take(linkOf(socket));
    }).listen({ port: 0, host: HOST, backlog: 4_096 });
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  },
  connect: (port) => Promise.resolve(linkOf(createConnection({ host: HOST, port, noDelay: true }))),
});
