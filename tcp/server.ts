/**
 * Watches TCP heartbeats on real sockets: a listener and its connections around the server machine.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import { checkNumber } from "../core/check.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import type { Connection } from "../net/connection.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import type { StreamListener } from "../net/stream.ts";
import { listening, StreamServer } from "../net/stream_server.ts";
import type { TcpClientReport, TcpClientState, TcpServerEvent } from "./events.ts";
import type { TcpServerMachineOptions } from "./options.ts";
import { TcpServerMachine } from "./server_machine.ts";

/** Options of {@linkcode serveTcpHeartbeats}. */
export interface TcpServerOptions extends TcpServerMachineOptions {
  /** The address or name to listen on. @default "127.0.0.1" */
  hostname?: string;
  /** The port to listen on, 0..65535; 0 is any free one. @default 6510 */
  port?: number;
  /** Stops the server when it aborts. */
  signal?: AbortSignal;
  /** Where time comes from. @default the system's clock */
  clock?: Clock;
  /** Where sockets come from. @default the sockets of this runtime */
  net?: Net;
}

/**
 * Watches clients by their TCP heartbeats and says which are missed, repeated or late, and which
 * client falls silent or is back.
 *
 * @returns a service that is listening; iterate it for its events
 * @throws {HeartlineError} `invalid-option`, `address-in-use`, `address-not-available`,
 * `name-not-found`, `permission-denied`
 *
 * @example
 * ```ts
 * import { sendTcpHeartbeats, serveTcpHeartbeats } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * const server = await serveTcpHeartbeats({ port: 0, emitBeats: true });
 * await sendTcpHeartbeats({ port: server.address.port, interval: 20, count: 2 });
 * const seen: string[] = [];
 * for await (const event of server) { // a union tagged `type`
 *   if (event.type === "stalled") continue; // this process itself did not run for a while
 *   seen.push(event.type);
 *   if (event.type === "disconnected") break;
 * }
 * await server.close();
 * assertEquals(seen, ["listening", "connected", "up", "beat", "beat", "disconnected"]);
 * ```
 */
export async function serveTcpHeartbeats(
  options: TcpServerOptions = {},
): Promise<TcpHeartbeatServer> {
  const { hostname = "127.0.0.1", clock = systemClock() } = options;
  const port = checkNumber("port", options.port ?? 6510, { max: 65_535, integer: true });
  // Made before the socket: a wrong option must not leave one open.
  const machine = new TcpServerMachine(options, { wall: clock.wall.bind(clock) });
  const net = options.net ?? await openNet();
  const listener = await net.listenStream({ hostname, port });
  return new TcpHeartbeatServer(listener, machine, clock, options.signal);
}

/**
 * A running server; made by {@linkcode serveTcpHeartbeats}.
 *
 * @example
 * ```ts
 * import { sendTcpHeartbeats, serveTcpHeartbeats } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveTcpHeartbeats({ port: 0, timeout: 5_000, emitBeats: true });
 * await using _client = await sendTcpHeartbeats({ port: server.address.port, interval: 10 });
 * for await (const event of server) if (event.type === "beat") break;
 * assertEquals(server.stateCounts(), { waiting: 0, up: 1, down: 0, disconnected: 0 });
 * const [report] = server.clients(); // state, missed numbers, loss, jitter and delay of each
 * assertEquals([report?.state, report?.missed], ["up", 0]);
 * ```
 */
export class TcpHeartbeatServer extends StreamServer<TcpServerEvent, never, TcpServerEvent> {
  /** Where the server listens. */
  readonly address: Address;

  readonly #machine: TcpServerMachine;

  /** Not for users: use {@linkcode serveTcpHeartbeats}. */
  constructor(
    listener: StreamListener,
    machine: TcpServerMachine,
    clock: Clock,
    signal?: AbortSignal,
  ) {
    super("tcp-server", machine, { clock, signal, sendLimit: MAX_UNSENT });
    this.address = listener.address;
    this.#machine = machine;
    this.publish(listening(listener.address, "tcp"));
    this.accept(listener);
  }

  /**
   * What is known about every client now: those that are connected, and those that are not and are expected back.
   *
   * @param limit how many to report at most, those that are not up first: a report takes about 2 µs
   */
  clients(limit = Infinity): TcpClientReport[] {
    return this.#machine.reports(this.clock.now(), limit);
  }

  /** How many clients are in each state. */
  stateCounts(): Record<TcpClientState, number> {
    return this.#machine.stateCounts();
  }

  /** Expects a client that is not connected back no longer; says whether it was expected. */
  forget(client: string): boolean {
    return this.#machine.forget(client);
  }

  /** How many heartbeats came, ever. */
  get heartbeats(): number {
    return this.#machine.heartbeats;
  }

  /** The hot path: no input is allocated for a chunk. */
  protected override receive({ id }: Connection, bytes: Uint8Array): void {
    const now = this.driver.wake();
    this.driver.deliver(this.#machine.receive(id, bytes, now), now);
  }

  /** The machine need not know when its acks are taken. */
  protected override drained(): void {}
}

/**
 * More than the acks of any chunk to a peer that reads; a peer that lets as much wait, beyond what its
 * kernel holds, does not read.
 */
const MAX_UNSENT = 65_536;
