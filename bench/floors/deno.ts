/**
 * The floors over Deno's own sockets.
 *
 * @module
 */
import { type Link, serveFloor } from "../harness/floor.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 };

function linkOf(connection: Deno.TcpConn): Link {
  connection.setNoDelay(true);
  // Closed where the peer has ended, or the thousands of one load would stay open beside those of the next.
  let ended = false;
  return {
    async read(take, most) {
      const buffer = new Uint8Array(most);
      for (let count; (count = await connection.read(buffer)) !== null;) {
        const taken = take(count, buffer);
        if (taken) await taken;
      }
      ended = true;
      connection.close();
    },
    write: (bytes) => connection.write(bytes),
    close: () => ended || connection.close(),
  };
}

await serveFloor({
  datagrams(echo) {
    const socket = Deno.listenDatagram({ ...LOCAL, transport: "udp" });
    const buffer = new Uint8Array(65_536);
    let count = 0;
    void (async () => {
      for (;;) {
        const [bytes, from] = await socket.receive(buffer);
        if (echo) await socket.send(bytes, from);
        count++;
      }
    })();
    return { port: (socket.addr as Deno.NetAddr).port, count: () => count };
  },
  listen(take) {
    // A backlog as the library's.
    const listener = Deno.listen({ ...LOCAL, tcpBacklog: 4_096 });
    void (async () => {
      for await (const connection of listener) {
        const link = linkOf(connection);
        void take(link)?.catch(() => link.close());
      }
    })();
    return listener.addr.port;
  },
  connect: async (port) => linkOf(await Deno.connect({ ...LOCAL, port })),
});
