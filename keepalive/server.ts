/**
 * Serves keepalive connections on real sockets.
 *
 * This file wires the server machine to a listener and its connections. It decides nothing.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import { checkNumber } from "../core/check.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { Driver } from "../core/drive.ts";
import { HeartlineError, typed } from "../core/errors.ts";
import { Service } from "../core/service.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import type { StreamConnection, StreamListener } from "../net/stream.ts";
import type { KeepaliveClientName, KeepaliveReport, KeepaliveServerEvent } from "./events.ts";
import { KeepaliveLink } from "./link.ts";
import { holdOf, type KeepaliveReplier, replyTo } from "./reply.ts";
import {
  type KeepaliveServerInput,
  KeepaliveServerMachine,
  type KeepaliveServerMachineOptions,
  type KeepaliveServerOutput,
} from "./server_machine.ts";
import { keepaliveDetection } from "./timing.ts";

/** Options of {@linkcode serveKeepalive}. */
export interface KeepaliveServerOptions extends KeepaliveServerMachineOptions {
  /** The address or name to listen on. @default "127.0.0.1" */
  hostname?: string;
  /** The port to listen on, 0..65535; 0 is any free one. @default 6520 */
  port?: number;
  /** Answers a client's DATA. @default with the same payload */
  reply?: KeepaliveReplier;
  /** Stops the server when it aborts. */
  signal?: AbortSignal;
  /** Where time comes from. @default the system's clock */
  clock?: Clock;
  /** Where sockets come from. @default the sockets of this runtime */
  net?: Net;
}

/**
 * Accepts keepalive connections, answers their data, and probes those that fall silent: each ends in
 * one `disconnected` event that says why.
 *
 * @returns a service that is listening; iterate it for its events
 * @throws {HeartlineError} `invalid-option`, `address-in-use`, `address-not-available`,
 * `name-not-found`, `permission-denied`
 *
 * @example
 * ```ts
 * import { connectKeepalive, serveKeepalive } from "@heartline/heartline/keepalive";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveKeepalive({
 *   port: 0,
 *   reply: (payload) => payload.toUpperCase(),
 * });
 * await using client = await connectKeepalive({ port: server.address.port, payload: "hello" });
 * for await (const event of client) { // a union tagged `type`
 *   if (event.type !== "reply") continue;
 *   assertEquals(event.payload, "HELLO");
 *   break;
 * }
 * ```
 */
export async function serveKeepalive(
  options: KeepaliveServerOptions = {},
): Promise<KeepaliveServer> {
  const { hostname = "127.0.0.1" } = options;
  const port = checkNumber("port", options.port ?? 6520, { max: 65_535, integer: true });
  const { heartBeatInterval, heartBeatThreshold, heartBeatAdditionalTries, dataThreshold } =
    options;
  const machineOptions: KeepaliveServerMachineOptions = {
    ...(heartBeatInterval !== undefined && { heartBeatInterval }),
    ...(heartBeatThreshold !== undefined && { heartBeatThreshold }),
    ...(heartBeatAdditionalTries !== undefined && { heartBeatAdditionalTries }),
    ...(dataThreshold !== undefined && { dataThreshold }),
    ...(options.maxClients !== undefined && { maxClients: options.maxClients }),
  };
  // Made before the socket: a wrong option must not leave one open.
  const machine = new KeepaliveServerMachine(machineOptions);
  const net = options.net ?? await openNet();
  const listener = await net.listenStream({ hostname, port });
  return new KeepaliveServer(listener, machine, options);
}

/**
 * A running server; made by {@linkcode serveKeepalive}.
 *
 * @example
 * ```ts
 * import { connectKeepalive, serveKeepalive } from "@heartline/heartline/keepalive";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveKeepalive({ port: 0 });
 * const { port } = server.address;
 * const reply = (payload: string) => `${payload}!`;
 * await using _client = await connectKeepalive({ port, dataInterval: Infinity, reply });
 * for await (const event of server) {
 *   if (event.type === "connected") server.send(event.client, "your turn"); // by its `host:port`
 *   if (event.type !== "reply") continue;
 *   assertEquals(event.payload, "your turn!");
 *   break;
 * }
 * assertEquals(server.clients().map(({ phase }) => phase), ["data"]);
 * ```
 */
export class KeepaliveServer extends Service<KeepaliveServerEvent> {
  readonly #listener: StreamListener;
  readonly #machine: KeepaliveServerMachine;
  readonly #clock: Clock;
  readonly #driver: Driver<KeepaliveServerInput, KeepaliveServerOutput>;
  readonly #reply: KeepaliveReplier | undefined;
  readonly #hold: number;
  readonly #links = new Map<number, KeepaliveLink>();
  /** The number of each connected client's connection. */
  readonly #numbers = new Map<string, number>();
  #accepted = 0;

