/**
 * Sends TCP heartbeats over real sockets.
 *
 * This file wires the client machine to one connection after the other. It decides nothing.
 *
 * @module
 */
import { formatAddress } from "../core/address.ts";
import { checkNumber } from "../core/check.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { Driver } from "../core/drive.ts";
import { HeartlineError, lossOf, typed } from "../core/errors.ts";
import type { Random } from "../core/machine.ts";
import { Service } from "../core/service.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import { OutgoingConnection } from "../net/outgoing.ts";
import type { StreamConnection } from "../net/stream.ts";
import type { TcpClientInput, TcpClientOutput } from "./client_contract.ts";
import { TcpClientMachine } from "./client_machine.ts";
import type { TcpClientEvent, TcpLossReason } from "./events.ts";
import type { TcpSchedule } from "./schedule.ts";

/** Options of {@linkcode sendTcpHeartbeats}. */
export interface TcpClientOptions extends TcpSchedule {
  /** The server's address or name. @default "127.0.0.1" */
  hostname?: string;
  /** The server's port, 0..65535. @default 6510 */
  port?: number;
  /** Stops the client when it aborts. */
  signal?: AbortSignal;
  /** Where time comes from. @default the system's clock */
  clock?: Clock;
  /** Draws the waits between attempts to connect. @default Math.random */
  random?: Random;
  /** Where sockets come from. @default the sockets of this runtime */
  net?: Net;
}

/**
 * Connects and sends a heartbeat every interval, for as long as it runs: a connection that is refused
 * or lost is opened again after a random wait.
 *
 * Resolves when the first attempt to connect has an outcome; the events say which.
 *
 * @returns a service whose iteration ends after `count` heartbeats or when it is closed
 * @throws {HeartlineError} `invalid-option`, `permission-denied`; and with `reconnect: false`, if the
 * first attempt fails, `connection-refused`, `unreachable`, `timed-out`, `name-not-found`
 *
 * @example
 * ```ts
 * import { sendTcpHeartbeats, serveTcpHeartbeats } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveTcpHeartbeats({ port: 0, ack: true });
 * const { port } = server.address;
 * const client = await sendTcpHeartbeats({ port, interval: 20, count: 1, ack: true });
 * const seen: string[] = [];
 * for await (const event of client) {
 *   if (event.type !== "stalled") seen.push(event.type); // it would say that this process stalled
 * }
 * assertEquals(seen, ["connecting", "connected", "sent", "acked", "done"]);
 * ```
 */
export async function sendTcpHeartbeats(
  options: TcpClientOptions = {},
): Promise<TcpHeartbeatClient> {
  const { hostname = "127.0.0.1", clock = systemClock(), random = Math.random } = options;
  const port = checkNumber("port", options.port ?? 6510, { max: 65_535, integer: true });
  const server = formatAddress({ hostname, port });
  const wall = clock.wall.bind(clock);
  const machine = new TcpClientMachine(options, { server, random, wall }, clock.now());
  const net = options.net ?? await openNet();
  const client = new TcpHeartbeatClient(net, { hostname, port }, machine, clock, options);
  await client.ready;
  return client;
}

/**
 * A running client; made by {@linkcode sendTcpHeartbeats}.
 *
 * @example
 * ```ts
 * import { sendTcpHeartbeats, serveTcpHeartbeats } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveTcpHeartbeats({ port: 0 });
 * // Sends until it is closed; what happens to its connections comes out of it.
 * await using client = await sendTcpHeartbeats({ port: server.address.port, interval: 10 });
 * for await (const event of client) {
 *   if (event.type === "sent" && event.sequence === 3) break;
 * }
 * assertEquals(client.counters().events.connected, 1);
 * ```
 */
export class TcpHeartbeatClient extends Service<TcpClientEvent> {
  /** Not for users: settles when the first attempt to connect has an outcome. */
  readonly ready: Promise<void>;

  readonly #net: Net;
  readonly #server: { readonly hostname: string; readonly port: number };
  readonly #driver: Driver<TcpClientInput, TcpClientOutput>;
  #settleFirst!: { resolve: () => void; reject: (error: HeartlineError) => void };
  /** What closes the present connection, or the attempt to open it. */
  #link: OutgoingConnection | undefined;

  /** Not for users: use {@linkcode sendTcpHeartbeats}. */
  constructor(
    net: Net,
    server: { readonly hostname: string; readonly port: number },
    machine: TcpClientMachine,
    clock: Clock,
    options: TcpClientOptions,
  ) {
    super("tcp-client", options.signal);
    this.ready = new Promise((resolve, reject) => this.#settleFirst = { resolve, reject });
    this.#net = net;
    this.#server = server;
    this.#driver = new Driver(machine, {
      clock,
      deliver: (outputs) => {
        for (const output of outputs) this.#take(output);
      },
      // Without acks there is no verdict, and the schedule need not wait for inputs.
      ...(options.ack && { stalled: (by: number) => ({ type: "stalled", by }) }),
    });
  }

  /** Ends the schedule and the connection, or the attempt to open one. */
  protected override stop(): void {
    this.#driver.close();
    this.#link?.close();
    this.#settleFirst.resolve();
  }

  #take(output: TcpClientOutput): void {
    switch (output.type) {
      case "connect":
        this.#link = new OutgoingConnection();
        return this.run(this.#connect(output.connection, this.#link));
      case "send":
        return this.run(this.#send(output.connection, output.sequence, output.bytes, this.#link!));
      case "close":
        return this.#link?.close();
    }
    this.publish(output);
    if (output.type === "failed") {
      this.#settleFirst.reject(new HeartlineError(output.code, output.message));
    } else if (output.type !== "connecting") this.#settleFirst.resolve();
    if (output.type === "done" || output.type === "failed") void this.close();
  }

  async #connect(connection: number, link: OutgoingConnection): Promise<void> {
    let stream: StreamConnection;
    try {
      stream = await this.#net.connectStream(this.#server, { signal: link.signal });
    } catch (error) {
      return this.#driver.handle({ type: "refused", connection, error: typed(error) });
    }
    // It may have been given up while it was being opened.
    if (!link.opened(stream)) return;
    const local = formatAddress(stream.local);
    this.#driver.handle({ type: "connected", connection, local });
    const reason = await this.#read(connection, stream);
    stream.close();
    this.#driver.handle({ type: "ended", connection, reason });
  }

  async #read(connection: number, stream: StreamConnection): Promise<TcpLossReason> {
    try {
      await stream.receive((bytes) => {
        this.countBytes(bytes.length);
        this.#driver.handle({ type: "data", connection, bytes });
      });
      return "end";
    } catch (error) {
      return lossOf(error);
    }
  }

  async #send(
    connection: number,
    sequence: number,
    bytes: Uint8Array,
    link: OutgoingConnection,
  ): Promise<void> {
    try {
      await link.stream!.write(bytes);
    } catch (error) {
      const input = { type: "send-failed", connection, sequence, error: typed(error) } as const;
      return this.#driver.handle(input);
    }
    this.#driver.handle({ type: "written", connection, byteLength: bytes.length });
  }
}
