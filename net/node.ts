/**
 * The adapter to `node:dgram` and `node:net`, for Node and for Deno without `--unstable-net`.
 *
 * This file knows Node's sockets. It does not know any protocol and decides nothing.
 *
 * @module
 */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { createConnection, createServer, isIP, type Socket } from "node:net";
import { type Address, formatAddress } from "../core/address.ts";
import type { HeartlineError } from "../core/errors.ts";
import type { DatagramFailure, DatagramSocket } from "./datagram.ts";
import { failure } from "./failure.ts";
import { kernelDrops } from "./kernel_drops.ts";
import type { Net } from "./net.ts";
import { NodeReader } from "./node_reader.ts";
import { BACKLOG, type StreamConnection, type StreamListener, type StreamSink } from "./stream.ts";

/** Node's sockets. */
export const nodeNet: Net = {
  bindDatagram: async (at) => await bind(at, await own(at)),
  listenStream: async (at) => await listen(at, await own(at)),
  connectStream: connect,
  lookup: (hostname) => find(hostname, "find", { hostname, port: 0 }),
};

/** The address of this machine that a name stands for. A permission for the one is none for the other. */
async function own(at: Address): Promise<string> {
  await mayUse("listen on", at);
  const hostname = await find(at.hostname, "listen on", at);
  await mayUse("listen on", { hostname, port: at.port });
  return hostname;
}

async function find(hostname: string, act: string, where: Address): Promise<string> {
  if (isIP(hostname)) return hostname;
  try {
    return (await lookup(hostname)).address;
  } catch (error) {
    throw failure(act, where, error);
  }
}

/** On Deno, `bind` and `listen` throw a missing permission where nobody can catch it: ask first. */
async function mayUse(act: string, at: Address): Promise<void> {
  const permissions = globalThis.Deno?.permissions;
  if (!permissions) return;
  const { state } = await permissions.query({ name: "net", host: formatAddress(at) });
  if (state !== "granted") throw failure(act, at, { name: "NotCapable" });
}

async function bind(at: Address, hostname: string): Promise<DatagramSocket> {
  const socket = createSocket(isIP(hostname) === 6 ? "udp6" : "udp4");
  await settled(
    (done, failed) => {
      socket.once("error", failed);
      socket.bind({ port: at.port, address: hostname, exclusive: true }, done);
    },
    (error) => {
      socket.close();
      return failure("listen on", at, error);
    },
  );
  socket.removeAllListeners("error");
  const bound = socket.address();
  return datagramSocket(socket, { hostname: bound.address, port: bound.port });
}

function datagramSocket(socket: UdpSocket, address: Address): DatagramSocket {
  let closed = false;
  function close(): void {
    if (!closed) socket.close();
    closed = true;
  }
  function send(
    bytes: Uint8Array,
    to: Address,
    sent: () => void,
    failed: DatagramFailure,
    again = MOST_AGAIN,
  ): void {
    if (closed) return failed(failure("send to", to, { name: "BadResource" }), to);
    try {
      socket.send(bytes, to.port, to.hostname, (error) => {
        if (!error) return sent();
        if (again > 0 && (error as NodeJS.ErrnoException).code === "ECONNREFUSED") {
          return send(bytes, to, sent, failed, again - 1);
        }
        // Deno gives a missing permission no name here.
        void mayUse("send to", to).then(
          () => failed(failure("send to", to, error), to),
          (forbidden) => failed(forbidden, to),
        );
      });
    } catch (error) {
      // Port 0 is thrown, and anybody can forge a datagram that asks for an answer there.
      failed(failure("send to", to, error), to);
    }
  }
  // Node reports ICMP refusals and the like here; without a listener they would end the process.
  socket.on("error", () => {});
  // Node starts to read at once; what comes before `receive` waits here and not in the kernel.
  const early: [Uint8Array, RemoteInfo][] = [];
  const keep = (bytes: Uint8Array, from: RemoteInfo): void => {
    if (early.length < MOST_EARLY) early.push([bytes, from]);
  };
  socket.on("message", keep);
  return {
    address,
    receive(sink) {
      if (closed) return Promise.resolve();
      return new Promise((resolve, reject) => {
        socket.once("close", resolve);
        const take = (bytes: Uint8Array, from: RemoteInfo): void => {
          if (closed) return;
          try {
            sink(bytes, { hostname: from.address, port: from.port });
          } catch (error) {
            reject(error);
            close();
          }
        };
        socket.off("message", keep);
        socket.on("message", take);
        for (const [bytes, from] of early.splice(0)) take(bytes, from);
      });
    },
    send,
    kernelDrops: () => kernelDrops(address, (file) => readFileSync(file, "utf8")),
    close,
  };
}

