/**
 * Opens a keepalive connection on a real socket, around the machine of one connection.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import { checkDuration, checkNumber } from "../core/check.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import type { ConnectionLoss } from "../core/connection.ts";
import type { Instant } from "../core/machine.ts";
import { dial } from "../net/dial.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import type { StreamConnection } from "../net/stream.ts";
import { StreamClient } from "../net/stream_client.ts";
import { KeepaliveConnectionMachine } from "./connection_machine.ts";
import type { KeepaliveClientEvent, KeepaliveReport, KeepaliveServerName } from "./events.ts";
import type { KeepaliveOutput, KeepaliveRequest } from "./inputs.ts";
import { escapePayload } from "./message.ts";
import { completed, type KeepaliveTiming } from "./options.ts";
import { holdOf, type KeepaliveReplier, replyTo } from "./reply.ts";

/** Options of {@linkcode connectKeepalive}. */
export interface KeepaliveClientOptions extends KeepaliveTiming {
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
  readonly #reply: KeepaliveReplier | undefined;

  /** Not for users: use {@linkcode connectKeepalive}. */
  constructor(
    stream: StreamConnection,
    machine: KeepaliveConnectionMachine<KeepaliveServerName>,
    options: KeepaliveClientOptions & Address & { readonly clock: Clock },
  ) {
    const { clock, hostname, port, signal } = options;
    const server = { hostname, port };
    super("keepalive-client", machine, { clock, signal, server, hold: holdOf(options) });
    this.server = formatAddress(server);
    this.#machine = machine;
    this.#reply = options.reply;
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
    this.driver.handle({ type: "stop" });
    super.stop();
  }

  /** There is one connection: with it the service ends. */
  protected override ended(connection: number, reason: ConnectionLoss): void {
    super.ended(connection, reason);
    void this.close();
  }

  /** Answers behind all else that was put out: an answer may end the connection. */
  protected override deliver(
    outputs: readonly KeepaliveOutput<KeepaliveServerName>[],
    now: Instant,
  ): void {
    super.deliver(outputs, now);
    for (const output of outputs) {
      if (output.type === "data") this.#answer(output);
      else if (output.type === "disconnected") void this.close();
    }
  }

  #answer({ id, payload }: Extract<KeepaliveOutput<KeepaliveServerName>, { type: "data" }>): void {
    const connection = CONNECTION;
    replyTo(this.#reply, payload, this.server, {
      send: (reply) => this.driver.handle({ type: "reply", connection, id, payload: reply }),
      failed: (message) => this.driver.handle({ type: "user-code", connection, message }),
    });
  }
}

/** What the application asks of its connection, or that it stops. */
export type KeepaliveClientInput = KeepaliveRequest | { readonly type: "stop" };

/** A client has one connection. */
const CONNECTION = 0;