  /** Not for users: use {@linkcode serveKeepalive}. */
  constructor(
    listener: StreamListener,
    machine: KeepaliveServerMachine,
    options: KeepaliveServerOptions,
  ) {
    super("keepalive-server", options.signal);
    this.#listener = listener;
    this.#machine = machine;
    this.#reply = options.reply;
    this.#hold = holdOf(options);
    this.#clock = options.clock ?? systemClock();
    const { hostname, port } = listener.address;
    const detection = keepaliveDetection(options).fromData;
    this.publish({ type: "listening", hostname, port, transport: "tcp", detection });
    this.#driver = new Driver(machine, {
      clock: this.#clock,
      deliver: (outputs) => {
        for (const output of outputs) this.#take(output);
        // Behind all of them: an answer may end the connection.
        for (const output of outputs) if (output.type === "data") this.#answer(output);
      },
    });
    this.run(listener.accept((connection) => this.run(this.#serve(connection)), (error) => {
      const { code, message } = typed(error);
      this.#driver.handle({ type: "accept-failed", code, message });
    }));
  }

  /** Where the server listens. */
  get address(): Address {
    return this.#listener.address;
  }

  /** What is known about every connected client now. */
  clients(): KeepaliveReport<KeepaliveClientName>[] {
    return this.#machine.reports(this.#clock.now());
  }

  /**
   * Sends DATA to a client.
   *
   * @param client the client's `host:port`, as in its events
   * @returns the number of the message, which its `reply` event carries
   * @throws {HeartlineError} `invalid-option` if the payload is too long, `closed` if no such client
   * is connected, `not-reading` while 64 KiB wait for it: see {@linkcode KeepaliveServer.flushed}
   */
  send(client: string, payload: string): number {
    const connection = this.#numbers.get(client);
    if (connection === undefined) {
      throw new HeartlineError("closed", `Cannot send to ${client}: No such client is connected`);
    }
    const refusal = this.#machine.refusal(connection, payload);
    if (refusal) throw refusal;
    this.#tell(connection, { type: "send", payload });
    return this.#machine.lastSent(connection);
  }

  /** Resolves when the system has taken everything that was sent to a client, or it is gone. */
  async flushed(client: string): Promise<void> {
    await this.#links.get(this.#numbers.get(client) ?? 0)?.flushed();
  }

  /** Tells every client, and closes every socket and the timer. */
  protected override stop(): void {
    this.#driver.handle({ type: "stop" });
    this.#driver.close();
    this.#listener.close();
    for (const link of this.#links.values()) this.run(link.close());
  }

  async #serve(stream: StreamConnection): Promise<void> {
    // Accepted in the same turn of the event loop in which the server was closed.
    if (this.stopped) return stream.close();
    const connection = ++this.#accepted;
    const client = formatAddress(stream.remote);
    const link = new KeepaliveLink(stream, {
      clock: this.#clock,
      hold: this.#hold,
      written: (byteLength) => this.#tell(connection, { type: "written", byteLength }),
    });
    this.#links.set(connection, link);
    this.#numbers.set(client, connection);
    const local = formatAddress(stream.local);
    this.#driver.handle({ type: "connected", connection, client, local });
    const reason = await link.read((bytes) => {
      this.countBytes(bytes.length);
      this.#tell(connection, { type: "bytes", bytes });
    });
    this.#tell(connection, { type: "ended", reason });
    await link.close();
    this.#links.delete(connection);
    // The same address may have connected again meanwhile.
    if (this.#numbers.get(client) === connection) this.#numbers.delete(client);
  }

  #tell(
    connection: number,
    input: Extract<KeepaliveServerInput, { type: "connection" }>["input"],
  ): void {
    this.#driver.handle({ type: "connection", connection, input });
  }

  #take(output: KeepaliveServerOutput): void {
    switch (output.type) {
      case "send":
        return this.#links.get(output.connection)?.write(output.bytes);
      case "close": {
        const link = this.#links.get(output.connection);
        if (link) this.run(link.close(output.last));
        return;
      }
    }
    this.publish(output);
  }

  #answer({ client, id, payload }: Extract<KeepaliveServerOutput, { type: "data" }>): void {
    const connection = this.#numbers.get(client)!;
    const answering = replyTo(this.#reply, payload, client, (reply) => {
      this.#tell(connection, { type: "reply", id, payload: reply });
    });
    // Not run itself: `close` must not wait for an application that never answers.
    answering?.catch((error) => this.run(Promise.reject(error)));
  }
}
