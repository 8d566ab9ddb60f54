/**
 * Asks for a connection id over real sockets.
 *
 * This file wires the client machine to a socket for each try. It decides nothing.
 *
 * @module
 */
import { type Address, anyPortTowards, canonicalHost, formatAddress } from "../core/address.ts";
import { checkNumber } from "../core/check.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { Driver } from "../core/drive.ts";
import { typed } from "../core/errors.ts";
import type { Random } from "../core/machine.ts";
import { Service } from "../core/service.ts";
import { type DatagramSocket, sendDatagram } from "../net/datagram.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import type { StreamConnection } from "../net/stream.ts";
import {
  type FailedTry,
  type HandshakeClientInput,
  HandshakeClientMachine,
  type HandshakeClientOutput,
  type HandshakeTryOptions,
} from "./client_machine.ts";
import type { HandshakeClientEvent, HandshakeFault } from "./events.ts";

/** Options of {@linkcode connectHandshake}. */
export interface HandshakeClientOptions extends HandshakeTryOptions {
  /** The server's address or name. @default "127.0.0.1" */
  hostname?: string;
  /** The server's port, 1..65535. */
  port: number;
  /**
   * Gives the id for the next try; `undefined` ends in failure. It may take its time.
   * @default the same id again
   */
  nextId?: (failed: FailedTry) => string | undefined | Promise<string | undefined>;
  /** Stops the client when it aborts. */
  signal?: AbortSignal;
  /** Where time comes from. @default the system's clock */
  clock?: Clock;
  /** Draws the jitter of repetitions. @default Math.random */
  random?: Random;
  /** Where sockets come from. @default the sockets of this runtime */
  net?: Net;
}

/**
 * Asks a server for a connection id, up to three times with a new socket and the next id each time.
 *
 * @returns a service whose iteration ends with `established` or `failure`, or when it is closed
 * @throws {HeartlineError} `invalid-option`, `name-not-found`; an id from `nextId` that is none comes
 * out of the iteration as `invalid-option`
 *
 * @example
 * ```ts
 * import { connectHandshake, serveHandshake } from "@heartline/heartline/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveHandshake({ port: 0 });
 * const client = await connectHandshake({ port: server.address.port, id: "9876" });
 * for await (const event of client) { // a union tagged `type`
 *   if (event.type === "established") assertEquals([event.id, event.hostname], ["9876", "127.0.0.1"]);
 *   if (event.type === "failure") throw new Error("No id was free");
 * }
 * ```
 */
export async function connectHandshake(options: HandshakeClientOptions): Promise<HandshakeClient> {
  const { hostname = "127.0.0.1", clock = systemClock(), random = Math.random } = options;
  const port = checkNumber("port", options.port, { min: 1, max: 65_535, integer: true });
  const surroundings = { server: formatAddress({ hostname, port }), random };
  const machine = new HandshakeClientMachine(options, surroundings, clock.now());
  const net = options.net ?? await openNet();
  const server = { hostname: canonicalHost(await net.lookup(hostname)), port };
  return new HandshakeClient(net, server, machine, clock, options);
}

/**
 * A running client; made by {@linkcode connectHandshake}.
 *
 * @example
 * ```ts
 * import { connectHandshake, serveHandshake } from "@heartline/heartline/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveHandshake({ port: 0 });
 * const { port } = server.address;
 * for await (const _event of await connectHandshake({ port, id: "9876" })); // the id is taken
 * const client = await connectHandshake({ port, id: "9876", nextId: ({ id }) => `${id}-2` });
 * const seen: string[] = [];
 * for await (const event of client) { // ends by itself, with `established` or `failure`
 *   if ("id" in event) seen.push(`${event.type} ${event.id}`);
 * }
 * assertEquals(seen, ["trying 9876", "error 9876", "trying 9876-2", "established 9876-2"]);
 * ```
 */
export class HandshakeClient extends Service<HandshakeClientEvent> {
  readonly #net: Net;
  readonly #server: Address;
  readonly #options: HandshakeClientOptions;
  readonly #driver: Driver<HandshakeClientInput, HandshakeClientOutput>;
  /** The socket of the present try, or the attempt to open it. */
  #socket: TrySocket | undefined;