async function listen(at: Address, hostname: string): Promise<StreamListener> {
  // Connections wait here, unread, until `accept` is called.
  const early: NodeReader[] = [];
  let take = (reader: NodeReader): void => {
    early.push(reader);
  };
  const server = createServer({ noDelay: true, pauseOnConnect: true, allowHalfOpen: true });
  server.on("connection", (socket: Socket) => take(new NodeReader().adopt(socket)));
  await settled((done, failed) => {
    server.once("error", failed);
    server.listen({ port: at.port, host: hostname, backlog: BACKLOG }, done);
  }, (error) => failure("listen on", at, error));
  server.removeAllListeners("error");
  const bound = server.address() as { address: string; port: number };
  const address = { hostname: bound.address, port: bound.port };
  let closed = false;
  let stop = (): void => {};
  return {
    address,
    accept(sink, failed) {
      if (closed) return Promise.resolve();
      return new Promise((resolve) => {
        take = (reader) => sink(new NodeConnection(reader));
        server.on("error", (error: Error) => failed(failure("accept on", address, error)));
        // Not the server's "close" event: that waits for every open connection.
        stop = resolve;
        early.splice(0).forEach(take);
      });
    },
    close() {
      if (closed) return;
      closed = true;
      server.close();
      early.splice(0).forEach(({ socket }) => socket.destroy());
      stop();
    },
  };
}

async function connect(
  to: Address,
  options: { signal?: AbortSignal } = {},
): Promise<StreamConnection> {
  const { signal } = options;
  const refused = (error: unknown): HeartlineError =>
    failure("connect to", to, signal?.aborted ? { name: "AbortError" } : error);
  if (signal?.aborted) throw refused(signal.reason);
  const reader = new NodeReader();
  const { onread } = reader;
  const socket = createConnection({
    port: to.port,
    host: to.hostname,
    noDelay: true,
    allowHalfOpen: true,
    onread,
  });
  // Nothing is read before somebody receives.
  socket.pause();
  const abort = (): void => void socket.destroy(new Error("Stopped"));
  signal?.addEventListener("abort", abort, { once: true });
  try {
    await settled((done, failed) => {
      socket.once("error", failed);
      socket.once("connect", done);
    }, refused);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
  socket.removeAllListeners("error");
  return new NodeConnection(reader.read(socket));
}

/** A class, and few closures: a server may have 10,000 of them. */
class NodeConnection implements StreamConnection {
  readonly remote: Address;

  readonly #reader: NodeReader;
  readonly #socket: Socket;

  constructor(reader: NodeReader) {
    const { socket } = reader;
    this.#reader = reader;
    this.#socket = socket;
    // Kept, because a socket that was closed knows it no more.
    this.remote = { hostname: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
  }

  get local(): Address {
    const { localAddress = "", localPort = 0 } = this.#socket;
    return { hostname: localAddress, port: localPort };
  }

  receive(sink: StreamSink): Promise<void> {
    return this.#reader.receive(sink, this.remote);
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#reader.closed) return Promise.reject(this.#failure(CLOSED));
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => this.#settle(error, resolve, reject));
    });
  }

  end(): Promise<void> {
    if (this.#reader.closed) return Promise.reject(this.#failure(CLOSED));
    return new Promise((resolve, reject) => {
      this.#socket.end((error?: Error | null) => this.#settle(error, resolve, reject));
    });
  }

  close(): void {
    // Marked first: waiting writes may fail before `destroy` returns.
    this.#reader.closed = true;
    this.#socket.destroy();
  }

  reset(): void {
    if (this.#reader.closed) return;
    this.#reader.closed = true;
    const { writableEnded, writableFinished, writableLength } = this.#socket;
    // libuv refuses to reset while a FIN is being sent, and Node then never closes the descriptor.
    if (writableEnded && !writableFinished && writableLength === 0) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  #settle(
    error: Error | null | undefined,
    resolve: () => void,
    reject: (error: HeartlineError) => void,
  ): void {
    // Node reports a write that `close` cut off as done.
    if (this.#reader.closed) reject(this.#failure(CLOSED));
    else if (error) reject(this.#failure(error));
    else resolve();
  }

  #failure(error: unknown): HeartlineError {
    return failure("write to", this.remote, error);
  }
}

/** Waits for one of two callbacks; what `failed` was given goes through `explain`. */
async function settled(
  start: (done: () => void, failed: (error: unknown) => void) => void,
  explain: (error: unknown) => HeartlineError,
): Promise<void> {
  try {
    await new Promise<void>(start);
  } catch (error) {
    throw explain(error);
  }
}

/** What using a connection that was closed here comes to. */
const CLOSED = { name: "BadResource" };
/** Datagrams held before `receive` is called: as many small ones as a default kernel buffer holds. */
const MOST_EARLY = 256;
/**
 * How often one datagram is sent again. On Bun what was sent to a port where nobody listens makes the next
 * one fail, to whomever that goes; elsewhere nothing says ECONNREFUSED of a socket that is not connected.
 * Of many that are sent again in one turn every second one may fail again: this is enough for hundreds.
 */
const MOST_AGAIN = 8;
