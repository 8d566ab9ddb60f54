/**
 * Sends TCP heartbeats over real sockets: one connection after the other around the client machine.
 *
 * @module
 */
import { formatAddress } from "../core/address.ts";
import { checkNumber } from "../core/check.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { HeartlineError } from "../core/errors.ts";
import type { Random } from "../core/machine.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import { StreamClient, type StreamClientOptions } from "../net/stream_client.ts";
import { TcpClientMachine } from "./client_machine.ts";
import type { TcpClientEvent } from "./events.ts";
import type { TcpClientOutput } from "./inputs.ts";
import type { TcpSchedule } from "./options.ts";

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
  const server = { hostname, port };
  const environment = { server: formatAddress(server), random, wall: clock.wall.bind(clock) };
  const machine = new TcpClientMachine(options, environment, clock.now());
  const { signal, net = await openNet() } = options;
  const client = new TcpHeartbeatClient(machine, { server, clock, signal, net });
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
export class TcpHeartbeatClient extends StreamClient<TcpClientEvent, never, TcpClientEvent> {
  /** Not for users: settles when the first attempt to connect has an outcome. */
  readonly ready: Promise<void>;

  #settleFirst!: { resolve: () => void; reject: (error: HeartlineError) => void };

  /** Not for users: use {@linkcode sendTcpHeartbeats}. */
  constructor(machine: TcpClientMachine, options: StreamClientOptions) {
    super("tcp-client", machine, { ...options, sendLimit: MAX_UNSENT });
    this.ready = new Promise((resolve, reject) => this.#settleFirst = { resolve, reject });
  }

  /** Publishes events; the first that tells an outcome settles `ready`, and the last one closes. */
  protected override perform(output: TcpClientOutput): void {
    super.perform(output);
    switch (output.type) {
      case "connect":
      case "send":
      case "close":
      case "reset":
      case "connecting":
        return;
      case "failed":
        this.#settleFirst.reject(new HeartlineError(output.code, output.message));
    }
    this.#settleFirst.resolve();
    if (output.type === "done" || output.type === "failed") void this.close();
  }

  /** Ends the schedule and the connection, or the attempt to open one. */
  protected override stop(): void {
    super.stop();
    this.#settleFirst.resolve();
  }
}

/** A server that takes as little, beyond what its kernel holds, does not read. */
const MAX_UNSENT = 65_536;
