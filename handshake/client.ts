/**
 * Asks for a connection id over real sockets: one for each try, around the client machine.
 *
 * @module
 */
import { type Address, anyPortTowards, canonicalHost, formatAddress } from "../core/address.ts";
import { checkNumber } from "../core/check.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { typed } from "../core/errors.ts";
import type { Random } from "../core/machine.ts";
import { type DatagramSocket, sendDatagram } from "../net/datagram.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import { StreamClient } from "../net/stream_client.ts";
import { HandshakeClientMachine } from "./client_machine.ts";
import type { HandshakeClientEvent } from "./events.ts";
import type { FailedTry, HandshakeClientOutput, HandshakeTryInput } from "./inputs.ts";
import type { HandshakeTryOptions } from "./options.ts";

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
 * @throws {HeartlineError} `invalid-option`; an id from `nextId` that is none comes
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
  const environment = { server: formatAddress({ hostname, port }), random };
  const machine = new HandshakeClientMachine(options, environment, clock.now());
  const net = options.net ?? await openNet();
  return new HandshakeClient(machine, { ...options, hostname, clock, net });
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
export class HandshakeClient
  extends StreamClient<HandshakeClientEvent, HandshakeTryInput, HandshakeClientOutput> {
  readonly #options: BoundOptions;
  /** The datagram socket of the present try. */
  #socket: DatagramSocket | undefined;
  #server: Address | undefined;
  /** The try that has a socket, or waits for one. */
  #try = 0;

  /** Not for users: use {@linkcode connectHandshake}. */
  constructor(machine: HandshakeClientMachine, options: BoundOptions) {
    const { clock, signal, net, hostname, port } = options;
    super("handshake-client", machine, { clock, signal, net, server: { hostname, port } });
    this.#options = options;
  }

  /** The machine need not know when its HELLO is taken. */
  protected override drained(): void {}

  /** Does by a datagram socket what the transport is no stream for, and asks for the next id. */
  protected override perform(output: HandshakeClientOutput): void {
    switch (output.type) {
      case "ask-id":
        // Not waited for by `close`: whoever is asked may never answer.
        return void this.#ask(output).catch((error) => this.run(Promise.reject(error)));
      case "connect":
        if (this.#overStreams) break;
        return this.run(this.#bind(this.#try = output.connection));
      case "send":
        if (this.#overStreams) break;
        return this.run(this.#send(output.connection, output.bytes));
      case "close":
        this.#leave();
    }
    super.perform(output);
    if (output.type === "established" || output.type === "failure") void this.close();
  }

  /** Closes the socket, or gives up opening it, and the timer. */
  protected override stop(): void {
    super.stop();
    this.#leave();
  }

  get #overStreams(): boolean {
    return this.#options.transport === "tcp";
  }

  #leave(): void {
    this.#socket?.close();
    this.#socket = undefined;
    this.#try = 0;
  }

  async #ask(failed: FailedTry): Promise<void> {
    const { nextId } = this.#options;
    const id = nextId ? await nextId(failed) : failed.id;
    this.driver.handle({ type: "next-id", id });
  }

  async #bind(connection: number): Promise<void> {
    const { net, hostname, port } = this.#options;
    let server: Address, socket: DatagramSocket;
    try {
      server = { hostname: canonicalHost(await net.lookup(hostname)), port };
      socket = await net.bindDatagram(anyPortTowards(server));
    } catch (error) {
      return this.driver.handle({ type: "connect-failed", connection, error: typed(error) });
    }
    // It may have been given up while it was being opened.
    if (this.#try !== connection) return socket.close();
    this.#socket = socket;
    this.#server = server;
    const receiving = socket.receive((bytes, from) => {
      this.countBytes(bytes.length);
      const ours = from.port === server.port && from.hostname === server.hostname;
      this.driver.handle(
        ours ? { type: "datagram", connection, bytes } : { type: "stranger", connection },
      );
    });
    this.driver.handle({ type: "opened", connection, remote: server, local: socket.address });
    await receiving;
  }

  async #send(connection: number, bytes: Uint8Array): Promise<void> {
    try {
      if (this.#socket) await sendDatagram(this.#socket, bytes, this.#server!);
    } catch (error) {
      this.driver.handle({ type: "send-failed", connection, error: typed(error) });
    }
  }
}

/** The options with what they leave to defaults. */
type BoundOptions =
  & HandshakeClientOptions
  & Address
  & { readonly clock: Clock; readonly net: Net };
