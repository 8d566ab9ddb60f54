/**
 * Opens a keepalive connection on a real socket, around the machine of one connection.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import type { Backlog } from "../core/backlog.ts";
import { checkDuration, checkNumber } from "../core/check.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import type { ConnectionLoss } from "../core/connection.ts";
import type { Instant } from "../core/machine.ts";
import { dial } from "../net/dial.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import type { StreamConnection } from "../net/stream.ts";
import { StreamClient } from "../net/stream_client.ts";
import type { Readiness } from "../net/stream_server.ts";
import { KeepaliveConnectionMachine } from "./connection_machine.ts";
import type { KeepaliveClientEvent, KeepaliveReport, KeepaliveServerName } from "./events.ts";
import type { KeepaliveConnectionInput, KeepaliveOutput, KeepaliveRequest } from "./inputs.ts";
import { escapePayload } from "./message.ts";
import { completed, type KeepalivePayloadOptions, type KeepaliveTiming } from "./options.ts";
import { payloadBacklog } from "./payloads.ts";
import { type KeepaliveReplier, Replies } from "./reply.ts";

/** Options of {@linkcode connectKeepalive}. */
export interface KeepaliveClientOptions extends KeepaliveTiming, KeepalivePayloadOptions {
  /** The server's address or name. @default "127.0.0.1" */
  hostname?: string;
  /** The server's port, 1..65535. @default 6520 */
  port?: number;
  /** The payload of the DATA messages sent every `dataInterval`. @default "" */
  payload?: string;
  /** Answers the server's DATA. @default with the same payload */
  reply?: KeepaliveReplier;
  /** Milliseconds until the attempt to connect is given up. @default 10_000 */
  connectTimeout?: number;
  /** Stops the client when it aborts. */
  signal?: AbortSignal;
  /** Where time comes from. @default the system's clock */
  clock?: Clock;
  /** Where sockets come from. @default the sockets of this runtime */
  net?: Net;
}

/**
 * Connects, sends DATA every `dataInterval`, and probes the server when it falls silent.
 *
 * @returns a service that is connected; its iteration ends after the `disconnected` event, or when it
 * is closed
 * @throws {HeartlineError} `invalid-option`, `connection-refused`, `unreachable`, `timed-out`,
 * `name-not-found`, `permission-denied`; `closed` if `signal` aborted
 *
 * @example A protocol of one's own
 * ```ts
 * import { connectKeepalive, serveKeepalive } from "@heartline/heartline/keepalive";
 * import { assertEquals } from "@std/assert";
 *
 * const sum = (payload: string) => String(payload.split("+").reduce((a, b) => a + Number(b), 0));
 * await using server = await serveKeepalive({ port: 0, reply: sum });
 * const { port } = server.address;
 * await using client = await connectKeepalive({ port, dataInterval: Infinity });
 * const id = client.send("1+2+3");
 * for await (const event of client) {
 *   if (event.type !== "reply") continue;
 *   assertEquals([event.id, event.payload], [id, "6"]);
 *   break;
 * }
 * ```
 */
export async function connectKeepalive(
  options: KeepaliveClientOptions = {},
): Promise<KeepaliveClient> {
  const { hostname = "127.0.0.1", clock = systemClock(), connectTimeout = 10_000 } = options;
  const port = checkNumber("port", options.port ?? 6520, { min: 1, max: 65_535, integer: true });
  checkDuration("connectTimeout", connectTimeout);
  // Checked before the socket: a wrong option must not leave one open.
  escapePayload(options.payload ?? "");
  completed(options);
  const net = options.net ?? await openNet();
  const address = { hostname, port }, { signal } = options;
  const stream = await dial(net, address, { clock, timeout: connectTimeout, signal });
  const environment = { connection: CONNECTION, remote: { server: formatAddress(address) } };
  const sending = { ...options, payload: options.payload ?? "" };
  const machine = new KeepaliveConnectionMachine(sending, environment, clock.now());
  return new KeepaliveClient(stream, machine, { ...options, clock, ...address });
}

/**
 * A connected client; made by {@linkcode connectKeepalive}.
 *
 * @example
 * ```ts
 * import { connectKeepalive, serveKeepalive } from "@heartline/heartline/keepalive";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveKeepalive({ port: 0 });
 * const { port } = server.address;
 * await using client = await connectKeepalive({ port, dataInterval: Infinity });
 * const ids = ["a", "b", "c"].map((payload) => client.send(payload)); // throws when it is lost
 * await client.flushed(); // the system has taken them
 * const answered: number[] = [];
 * for await (const event of client) {
 *   if (event.type === "reply" && answered.push(event.id) === ids.length) break;
 * }
 * assertEquals(answered, ids);
 * assertEquals(client.report().phase, "data"); // it is heard; nobody needs to probe
 * ```
 */
