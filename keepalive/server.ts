/**
 * Serves keepalive connections on real sockets: a listener and its connections around the server machine.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import { checkNumber } from "../core/check.ts";
import type { Backlog } from "../core/backlog.ts";
import type { Clock } from "../core/clock.ts";
import type { ConnectionLoss } from "../core/connection.ts";
import { HeartlineError } from "../core/errors.ts";
import type { Instant } from "../core/machine.ts";
import type { Connection } from "../net/connection.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import type { StreamListener } from "../net/stream.ts";
import { listening, type Readiness, StreamServer } from "../net/stream_server.ts";
import type { KeepaliveClientName, KeepaliveReport, KeepaliveServerEvent } from "./events.ts";
import type {
  KeepaliveConnectionInput,
  KeepaliveRequest,
  KeepaliveServerOutput,
} from "./inputs.ts";
import {
  keepaliveDetection,
  type KeepalivePayloadOptions,
  type KeepaliveServerMachineOptions,
} from "./options.ts";
import { payloadBacklog } from "./payloads.ts";
import { type KeepaliveReplier, Replies } from "./reply.ts";
import { KeepaliveServerMachine } from "./server_machine.ts";

/** Options of {@linkcode serveKeepalive}. */
export interface KeepaliveServerOptions
  extends KeepaliveServerMachineOptions, KeepalivePayloadOptions {
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
  KeepaliveRequest | KeepaliveConnectionInput | { readonly type: "stop" },
  KeepaliveServerOutput
> {
  /** Where the server listens. */
  readonly address: Address;

  readonly #machine: KeepaliveServerMachine;
  readonly #reply: KeepaliveReplier | undefined;
  readonly #backlog: Backlog<KeepaliveServerEvent> | undefined;
  /** The number of each connected client's connection. */
  readonly #numbers = new Map<string, number>();
  /** How each connection's DATA is answered. */
  readonly #replies = new Map<number, Replies>();

  /** Not for users: use {@linkcode serveKeepalive}. */
  constructor(
    listener: StreamListener,
    machine: KeepaliveServerMachine,
    options: KeepaliveServerOptions,
  ) {
    super("keepalive-server", machine, { clock: options.clock, signal: options.signal });
    this.address = listener.address;
    this.#machine = machine;
    this.#reply = options.reply;
    if (!options.dropPayloads) {
      this.#backlog = payloadBacklog((client) => this.#goOn(this.#numbers.get(client)));
      this.keep(this.#backlog);
    }
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
    for (const replies of this.#replies.values()) replies.stop();
    this.driver.handle({ type: "stop" });
    super.stop();
  }

  /** Remembers which connection a client has. */
  protected override opened(connection: Connection): void {
    const { id } = connection, client = formatAddress(connection.stream.remote);
    this.#numbers.set(client, id);
    this.#replies.set(id, this.#repliesTo(id, client));
    super.opened(connection);
  }

  /** Nothing more is read while the application has too much to do. */
  protected override readiness(): Readiness {
    return {
      ready: ({ id }) => {
        const replies = this.#replies.get(id)!;
        return !replies.isFull() && !this.#backlog?.isFull(replies.from);
      },
      held: ({ id }) => this.driver.handle({ type: "held", connection: id }),
      writeFailed: ({ id }) => {
        this.driver.handle({ type: "write-failed", connection: id });
        this.#replies.get(id)!.goOn();
      },
    };
  }

  /** There may be room for another answer. */
  protected override drained(connection: Connection): void {
    super.drained(connection);
    this.#replies.get(connection.id)?.goOn();
  }

  /** Forgets it, unless the same address has connected again meanwhile. */
  protected override ended(connection: Connection, reason: ConnectionLoss): void {
    super.ended(connection, reason);
    const { id } = connection, replies = this.#replies.get(id)!;
    if (this.#numbers.get(replies.from) === id) this.#numbers.delete(replies.from);
    this.#replies.delete(id);
    // What came is asked all the same.
    replies.goOn();
  }

  /** Answers behind all else that was put out: an answer may end the connection. */
  protected override deliver(outputs: readonly KeepaliveServerOutput[], now: Instant): void {
    super.deliver(outputs, now);
    for (const output of outputs) {
      if (output.type !== "data") continue;
      this.#replies.get(this.#numbers.get(output.client)!)!.ask(output.id, output.payload);
    }
  }

  #repliesTo(connection: number, client: string): Replies {
    return new Replies(this.#reply, client, {
      mayAnswer: () => this.#machine.mayAnswer(connection),
      send: (id, payload) => this.driver.handle({ type: "reply", connection, id, payload }),
      failed: (message) => this.driver.handle({ type: "user-code", connection, message }),
      freed: () => this.#goOn(connection),
      crash: (error) => this.crash(error),
    });
  }

  #goOn(connection: number | undefined): void {
    if (connection !== undefined) this.connections.get(connection)?.goOn();
  }
}
