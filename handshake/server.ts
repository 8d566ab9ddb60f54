/**
 * Leases connection ids on real sockets.
 *
 * This file wires the server machine to a datagram socket, a listener and its connections. It decides
 * nothing.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import { checkNumber } from "../core/check.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { Driver } from "../core/drive.ts";
import { HeartlineError, typed } from "../core/errors.ts";
import { randomSeed } from "../core/seed.ts";
import { Service } from "../core/service.ts";
import type { DatagramSocket } from "../net/datagram.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import type { StreamConnection, StreamListener } from "../net/stream.ts";
import type { HandshakeRejection, HandshakeServerEvent, HandshakeTransport } from "./events.ts";
import {
  type HandshakeServerInput,
  HandshakeServerMachine,
  type HandshakeServerMachineOptions,
  type HandshakeServerOutput,
} from "./server_machine.ts";

/** Options of {@linkcode serveHandshake}. */
export interface HandshakeServerOptions extends HandshakeServerMachineOptions {
  /** The address or name to listen on. @default "127.0.0.1" */
  hostname?: string;
  /** The port to listen on, 0..65535; 0 is any one that is free for every transport. */
  port: number;
  /** What to listen for; `both` use one port number and one table of leases. @default "both" */
  transport?: HandshakeTransport | "both";
  /** Stops the server when it aborts. */
  signal?: AbortSignal;
  /** Where time comes from. @default the system's clock */
  clock?: Clock;
  /** Where sockets come from. @default the sockets of this runtime */
  net?: Net;
}

/**
 * Leases connection ids: a HELLO for a free id gets `OK <id> <ip> <port>` and the id is in use for 30 s,
 * a HELLO for an id in use gets `RESET <id>`. Who has it may ask again and gets the same OK.
 *
 * @returns a service that is listening; its iteration ends when it is closed, or when nobody asked for
 * two minutes
 * @throws {HeartlineError} `invalid-option`, `address-in-use`, `address-not-available`,
 * `name-not-found`, `permission-denied`
 *
 * @example
 * ```ts
 * import { connectHandshake, serveHandshake } from "@heartline/heartline/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveHandshake({ port: 0 });
 * const { port } = server.address;
 * const seen: string[] = [];
 * for (const id of ["9876", "9876"]) {
 *   const client = await connectHandshake({ port, id, tries: 1 });
 *   for await (const event of client) {
 *     if (event.type !== "stalled") seen.push(event.type); // it would say that this process stalled
 *   }
 * }
 * assertEquals(seen, ["trying", "established", "trying", "error", "failure"]);
 * ```
 */
export async function serveHandshake(options: HandshakeServerOptions): Promise<HandshakeServer> {
  const { hostname = "127.0.0.1", transport = "both", clock = systemClock() } = options;
  const port = checkNumber("port", options.port, { max: 65_535, integer: true });
  // Made before the sockets: a wrong option must not leave one open.
  const machine = new HandshakeServerMachine(options, clock.now(), randomSeed());
  const net = options.net ?? await openNet();
  const sockets = await open(net, { hostname, port }, transport);
  return new HandshakeServer(sockets, machine, clock, options.signal);
}

/**
 * A running server; made by {@linkcode serveHandshake}.
 *
 * @example
 * ```ts
 * import { connectHandshake, serveHandshake } from "@heartline/heartline/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveHandshake({ port: 0, lease: 60_000, emitRequests: true });
 * for await (const _event of await connectHandshake({ port: server.address.port, id: "9876" }));
 * assertEquals(server.leases, 1);
 * for await (const event of server) {
 *   if (event.type !== "granted") continue;
 *   assertEquals([event.id, event.expiresIn], ["9876", 60_000]);
 *   break;
 * }
 * ```
 */
export class HandshakeServer extends Service<HandshakeServerEvent> {
  /** Where the server listens, with every transport. */
  readonly address: Address;