export class KeepaliveClient extends StreamClient<
  KeepaliveClientEvent,
  KeepaliveClientInput,
  KeepaliveOutput<KeepaliveServerName>
> {
  /** The server as `host:port`, as the user gave it. */
  readonly server: string;

  readonly #machine: KeepaliveConnectionMachine<KeepaliveServerName>;
  readonly #replies: Replies;
  readonly #backlog: Backlog<KeepaliveClientEvent> | undefined;

  /** Not for users: use {@linkcode connectKeepalive}. */
  constructor(
    stream: StreamConnection,
    machine: KeepaliveConnectionMachine<KeepaliveServerName>,
    options: KeepaliveClientOptions & Address & { readonly clock: Clock },
  ) {
    const { clock, hostname, port, signal } = options, connection = CONNECTION;
    const server = { hostname, port };
    super("keepalive-client", machine, { clock, signal, server });
    this.server = formatAddress(server);
    this.#machine = machine;
    this.#replies = new Replies(options.reply, this.server, {
      mayAnswer: () => machine.mayAnswer,
      send: (id, payload) => this.driver.handle({ type: "reply", connection, id, payload }),
      failed: (message) => this.driver.handle({ type: "user-code", connection, message }),
      freed: () => this.#goOn(),
      crash: (error) => this.crash(error),
    });
    if (!options.dropPayloads) {
      this.#backlog = payloadBacklog(() => this.#goOn());
      this.keep(this.#backlog);
    }
    this.adopt(CONNECTION, stream);
  }

  /**
   * Sends DATA.
   *
   * @returns the number of the message, which its `reply` event carries
   * @throws {HeartlineError} `invalid-option` if the payload is too long, `closed` if the connection is
   * over, `not-reading` while 64 KiB wait for the server: see {@linkcode KeepaliveClient.flushed}
   */
  send(payload: string): number {
    const refusal = this.#machine.refusal(payload);
    if (refusal) throw refusal;
    this.driver.handle({ type: "send", connection: CONNECTION, payload });
    return this.#machine.lastSent;
  }

  /** Resolves when the system has taken everything that was sent, or the connection is over. */
  async flushed(): Promise<void> {
    await this.connections.get(CONNECTION)?.flushed();
  }

  /** What is known about the connection now. */
  report(): KeepaliveReport<KeepaliveServerName> {
    return this.#machine.report(this.clock.now());
  }

  /** Tells the server, and closes the socket and the timer. */
  protected override stop(): void {
    // What came before the end of the connection is asked all the same.
    if (!this.#machine.over) this.#replies.stop();
    this.driver.handle({ type: "stop" });
    super.stop();
  }

  /** Nothing more is read while the application has too much to do. */
  protected override readiness(): Readiness {
    return {
      ready: () => !this.#replies.isFull() && !this.#backlog?.isFull(this.server),
      held: () => this.driver.handle({ type: "held", connection: CONNECTION }),
      writeFailed: () => {
        this.driver.handle({ type: "write-failed", connection: CONNECTION });
        this.#replies.goOn();
      },
    };
  }

  /** There may be room for another answer. */
  protected override drained(connection: number, unsent: number): void {
    super.drained(connection, unsent);
    this.#replies.goOn();
  }

  /** There is one connection: with it the service ends. */
  protected override ended(connection: number, reason: ConnectionLoss): void {
    super.ended(connection, reason);
    void this.close();
    this.#replies.goOn();
  }

  /** Answers behind all else that was put out: an answer may end the connection. */
  protected override deliver(
    outputs: readonly KeepaliveOutput<KeepaliveServerName>[],
    now: Instant,
  ): void {
    super.deliver(outputs, now);
    for (const output of outputs) {
      if (output.type === "data") this.#replies.ask(output.id, output.payload);
      else if (output.type === "disconnected") void this.close();
    }
  }

  #goOn(): void {
    this.connections.get(CONNECTION)?.goOn();
  }
}

/** What the application asks of its connection, or that it stops. */
export type KeepaliveClientInput =
  | KeepaliveRequest
  | KeepaliveConnectionInput
  | { readonly type: "stop" };

/** A client has one connection. */
const CONNECTION = 0;
