/**
 * Watches TCP heartbeats on real sockets.
 *
 * This file wires the server machine to a listener and its connections. It decides nothing.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import { checkNumber } from "../core/check.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { Driver } from "../core/drive.ts";
import { lossOf, typed } from "../core/errors.ts";
import { Service } from "../core/service.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import type { StreamConnection, StreamListener } from "../net/stream.ts";
import type {
  TcpClientReport,
  TcpClientState,
  TcpDisconnectReason,
  TcpServerEvent,
} from "./events.ts";
import { type TcpServerInput, TcpServerMachine, type TcpServerOutput } from "./server_machine.ts";
import type { TcpServerMachineOptions } from "./server_options.ts";

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
  const machine = new TcpServerMachine(options);
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
 * assertEquals(server.stateCounts(), { waiting: 0, up: 1, down: 0 });
 * const [report] = server.clients(); // state, missed numbers, loss, jitter and delay of each
 * assertEquals([report?.state, report?.missed], ["up", 0]);
 * ```
 */
export class TcpHeartbeatServer extends Service<TcpServerEvent> {
  readonly #listener: StreamListener;
  readonly #machine: TcpServerMachine;
  readonly #clock: Clock;
  readonly #driver: Driver<TcpServerInput, TcpServerOutput>;
  readonly #connections = new Map<number, StreamConnection>();
  #accepted = 0;
  /** What the machine is told with each chunk: one for all, so that none is allocated for each. */
  readonly #chunk = { unsent: 0, wall: 0 };

  /** Not for users: use {@linkcode serveTcpHeartbeats}. */
  constructor(
    listener: StreamListener,
    machine: TcpServerMachine,
    clock: Clock,
    signal?: AbortSignal,
  ) {
    super("tcp-server", signal);
    this.#listener = listener;
    this.#machine = machine;
    this.#clock = clock;
    const { hostname, port } = listener.address;
    this.publish({ type: "listening", hostname, port, transport: "tcp" });
    this.#driver = new Driver(machine, {
      clock,
      deliver: (outputs) => {
        for (const output of outputs) this.#take(output);
      },
      stalled: (by) => ({ type: "stalled", by }),
    });
    this.run(listener.accept((connection) => {
      // Accepted in the same turn of the event loop in which the server was closed.
      if (this.stopped) connection.close();
      else this.run(this.#serve(connection));
    }, (error) => {
      const { code, message } = typed(error);
      this.#driver.handle({ type: "accept-failed", code, message });
    }));
  }

  /** Where the server listens. */
  get address(): Address {
    return this.#listener.address;
  }

  /**
   * What is known about every connected client now.
   *
   * @param limit how many to report at most, those that are not up first: a report takes about 2 µs
   */
  clients(limit = Infinity): TcpClientReport[] {
    return this.#machine.reports(this.#clock.now(), limit);
  }

  /** How many connected clients are in each state. */
  stateCounts(): Record<TcpClientState, number> {
    return this.#machine.stateCounts();
  }

  /** How many heartbeats came, ever. */
  get heartbeats(): number {
    return this.#machine.heartbeats;
  }

  /** Closes every socket and the timer. */
  protected override stop(): void {
    this.#driver.close();
    this.#listener.close();
    for (const connection of this.#connections.values()) connection.close();
  }

  /** Reactions and no async function, whose frame each of 10,000 connections would keep. */
  #serve(connection: StreamConnection): Promise<void> {
    const id = ++this.#accepted;
    this.#connections.set(id, connection);
    this.#driver.handle({ type: "connected", connection: id, remote: connection.remote });
    const receive = (bytes: Uint8Array): void => this.#receive(id, connection, bytes);
    return connection.receive(receive).then(ended, lossOf).then((reason) => {
      connection.close();
      this.#connections.delete(id);
      this.#driver.handle({ type: "ended", connection: id, reason });
    });
  }

  #receive(id: number, connection: StreamConnection, bytes: Uint8Array): void {
    this.countBytes(bytes.length);
    const now = this.#driver.wake(), chunk = this.#chunk;
    chunk.unsent = connection.unsent;
    chunk.wall = this.#clock.wall(now);
    this.#driver.deliver(this.#machine.receive(id, bytes, chunk, now), now);
  }

  #take(output: TcpServerOutput): void {
    if (output.type === "send") this.run(this.#send(output.connection, output.bytes));
    else if (output.type === "close") this.#connections.get(output.connection)?.close();
    else this.publish(output);
  }

  async #send(id: number, bytes: Uint8Array): Promise<void> {
    try {
      await this.#connections.get(id)?.write(bytes);
    } catch {
      // Reading from the same connection says what became of it.
    }
  }
}

function ended(): TcpDisconnectReason {
  return "end";
}
