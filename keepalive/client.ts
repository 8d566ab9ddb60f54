/**
 * Opens a keepalive connection on a real socket.
 *
 * This file wires the machine of one connection to its socket. It decides nothing.
 *
 * @module
 */
import { formatAddress } from "../core/address.ts";
import { checkDuration, checkNumber } from "../core/check.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { Driver } from "../core/drive.ts";
import { HeartlineError } from "../core/errors.ts";
import { Service } from "../core/service.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import type { StreamConnection } from "../net/stream.ts";
import { KeepaliveConnectionMachine } from "./connection_machine.ts";
import type { KeepaliveInput, KeepaliveOutput } from "./contract.ts";
import type { KeepaliveClientEvent, KeepaliveReport, KeepaliveServerName } from "./events.ts";
import { KeepaliveLink } from "./link.ts";
import { escapePayload } from "./message.ts";
import { holdOf, type KeepaliveReplier, replyTo } from "./reply.ts";
import { completed, type KeepaliveTiming } from "./timing.ts";

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
  const stream = await connect(net, { hostname, port }, clock, connectTimeout, options.signal);
  return new KeepaliveClient(stream, formatAddress({ hostname, port }), clock, options);
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
export class KeepaliveClient extends Service<KeepaliveClientEvent> {
  /** The server as `host:port`, as the user gave it. */
  readonly server: string;

  readonly #machine: KeepaliveConnectionMachine<KeepaliveServerName>;
  readonly #driver: Driver<KeepaliveInput, KeepaliveOutput<KeepaliveServerName>>;
  readonly #link: KeepaliveLink;
  readonly #reply: KeepaliveReplier | undefined;
  readonly #clock: Clock;

  /** Not for users: use {@linkcode connectKeepalive}. */
  constructor(
    stream: StreamConnection,
    server: string,
    clock: Clock,
    options: KeepaliveClientOptions,
  ) {
    super("keepalive-client", options.signal);
    this.server = server;
    this.#reply = options.reply;
    this.#clock = clock;
    const made = { connection: 0, remote: { server }, payload: options.payload ?? "" };
    this.#machine = new KeepaliveConnectionMachine(made, options, clock.now());
    this.publish({ type: "connected", server, local: formatAddress(stream.local) });
    this.#link = new KeepaliveLink(stream, {
      clock,
      hold: holdOf(options),
      written: (byteLength) => this.#driver.handle({ type: "written", byteLength }),
    });
    this.#driver = new Driver(this.#machine, {
      clock,
      deliver: (outputs) => {
        for (const output of outputs) this.#take(output);
        // Behind all of them: an answer may end the connection.
        for (const output of outputs) if (output.type === "data") this.#answer(output);
      },
    });
    this.run(this.#read());
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
    this.#driver.handle({ type: "send", payload });
    return this.#machine.lastSent;
  }

  /** Resolves when the system has taken everything that was sent, or the connection is over. */
  flushed(): Promise<void> {
    return this.#link.flushed();
  }

  /** What is known about the connection now. */
  report(): KeepaliveReport<KeepaliveServerName> {
    return this.#machine.report(this.#clock.now());
  }

  /** Tells the server, and closes the socket and the timer. */
  protected override stop(): void {
    this.#driver.handle({ type: "stop" });
    this.#driver.close();
    this.run(this.#link.close());
  }

  async #read(): Promise<void> {
    const reason = await this.#link.read((bytes) => {
      this.countBytes(bytes.length);
      this.#driver.handle({ type: "bytes", bytes });
    });
    this.#driver.handle({ type: "ended", reason });
    void this.close();
  }

  #take(output: KeepaliveOutput<KeepaliveServerName>): void {
    switch (output.type) {
      case "send":
        return this.#link.write(output.bytes);
      case "close":
        return this.run(this.#link.close(output.last));
    }
    this.publish(output);
    if (output.type === "disconnected") void this.close();
  }

  #answer({ id, payload }: Extract<KeepaliveOutput<KeepaliveServerName>, { type: "data" }>): void {
    const answering = replyTo(this.#reply, payload, this.server, (reply) => {
      this.#driver.handle({ type: "reply", id, payload: reply });
    });
    // Not run itself: `close` must not wait for an application that never answers.
    answering?.catch((error) => this.run(Promise.reject(error)));
  }
}

/** Opens the stream within `timeout` ms. */
async function connect(
  net: Net,
  to: { readonly hostname: string; readonly port: number },
  clock: Clock,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<StreamConnection> {
  const attempt = new AbortController();
  let late = false;
  const giveUp = (): void => attempt.abort();
  const cancel = clock.schedule(timeout, () => {
    late = true;
    giveUp();
  });
  signal?.addEventListener("abort", giveUp, { once: true });
  if (signal?.aborted) giveUp();
  try {
    return await net.connectStream(to, { signal: attempt.signal });
  } catch (error) {
    if (!late) throw error;
    const where = formatAddress(to);
    throw new HeartlineError("timed-out", `Cannot connect to ${where}: Connection timed out`);
  } finally {
    cancel();
    signal?.removeEventListener("abort", giveUp);
  }
}