  readonly #sockets: HandshakeSockets;
  readonly #machine: HandshakeServerMachine;
  readonly #driver: Driver<HandshakeServerInput, HandshakeServerOutput>;
  readonly #connections = new Map<number, Connection>();
  #accepted = 0;
  /** Datagrams given to the socket and not yet taken by the system. */
  #sending = 0;
  readonly #sent = (): void => void this.#sending--;
  readonly #notSent = (error: HeartlineError, to: Address): void => {
    this.#sending--;
    const { code, message } = error;
    this.#driver.handle({ type: "send-failed", to: formatAddress(to), code, message });
  };

  /** Not for users: use {@linkcode serveHandshake}. */
  constructor(
    sockets: HandshakeSockets,
    machine: HandshakeServerMachine,
    clock: Clock,
    signal?: AbortSignal,
  ) {
    super("handshake-server", signal);
    this.#sockets = sockets;
    this.#machine = machine;
    const { datagrams, listener } = sockets;
    this.address = (datagrams ?? listener)!.address;
    const { hostname, port } = this.address;
    if (datagrams) this.publish({ type: "listening", hostname, port, transport: "udp" });
    if (listener) this.publish({ type: "listening", hostname, port, transport: "tcp" });
    this.#driver = new Driver(machine, {
      clock,
      deliver: (outputs) => {
        for (const output of outputs) this.#take(output);
      },
    });
    if (datagrams) {
      this.run(datagrams.receive((bytes, from) => {
        this.countBytes(bytes.length);
        const now = this.#driver.wake();
        this.#driver.deliver(machine.receive(bytes, from, now), now);
      }));
    }
    if (listener) {
      const serve = (connection: StreamConnection): void => this.run(this.#serve(connection));
      this.run(listener.accept(serve, (error) => {
        const { code, message } = typed(error);
        this.#driver.handle({ type: "accept-failed", code, message });
      }));
    }
  }

  /** How many ids are leased now. */
  get leases(): number {
    return this.#machine.size;
  }

  /** How many requests were not answered as asked, ever, by reason. */
  rejections(): Partial<Record<HandshakeRejection, number>> {
    return this.#machine.rejections();
  }

  /** Closes every socket and the timer. */
  protected override stop(): void {
    this.#driver.close();
    this.#sockets.datagrams?.close();
    this.#sockets.listener?.close();
    for (const { stream } of this.#connections.values()) stream.close();
  }

  #take(output: HandshakeServerOutput): void {
    switch (output.type) {
      case "reply":
        return this.#reply(output.bytes, output.to);
      case "send":
        return this.#connections.get(output.connection)?.send(output.bytes);
      case "close":
        return this.#connections.get(output.connection)?.close(output.now);
    }
    this.publish(output);
    if (output.type === "idle") void this.close();
  }

  /** Sends without waiting: a reply that is lost is asked for again. */
  #reply(bytes: Uint8Array, to: Address): void {
    if (this.#sending >= MOST_SENDING) {
      return this.#driver.handle({ type: "overloaded", from: to });
    }
    this.#sending++;
    this.#sockets.datagrams!.send(bytes, to, this.#sent, this.#notSent);
  }

  async #serve(stream: StreamConnection): Promise<void> {
    // Accepted in the same turn of the event loop in which the server was closed.
    if (this.stopped) return stream.close();
    const id = ++this.#accepted;
    const connection = new Connection(stream);
    this.#connections.set(id, connection);
    this.#driver.handle({ type: "connected", connection: id, remote: stream.remote });
    try {
      await stream.receive((bytes) => {
        this.countBytes(bytes.length);
        this.#driver.handle({ type: "data", connection: id, bytes });
        // Who does not read is not read from: so nothing piles up.
        return connection.idle;
      });
      this.#driver.handle({ type: "ended", connection: id });
      await connection.idle;
    } catch (error) {
      // What breaks a connection concerns nobody else, and its peer knows.
      typed(error);
    }
    stream.close();
    this.#connections.delete(id);
    this.#driver.handle({ type: "closed", connection: id });
  }
}

/** The sockets of a server: one or both. */
export interface HandshakeSockets {
  /** Where datagrams arrive. */
  readonly datagrams: DatagramSocket | undefined;
  /** Where connections arrive. */
  readonly listener: StreamListener | undefined;
}

/**
 * Opens the sockets, or none. For both transports and port 0 the system picks a port for TCP, of which
 * fewer are free, and UDP must take the same; if another program has that, another is picked.
 */
async function open(
  net: Net,
  at: Address,
  transport: HandshakeTransport | "both",
): Promise<HandshakeSockets> {
  if (transport === "udp") return { datagrams: await net.bindDatagram(at), listener: undefined };
  for (let attempt = 1;; attempt++) {
    const listener = await net.listenStream(at);
    if (transport === "tcp") return { datagrams: undefined, listener };
    try {
      const { port } = listener.address;
      return { datagrams: await net.bindDatagram({ hostname: at.hostname, port }), listener };
    } catch (error) {
      listener.close();
      const taken = error instanceof HeartlineError && error.code === "address-in-use";
      if (!taken || at.port !== 0 || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

/** A connection and the replies on their way out. */
class Connection {
  readonly stream: StreamConnection;
  #writing: Promise<void> | undefined;

  constructor(stream: StreamConnection) {
    this.stream = stream;
  }

  /** Resolves when every reply has been taken by the system; `undefined` if it has. */
  get idle(): Promise<void> | undefined {
    return this.#writing;
  }

  send(bytes: Uint8Array): void {
    const writing = this.stream.write(bytes).catch(typed).then(() => {
      if (this.#writing === writing) this.#writing = undefined;
    });
    this.#writing = writing;
  }

  close(now: boolean): void {
    if (now || !this.#writing) return this.stream.close();
    void this.#writing.then(() => this.stream.close());
  }
}

/** With half of all ports taken for UDP, one start in 65,000 would still fail. */
const MOST_ATTEMPTS = 16;
/** Replies of 50 bytes: several times what the socket's own buffer holds, and under 1 MB. */
const MOST_SENDING = 1_024;