  /** Not for users: use {@linkcode connectHandshake}. */
  constructor(
    net: Net,
    server: Address,
    machine: HandshakeClientMachine,
    clock: Clock,
    options: HandshakeClientOptions,
  ) {
    super("handshake-client", options.signal);
    this.#net = net;
    this.#server = server;
    this.#options = options;
    this.#driver = new Driver(machine, {
      clock,
      deliver: (outputs) => {
        for (const output of outputs) this.#take(output);
      },
    });
  }

  /** Closes the socket, or gives up opening it, and the timer. */
  protected override stop(): void {
    this.#driver.close();
    this.#socket?.close();
  }

  #take(output: HandshakeClientOutput): void {
    switch (output.type) {
      case "open":
        this.#socket = new TrySocket();
        return this.run(this.#try(output.try, this.#socket));
      case "send":
        return this.run(this.#send(output.try, output.bytes, this.#socket!));
      case "close":
        return this.#socket?.close();
      case "ask-id":
        // Not waited for by `close`: whoever is asked may never answer.
        return void this.#ask(output).catch((error) => this.run(Promise.reject(error)));
    }
    this.publish(output);
    if (output.type === "established" || output.type === "failure") void this.close();
  }

  async #ask(failed: FailedTry): Promise<void> {
    const { nextId } = this.#options;
    const id = nextId ? await nextId(failed) : failed.id;
    this.#driver.handle({ type: "next-id", id });
  }

  async #try(number: number, socket: TrySocket): Promise<void> {
    try {
      if (this.#options.transport === "tcp") await this.#connect(number, socket);
      else await this.#bind(number, socket);
    } catch (error) {
      this.#driver.handle({ type: "open-failed", try: number, error: typed(error) });
    }
  }

  async #bind(number: number, socket: TrySocket): Promise<void> {
    const datagrams = await this.#net.bindDatagram(anyPortTowards(this.#server));
    const { port, hostname } = this.#server;
    if (!socket.opened(datagrams, (bytes) => sendDatagram(datagrams, bytes, this.#server))) return;
    const receiving = datagrams.receive((bytes, from) => {
      this.countBytes(bytes.length);
      const ours = from.port === port && from.hostname === hostname;
      this.#driver.handle(
        ours ? { type: "datagram", try: number, bytes } : { type: "stranger", try: number },
      );
    });
    this.#driver.handle({ type: "opened", try: number, local: formatAddress(datagrams.address) });
    await receiving;
  }

  async #connect(number: number, socket: TrySocket): Promise<void> {
    const stream = await this.#net.connectStream(this.#server, { signal: socket.signal });
    if (!socket.opened(stream, (bytes) => stream.write(bytes))) return;
    this.#driver.handle({ type: "opened", try: number, local: formatAddress(stream.local) });
    const reason = await this.#read(number, stream);
    stream.close();
    this.#driver.handle({ type: "ended", try: number, reason });
  }

  async #read(number: number, stream: StreamConnection): Promise<HandshakeFault> {
    try {
      await stream.receive((bytes) => {
        this.countBytes(bytes.length);
        this.#driver.handle({ type: "data", try: number, bytes });
      });
      return "ended";
    } catch (error) {
      return typed(error).code;
    }
  }

  async #send(number: number, bytes: Uint8Array, socket: TrySocket): Promise<void> {
    try {
      await socket.send?.(bytes);
    } catch (error) {
      this.#driver.handle({ type: "send-failed", try: number, error: typed(error) });
    }
  }
}

/** The socket of one try, from the attempt to open it until it is closed. */
class TrySocket {
  send: ((bytes: Uint8Array) => Promise<void>) | undefined;
  #socket: DatagramSocket | StreamConnection | undefined;
  readonly #abort = new AbortController();

  /** Aborts the attempt. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Takes the open socket; false if it is not wanted any more, and closed therefore. */
  opened(
    socket: DatagramSocket | StreamConnection,
    send: (bytes: Uint8Array) => Promise<void>,
  ): boolean {
    this.#socket = socket;
    this.send = send;
    if (this.signal.aborted) socket.close();
    return !this.signal.aborted;
  }

  close(): void {
    this.#abort.abort();
    this.#socket?.close();
  }
}
