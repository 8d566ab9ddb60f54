/**
 * The least code on Deno that does the work of each server: it counts, and looks at no byte.
 *
 * @module
 */
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
import { rateOf, taking } from "../harness/worker.ts";
import { latenessOf } from "../harness/statistics.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 };
const LARGEST_READ = 65_536;
const encoder = new TextEncoder();

/** Receives datagrams. */
function udp() {
  const { socket, port, buffer } = datagrams();
  let received = 0;
  void (async () => {
    for (;;) {
      await socket.receive(buffer);
      received++;
    }
  })();
  return { port, count: () => received };
}

/** Sends each datagram back. */
function echo() {
  const { socket, port, buffer } = datagrams();
  let answered = 0;
  void (async () => {
    for (;;) {
      const [bytes, from] = await socket.receive(buffer);
      await socket.send(bytes, from);
      answered++;
    }
  })();
  return { port, count: () => answered };
}

/** Reads from any number of connections, so many bytes at once. */
function tcp(atOnce: number) {
  let bytes = 0;
  const port = listen((connection) => read(connection, atOnce, (count) => bytes += count));
  return { port, count: () => bytes / MESSAGE_BYTES };
}

/** Writes a probe per interval to each of many connections, and reads the answers. */
function keepalive(interval: number) {
  const wheel = new Wheel<{ connection: Deno.TcpConn; probes: number }>(interval, PROBE_TURN);
  let connected = 0, answered = 0;
  const port = listen((connection) => {
    connected++;
    wheel.add({ connection, probes: 0 });
    return read(connection, 1_024, () => answered++);
  });
  void wheel.run((probed) => {
    const line = encoder.encode(`HEARTBEAT ${++probed.probes}\n`);
    probed.connection.write(line).catch(() => {});
  });
  return { port, count: () => answered, answers: { probed: () => connected } };
}

/** Forwards between clients and a port. */
function proxy(port: number) {
  let bytes = 0;
  return {
    port: listen(async (client) => {
      const server = await Deno.connect({ ...LOCAL, port });
      server.setNoDelay(true);
      await Promise.allSettled([
        pump(client, server, (count) => bytes += count),
        pump(server, client, () => {}),
      ]);
      client.close();
      server.close();
    }),
    count: () => bytes,
  };
}

/** Writes a sequence to whoever connects; with the port of another, reads one after the other. */
function stream(port?: number) {
  let received = 0;
  const chunks = numberLines();
  const send = async (connection: Deno.TcpConn): Promise<void> => {
    for (const chunk of chunks) await writeAll(connection, chunk);
    connection.close();
  };
  const receive = async (): Promise<void> => {
    const connection = await Deno.connect({ ...LOCAL, port: port! });
    const buffer = new Uint8Array(LARGEST_READ);
    for (let length; (length = await connection.read(buffer)) !== null;) {
      received += linesIn(buffer, length);
    }
    connection.close();
  };
  const count = (): number => received;
  if (port === undefined) return { port: listen(send), count };
  return { count, answers: { run: () => rateOf(receive, count) } };
}

/**
 * Writes a line per interval to each of many connections, on schedule; what clients that talk say it reads
 * after a WELCOME.
 */
function writer(interval: number, _clients: number, talking: number) {
  const wheel = new Wheel<{ connection: Deno.TcpConn; next: number }>(interval, 1);
  const lateness = taking<number>();
  let lines = 0;
  const write = (one: { connection: Deno.TcpConn; next: number }): void => {
    // It is gone when the load was stopped.
    one.connection.write(encoder.encode(`NUMBER ${one.next++} 3848541339\n`)).catch(() => {});
  };
  const begin = (connection: Deno.TcpConn): void => {
    const one = { connection, next: 0 };
    write(one);
    wheel.add(one);
  };
  const converse = async (connection: Deno.TcpConn): Promise<void> => {
    const buffer = new Uint8Array(256);
    await connection.read(buffer);
    await connection.write(encoder.encode(WELCOME));
    begin(connection);
    while (await connection.read(buffer) !== null);
  };
  const port = listen((connection) => talking ? converse(connection) : begin(connection));
  void wheel.run((one, late) => {
    lateness.add(late);
    write(one);
    lines++;
  });
  const answers = { lateness: () => latenessOf(lateness.take()) };
  return { port, count: () => lines, answers };
}

function datagrams() {
  const socket = Deno.listenDatagram({ ...LOCAL, transport: "udp" });
  return {
    socket,
    port: (socket.addr as Deno.NetAddr).port,
    buffer: new Uint8Array(LARGEST_READ),
  };
}

/** Takes every connection; returns the port. */
function listen(take: (connection: Deno.TcpConn) => unknown): number {
  const listener = Deno.listen({ ...LOCAL, tcpBacklog: BACKLOG });
  void (async () => {
    for await (const connection of listener) {
      connection.setNoDelay(true);
      // A connection ends by an error when its load was killed.
      void Promise.resolve(take(connection)).catch(() => connection.close());
    }
  })();
  return listener.addr.port;
}

async function read(
  from: Deno.TcpConn,
  atOnce: number,
  counted: (count: number) => void,
): Promise<void> {
  const buffer = new Uint8Array(atOnce);
  for (let count; (count = await from.read(buffer)) !== null;) counted(count);
  from.close();
}

async function pump(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  counted: (count: number) => void,
): Promise<void> {
  const buffer = new Uint8Array(LARGEST_READ);
  for (let count; (count = await from.read(buffer)) !== null;) {
    counted(count);
    await writeAll(to, buffer.subarray(0, count));
  }
  await to.closeWrite();
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await to.write(bytes.subarray(sent));
}

await serveFloor({ udp, echo, tcp, keepalive, proxy, stream, writer });
