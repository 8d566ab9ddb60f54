/**
 * Serves keepalive connections on real sockets: a listener and its connections around the server machine.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import { checkNumber } from "../core/check.ts";
import type { Clock } from "../core/clock.ts";
import type { ConnectionLoss } from "../core/connection.ts";
import { HeartlineError } from "../core/errors.ts";
import type { Instant } from "../core/machine.ts";
import type { Connection } from "../net/connection.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import type { StreamListener } from "../net/stream.ts";
import { listening, StreamServer } from "../net/stream_server.ts";
import type { KeepaliveClientName, KeepaliveReport, KeepaliveServerEvent } from "./events.ts";
import type { KeepaliveRequest, KeepaliveServerOutput } from "./inputs.ts";
import { keepaliveDetection, type KeepaliveServerMachineOptions } from "./options.ts";
import { holdOf, type KeepaliveReplier, replyTo } from "./reply.ts";
import { KeepaliveServerMachine } from "./server_machine.ts";

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
export class KeepaliveServer extends StreamServer<
  KeepaliveServerEvent,
  KeepaliveRequest | { readonly type: "stop" },
  KeepaliveServerOutput
> {
  /** Where the server listens. */
  readonly address: Address;

  readonly #machine: KeepaliveServerMachine;
  readonly #reply: KeepaliveReplier | undefined;
  /** The number of each connected client's connection. */
  readonly #numbers = new Map<string, number>();

  /** Not for users: use {@linkcode serveKeepalive}. */
  constructor(
    listener: StreamListener,
    machine: KeepaliveServerMachine,
    options: KeepaliveServerOptions,
  ) {
    super("keepalive-server", machine, {
      clock: options.clock,
      signal: options.signal,
      hold: holdOf(options),
    });
    this.address = listener.address;
    this.#machine = machine;
    this.#reply = options.reply;
    const detection = keepaliveDetection(options).fromData;
    this.publish({ ...listening(listener.address, "tcp"), detection });
    this.accept(listener);
  }

  /** What is known about every connected client now. */
  clients(): KeepaliveReport<KeepaliveClientName>[] {
    return this.#machine.reports(this.clock.now());
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
    this.driver.handle({ type: "send", connection, payload });
    return this.#machine.lastSent(connection);
  }

  /** Resolves when the system has taken everything that was sent to a client, or it is gone. */
  async flushed(client: string): Promise<void> {
    await this.connections.get(this.#numbers.get(client) ?? 0)?.flushed();
  }

  /** Tells every client, and closes every socket and the timer. */
  protected override stop(): void {
    this.driver.handle({ type: "stop" });
    super.stop();
  }

  /** Remembers which connection a client has. */
  protected override opened(connection: Connection): void {
    this.#numbers.set(formatAddress(connection.stream.remote), connection.id);
    super.opened(connection);
  }

  /** Forgets it, unless the same address has connected again meanwhile. */
  protected override ended(connection: Connection, reason: ConnectionLoss): void {
    super.ended(connection, reason);
    const client = formatAddress(connection.stream.remote);
    if (this.#numbers.get(client) === connection.id) this.#numbers.delete(client);
  }

  /** Answers behind all else that was put out: an answer may end the connection. */
  protected override deliver(outputs: readonly KeepaliveServerOutput[], now: Instant): void {
    super.deliver(outputs, now);
    for (const output of outputs) if (output.type === "data") this.#answer(output);
  }

  #answer({ client, id, payload }: Extract<KeepaliveServerOutput, { type: "data" }>): void {
    const connection = this.#numbers.get(client)!;
    replyTo(this.#reply, payload, client, {
      send: (reply) => this.driver.handle({ type: "reply", connection, id, payload: reply }),
      failed: (message) => this.driver.handle({ type: "user-code", connection, message }),
    });
  }
}
