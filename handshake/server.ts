/**
 * Leases connection ids on real sockets: a datagram socket, a listener and its connections around the server
 * machine.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import { checkNumber } from "../core/check.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { HeartlineError } from "../core/errors.ts";
import { randomSeed } from "../core/seed.ts";
import type { DatagramSocket } from "../net/datagram.ts";
import type { Connection } from "../net/connection.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import type { StreamListener } from "../net/stream.ts";
import { listening, type Readiness, StreamServer } from "../net/stream_server.ts";
import type { HandshakeRejection, HandshakeServerEvent, HandshakeTransport } from "./events.ts";
import type { HandshakeDatagramInput, HandshakeServerOutput } from "./inputs.ts";
import type { HandshakeServerMachineOptions } from "./options.ts";
import { HandshakeServerMachine } from "./server_machine.ts";

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
  const machine = new HandshakeServerMachine(options, { seed: randomSeed() }, clock.now());
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
export class HandshakeServer
  extends StreamServer<HandshakeServerEvent, HandshakeDatagramInput, HandshakeServerOutput> {
  /** Where the server listens, with every transport. */
  readonly address: Address;

  readonly #datagrams: DatagramSocket | undefined;
  readonly #machine: HandshakeServerMachine;
  /** Datagrams given to the socket and not yet taken by the system. */
  #sending = 0;
  readonly #sent = (): void => void this.#sending--;
  readonly #notSent = (error: HeartlineError, to: Address): void => {
    this.#sending--;
    const { code, message } = error;
    this.driver.handle({ type: "send-failed", to: formatAddress(to), code, message });
  };

  /** Not for users: use {@linkcode serveHandshake}. */
  constructor(
    { datagrams, listener }: HandshakeSockets,
    machine: HandshakeServerMachine,
    clock: Clock,
    signal?: AbortSignal,
  ) {
    super("handshake-server", machine, { clock, signal });
    this.#datagrams = datagrams;
    this.#machine = machine;
    this.address = (datagrams ?? listener)!.address;
    if (datagrams) this.publish(listening(this.address, "udp"));
    if (listener) this.publish(listening(this.address, "tcp"));
    if (datagrams) {
      this.run(datagrams.receive((bytes, from) => {
        this.countBytes(bytes.length);
        const now = this.driver.wake();
        this.driver.deliver(machine.receive(bytes, from, now), now);
      }));
    }
    if (listener) this.accept(listener);
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
    super.stop();
    this.#datagrams?.close();
  }

  /** Who does not read is not read from: so nothing piles up. */
  protected override readiness(): Readiness {
    return { ready: ({ unsent }) => unsent === 0 };
  }

  /** The machine need not know when its replies are taken. */
  protected override drained(connection: Connection): void {
    if (connection.unsent === 0) connection.goOn();
  }

  /** Sends replies by datagram, and closes when nobody asks any more. */
  protected override perform(output: HandshakeServerOutput): void {
    if (output.type === "reply") return this.#reply(output.bytes, output.to);
    super.perform(output);
    if (output.type === "idle") void this.close();
  }

  /** Sends without waiting: a reply that is lost is asked for again. */
  #reply(bytes: Uint8Array, to: Address): void {
    if (this.#sending >= MOST_SENDING) {
      return this.driver.handle({ type: "overloaded", from: to });
    }
    this.#sending++;
    this.#datagrams!.send(bytes, to, this.#sent, this.#notSent);
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

/** With half of all ports taken for UDP, one start in 65,000 would still fail. */
const MOST_ATTEMPTS = 16;
/** Replies of 50 bytes: several times what the socket's own buffer holds, and under 1 MB. */
const MOST_SENDING = 1_024;
