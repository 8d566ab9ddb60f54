/**
 * Watches UDP heartbeats on a real socket.
 *
 * It wires the server machine to a socket and decides nothing. A datagram goes straight to the machine,
 * between `driver.wake()` and `driver.deliver()`, so that it costs no object for an input.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import { checkNumber } from "../core/check.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { randomSeed } from "../core/seed.ts";
import { MachineService } from "../core/machine_service.ts";
import { groupKey } from "../core/verdicts.ts";
import type { DatagramSocket } from "../net/datagram.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import type { ClientState, UdpClientReport, UdpRejection, UdpServerEvent } from "./events.ts";
import type { UdpServerInput, UdpServerOutput } from "./inputs.ts";
import type { UdpClientRegistration, UdpServerMachineOptions } from "./options.ts";
import { UdpServerMachine } from "./server_machine.ts";
import type { UdpServerSnapshot } from "./server_snapshot.ts";

/** Options of {@linkcode serveUdpHeartbeats}. */
export interface UdpServerOptions extends UdpServerMachineOptions {
  /** The address or name to listen on. @default "127.0.0.1" */
  hostname?: string;
  /** The port to listen on, 0..65535; 0 is any free one. @default 6500 */
  port?: number;
  /** Stops the server when it aborts. */
  signal?: AbortSignal;
  /** Where time comes from. @default the system's clock */
  clock?: Clock;
  /** Where sockets come from. @default the sockets of this runtime */
  net?: Net;
}

/**
 * Watches clients by their UDP heartbeats and says when one falls silent and when it is back.
 *
 * @returns a service that is listening; iterate it for its events
 * @throws {HeartlineError} `invalid-option`, `address-in-use`, `address-not-available`,
 * `name-not-found`, `permission-denied`
 *
 * @example
 * ```ts
 * import { sendUdpHeartbeats, serveUdpHeartbeats } from "@heartline/heartline/udp";
 * import { assertEquals } from "@std/assert";
 *
 * const server = await serveUdpHeartbeats({ port: 0, autoRegisterTimeout: 200 });
 * await sendUdpHeartbeats({ port: server.address.port, interval: 20, count: 1 });
 * const seen: string[] = [];
 * for await (const event of server) { // a union tagged `type`
 *   if (event.type === "stalled") continue; // this process itself did not run for a while
 *   seen.push(event.type);
 *   if (event.type === "down") break; // the client stopped after one burst
 * }
 * await server.close();
 * assertEquals(seen, ["listening", "registered", "up", "down"]);
 * ```
 */
export async function serveUdpHeartbeats(
  options: UdpServerOptions = {},
): Promise<UdpHeartbeatServer> {
  const { hostname = "127.0.0.1", clock = systemClock() } = options;
  const port = checkNumber("port", options.port ?? 6500, { max: 65_535, integer: true });
  // Made before the socket: a wrong option must not leave one open.
  const now = clock.now();
  const machine = new UdpServerMachine(options, { seed: randomSeed(), wall: clock.wall(now) }, now);
  const net = options.net ?? await openNet();
  const socket = await net.bindDatagram({ hostname, port });
  return new UdpHeartbeatServer(socket, machine, clock, options);
}

/**
 * A running server; made by {@linkcode serveUdpHeartbeats}.
 *
 * @example
 * ```ts
 * import { sendUdpHeartbeats, serveUdpHeartbeats } from "@heartline/heartline/udp";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveUdpHeartbeats({ port: 0 });
 * await using client = await sendUdpHeartbeats({
 *   port: server.address.port,
 *   bind: "127.0.0.1:0",
 *   interval: 20,
 * });
 * // Watch it from now on; `unregister` ends that.
 * server.register({ address: `127.0.0.1:${client.address.port}`, timeout: 5_000 });
 * for await (const event of server) if (event.type === "up") break;
 * assertEquals(server.stateCounts(), { waiting: 0, up: 1, down: 0 });
 * const [report] = server.clients(); // state, loss, jitter and delay of each
 * assertEquals([report?.timeout, report?.downCount], [5_000, 0]);
 * ```
 */
export class UdpHeartbeatServer
  extends MachineService<UdpServerEvent, UdpServerInput, UdpServerOutput> {
  readonly #socket: DatagramSocket;
  readonly #machine: UdpServerMachine;

  /** Not for users: use {@linkcode serveUdpHeartbeats}. */
  constructor(
    socket: DatagramSocket,
    machine: UdpServerMachine,
    clock: Clock,
    options: UdpServerOptions,
  ) {
    super("udp-server", machine, { signal: options.signal, clock });
    this.#socket = socket;
    this.#machine = machine;
    const { hostname, port } = socket.address;
    this.publish({ type: "listening", hostname, port, transport: "udp" });
    for (const { client, timeout } of machine.reports(clock.now())) {
      this.publish({ type: "registered", client, timeout });
    }
    this.run(socket.receive((bytes, from) => {
      this.countBytes(bytes.length);
      const now = this.driver.wake();
      this.driver.deliver(machine.receive(bytes, from, now, clock.wall(now)), now);
    }));
  }

  /** Where the server listens. */
  get address(): Address {
    return this.#socket.address;
  }

  /**
   * What is known about every client now.
   *
   * @param limit how many to report at most, those that are not up first: a report takes about 2 µs
   */
  clients(limit = Infinity): UdpClientReport[] {
    return this.#machine.reports(this.clock.now(), limit);
  }

  /** How many clients are in each state. */
  stateCounts(): Record<ClientState, number> {
    return this.#machine.stateCounts();
  }

  /** How many heartbeats of watched clients came, ever. */
  get heartbeats(): number {
    return this.#machine.heartbeats;
  }

  /** How many datagrams were ignored, ever, by reason. */
  rejections(): Partial<Record<UdpRejection, number>> {
    return this.#machine.rejections();
  }

  /** What a server started later needs, as its option `snapshot`, to go on where this one stopped. */
  snapshot(): UdpServerSnapshot {
    const now = this.clock.now();
    return this.#machine.snapshot(now, this.clock.wall(now), (client, group) => {
      return this.owes(client) || group !== undefined && this.owes(groupKey(group));
    });
  }

  /**
   * Watches a client from now on, or gives a watched one another timeout and group.
   *
   * @throws {HeartlineError} `invalid-option`
   */
  register(client: UdpClientRegistration): void {
    this.driver.handle({ type: "register", client });
  }

  /** Watches a client no more; its address as `host:port`. */
  unregister(address: string): void {
    this.driver.handle({ type: "unregister", address });
  }

  /** Closes the socket and the timer. */
  protected override stop(): void {
    this.driver.close();
    this.#socket.close();
  }

  /** Counts what the kernel dropped when the machine asks for it, and says what it says. */
  protected override perform(output: UdpServerOutput): void {
    if (output.type !== "count-drops") return this.publish(output);
    const total = this.#socket.kernelDrops();
    if (total !== undefined) this.driver.handle({ type: "kernel-drops", total });
  }
}
