/**
 * Sends UDP heartbeats over a real socket.
 *
 * It wires the client machine to a socket and decides nothing.
 *
 * @module
 */
import { type Address, anyPortTowards, formatAddress, parseAddress } from "../core/address.ts";
import { checkNumber } from "../core/check.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { typed } from "../core/errors.ts";
import type { Random } from "../core/machine.ts";
import { MachineService } from "../core/machine_service.ts";
import { type DatagramSocket, sendDatagram } from "../net/datagram.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import { UdpClientMachine } from "./client_machine.ts";
import type { UdpClientEvent } from "./events.ts";
import type { UdpClientInput, UdpClientOutput } from "./inputs.ts";
import { encodeHeartbeat } from "./message.ts";
import type { UdpSchedule } from "./options.ts";

/** Options of {@linkcode sendUdpHeartbeats}. */
export interface UdpClientOptions extends UdpSchedule {
  /** The server's address or name. @default "127.0.0.1" */
  hostname?: string;
  /** The server's port, 1..65535. @default 6500 */
  port?: number;
  /**
   * The local address to send from, as `host:port`, so that it can be registered with the server.
   * @default any free port of the interface that leads to the server
   */
  bind?: string;
  /** Stops the client when it aborts. */
  signal?: AbortSignal;
  /** Where time comes from. @default the system's clock */
  clock?: Clock;
  /** Draws the phase of the schedule. @default Math.random */
  random?: Random;
  /** Where sockets come from. @default the sockets of this runtime */
  net?: Net;
}

/**
 * Starts to send a full heartbeat message every interval, at a random phase, so that a thousand
 * clients started together do not all send together.
 *
 * @returns a service whose iteration ends after `count` bursts or when it is closed
 * @throws {HeartlineError} `invalid-option`, `name-not-found`, `address-in-use`,
 * `address-not-available`, `permission-denied`
 *
 * @example
 * ```ts
 * import { sendUdpHeartbeats } from "@heartline/heartline/udp";
 * import { assertEquals } from "@std/assert";
 *
 * const client = await sendUdpHeartbeats({ port: 6500, interval: 20, count: 1 });
 * const seen: string[] = [];
 * for await (const event of client) seen.push(event.type);
 * assertEquals(seen, ["started", "sent", "done"]);
 * ```
 */
export async function sendUdpHeartbeats(
  options: UdpClientOptions = {},
): Promise<UdpHeartbeatClient> {
  const { hostname = "127.0.0.1", clock = systemClock(), random = Math.random } = options;
  const port = checkNumber("port", options.port ?? 6500, { min: 1, max: 65_535, integer: true });
  const phase = random() * (options.interval ?? 10_000);
  // Made before the socket: a wrong option must not leave one open.
  const machine = new UdpClientMachine(options, { phase }, clock.now());
  const net = options.net ?? await openNet();
  const server = { hostname: await net.lookup(hostname), port };
  const local = options.bind ? parseAddress(options.bind) : anyPortTowards(server);
  const socket = await net.bindDatagram(local);
  return new UdpHeartbeatClient(socket, server, machine, clock, options, phase);
}

/**
 * A running client; made by {@linkcode sendUdpHeartbeats}.
 *
 * @example
 * ```ts
 * import { sendUdpHeartbeats } from "@heartline/heartline/udp";
 * import { assertEquals } from "@std/assert";
 *
 * // From an address that the server can be told beforehand; without `count`, until it is closed.
 * await using client = await sendUdpHeartbeats({ bind: "127.0.0.1:0", interval: 20, count: 1 });
 * assertEquals(client.address.hostname, "127.0.0.1");
 * for await (const event of client) if (event.type === "sent") break; // one full message is out
 * assertEquals(client.counters().events.sent, 1);
 * ```
 */
export class UdpHeartbeatClient
  extends MachineService<UdpClientEvent, UdpClientInput, UdpClientOutput> {
  readonly #socket: DatagramSocket;
  readonly #server: Address;
  /** Ends when every datagram so far has left: one after the other, so that they leave in order. */
  #sending: Promise<void> = Promise.resolve();

  /** Not for users: use {@linkcode sendUdpHeartbeats}. */
  constructor(
    socket: DatagramSocket,
    server: Address,
    machine: UdpClientMachine,
    clock: Clock,
    options: UdpClientOptions,
    phase: number,
  ) {
    super("udp-client", machine, { signal: options.signal, clock });
    this.#socket = socket;
    this.#server = server;
    this.publish({
      type: "started",
      local: formatAddress(socket.address),
      server: formatAddress(server),
      interval: options.interval ?? 10_000,
      firstIn: phase,
    });
  }

  /** The local address that heartbeats come from. */
  get address(): Address {
    return this.#socket.address;
  }

  /** Ends the schedule and the socket. */
  protected override stop(): void {
    this.driver.close();
    this.#socket.close();
    this.run(this.#sending);
  }

  /** Sends datagrams, and says what the machine says. */
  protected override perform(output: UdpClientOutput): void {
    if (output.type === "done") return this.run(this.#finish(output));
    if (output.type !== "send") return this.publish(output);
    const { sequence, burst } = output;
    this.#sending = this.#sending
      .then(() => this.#send(sequence, burst))
      .catch((error) => this.run(Promise.reject(error)));
  }

  /** The last datagrams may still be on their way out, or fail. */
  async #finish(done: UdpClientEvent): Promise<void> {
    await this.#sending;
    this.publish(done);
    void this.close();
  }

  async #send(sequence: number, burst: number): Promise<void> {
    const sentAt = this.clock.wall(this.clock.now());
    try {
      await sendDatagram(this.#socket, encodeHeartbeat({ sequence, sentAt }), this.#server);
    } catch (error) {
      this.driver.handle({ type: "failed", burst, error: typed(error) });
    }
  }
}
