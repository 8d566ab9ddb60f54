/**
 * The fault proxy on real sockets.
 *
 * This file wires the proxy machine to a port, its clients and their ways to the server. It decides
 * nothing.
 *
 * @module
 */
import { type Address, anyPortTowards, canonicalHost } from "../core/address.ts";
import { checkNumber } from "../core/check.ts";
import type { Clock } from "../core/clock.ts";
import { typed } from "../core/errors.ts";
import { MachineService } from "../core/machine_service.ts";
import { type DatagramSocket, sendDatagram } from "../net/datagram.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import type { StreamConnection, StreamListener } from "../net/stream.ts";
import { acceptFailed, listening } from "../net/stream_server.ts";
import type { ProxyInput, ProxyOutput } from "./inputs.ts";
import type { ProxyTransport } from "./effects.ts";
import type { LinkName, ProxyEvent } from "./events.ts";
import type { CutBy, Direction, Faults } from "./faults.ts";
import { ProxyMachine } from "./machine.ts";
import type { ProxyMachineOptions } from "./options.ts";
import { StreamPair } from "./stream_pair.ts";

/** Options of {@linkcode serveProxy}. */
export interface ProxyOptions extends ProxyMachineOptions {
  /** Where clients connect to. @default 127.0.0.1:49156 */
  listen?: Partial<Address>;
  /** Where the server is. @default 127.0.0.1:49155 */
  upstream?: Partial<Address>;
  /** What is carried; `both` uses the same port number. @default "tcp" */
  transport?: ProxyTransport;
  /** Where all chances come from: a whole number in 0..2^32-1. @default a random one */
  seed?: number;
  /** Stops the proxy when it aborts. */
  signal?: AbortSignal;
  /** Where time comes from. @default the system's clock */
  clock?: Clock;
  /** Where sockets come from. @default the sockets of this runtime that can reset */
  net?: Net;
}

/**
 * Stands between clients and a server, and makes the network between them as bad as asked for.
 *
 * Without faults it hands on every byte, every half-close and every reset. A client whose server
 * cannot be reached is reset.
 *
 * @returns a service that is listening; iterate it for its events, the fault log among them
 * @throws {HeartlineError} `invalid-option`, `address-in-use`, `address-not-available`,
 * `name-not-found`, `permission-denied`
 *
 * @example
 * ```ts
 * import { serveProxy } from "@heartline/heartline/proxy";
 * import { sendTcpHeartbeats, serveTcpHeartbeats } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveTcpHeartbeats({ port: 0 });
 * await using proxy = await serveProxy({
 *   listen: { port: 0 },
 *   upstream: server.address,
 *   faults: { latency: 5 },
 * });
 * await using client = await sendTcpHeartbeats({ port: proxy.address.port, interval: 10 });
 * for await (const event of server) if (event.type === "connected") break;
 * proxy.inject("reset");
 * for await (const event of client) {
 *   if (event.type !== "disconnected") continue;
 *   assertEquals(event.reason, "reset");
 *   break;
 * }
 * ```
 */
export async function serveProxy(options: ProxyOptions = {}): Promise<FaultProxy> {
  const { transport = "tcp", seed = Math.floor(Math.random() * 2 ** 32) } = options;
  const listen = addressOf("listen.port", options.listen, 49_156);
  const upstream = addressOf("upstream.port", options.upstream, 49_155);
  // Made before the sockets: a wrong option must not leave one open.
  const machine = new ProxyMachine(options, { seed, transport });
  const net = options.net ?? await openNet({ resets: true });
  const listener = transport === "udp" ? undefined : await net.listenStream(listen);
  try {
    const port = listener?.address.port ?? listen.port;
    const socket = transport === "tcp" ? undefined : await net.bindDatagram({ ...listen, port });
    return new FaultProxy({ listener, socket, upstream, net, machine, seed, transport }, options);
  } catch (error) {
    listener?.close();
    throw error;
  }
}

/**
 * A running proxy; made by {@linkcode serveProxy}.
 *
 * @example
 * ```ts
 * import { connectKeepalive, serveKeepalive } from "@heartline/heartline/keepalive";
 * import { serveProxy } from "@heartline/heartline/proxy";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveKeepalive({ port: 0 });
 * await using proxy = await serveProxy({ listen: { port: 0 }, upstream: server.address });
 * await using client = await connectKeepalive({ port: proxy.address.port });
 * for await (const event of client) if (event.type === "reply") break;
 * assertEquals(proxy.links, 1);
 *
 * proxy.set({ latency: 50, down: { blackhole: true } }); // in place of the faults so far
 * assertEquals(proxy.faults.latency, 50);
 * proxy.cut(); // drops every link and takes no new one, until `heal`
 * for await (const event of client) {
 *   if (event.type === "disconnected") assertEquals(event.reason, "reset");
 * }
 * ```
 */
export class FaultProxy extends MachineService<ProxyEvent, ProxyInput, ProxyOutput> {
  /** Where clients connect to. */
  readonly address: Address;
  /** What makes its faults repeatable: give it as the option `seed`. */
  readonly seed: number;
  /** What it carries. */
  readonly transport: ProxyTransport;

  readonly #net: Net;
  readonly #machine: ProxyMachine;
  readonly #upstream: Address;
  readonly #pairs = new Map<LinkName, StreamPair>();
  /** The sockets of UDP links; `undefined` while one is being opened. */
  readonly #ways = new Map<LinkName, DatagramSocket | undefined>();
  readonly #socket: DatagramSocket | undefined;
  readonly #giveUp = new AbortController();
  #listener: StreamListener | undefined;
  #isOpen = true;
  #accepted = 0;

  /** Not for users: use {@linkcode serveProxy}. */
  constructor(parts: ProxyParts, options: ProxyOptions) {
    const { listener, socket, machine } = parts;
    super("proxy", machine, options);
    this.address = (listener ?? socket)!.address;
    this.seed = parts.seed;
    this.transport = parts.transport;
    this.#net = parts.net;
    this.#machine = machine;
    this.#upstream = parts.upstream;
    this.#socket = socket;
    if (listener) this.#accept(listener);
    if (socket) {
      this.publish(listening(this.address, "udp"));
      this.run(socket.receive((bytes, from) => {
        this.countBytes(bytes.length);
        this.driver.handle({ type: "datagram", from, bytes });
      }));
    }
    this.driver.handle({ type: "started" });
  }

  /** The faults in force now: those given, with those of the schedule over them. */
  get faults(): Faults {
    return this.#machine.faults;
  }

  /** The faults given, without those of the schedule. */
  get given(): Faults {
    return this.#machine.base;
  }

  /** How many links are open. */
  get links(): number {
    return this.#machine.size;
  }

  /**
   * Puts other faults in place of those given so far; a schedule's still lie over them. What is under
   * way keeps its time.
   *
   * @throws {HeartlineError} `invalid-option`
   */
  set(faults: Faults): void {
    this.driver.handle({ type: "set", faults });
  }

  /**
   * Resets every TCP link at once, or ends it with a FIN, in both directions or one.
   *
   * @throws {HeartlineError} `invalid-option` where no TCP is carried
   */
  inject(by: CutBy, direction?: Direction): void {
    this.driver.handle({ type: "inject", by, ...(direction && { direction }) });
  }

  /** Drops every link and refuses new ones, as if the proxy had been stopped. */
  cut(): void {
    this.driver.handle({ type: "cut" });
  }

  /** Takes new links again. */
  heal(): void {
    this.driver.handle({ type: "heal" });
  }

  /** Bytes of an open TCP link that came from each side. */
  received(link: LinkName): Readonly<Record<Direction, number>> | undefined {
    return this.#machine.received(link);
  }

  /** Closes every socket and the timer. */
  protected override stop(): void {
    this.driver.close();
    this.#giveUp.abort();
    this.#listener?.close();
    this.#socket?.close();
    for (const end of [...this.#pairs.values(), ...this.#ways.values()]) end?.close();
    this.#ways.clear();
  }

  #accept(listener: StreamListener): void {
    this.#listener = listener;
    this.publish(listening(listener.address, "tcp"));
    this.run(listener.accept(
      (connection) => this.#welcome(connection),
      (error) => this.driver.handle(acceptFailed(error)),
    ));
  }

  #open(open: boolean): void {
    this.#isOpen = open;
    // Without a listener from the start this proxy carries no TCP.
    if (open && this.#listener) this.run(this.#listenAgain());
    else this.#listener?.close();
  }

  async #listenAgain(): Promise<void> {
    try {
      const listener = await this.#net.listenStream(this.address);
      // It may have been closed again while it was being opened.
      if (this.#isOpen && !this.stopped) this.#accept(listener);
      else listener.close();
    } catch (error) {
      const { code, message } = typed(error);
      this.driver.handle({ type: "listen-failed", code, message });
    }
  }

  #welcome(connection: StreamConnection): void {
    if (this.stopped) return connection.close();
    const link = `tcp-${++this.#accepted}`;
    this.#pairs.set(link, new StreamPair(connection));
    this.driver.handle({ type: "connected", link, client: connection.remote });
  }

  /** Does what the machine asks of links and sockets. */
  protected override perform(output: ProxyOutput): void {
    switch (output.type) {
      case "connect": {
        const pair = this.#pairs.get(output.link);
        return this.run(pair ? this.#reach(output.link, pair) : this.#bind(output.link));
      }
      case "swallow":
        return this.run(this.#read(output.link, this.#pairs.get(output.link)!, "up"));
      case "write":
        return this.run(this.#write(output.link, output.direction, output.bytes));
      case "end":
        return this.run(this.#pairs.get(output.link)!.end(output.direction).catch(typed));
      case "resume":
        return this.#pairs.get(output.link)!.resume(output.direction);
      case "reset":
      case "close":
        return this.#part(output);
      case "send":
        return this.run(this.#send(output));
      case "listen":
      case "unlisten":
        return this.#open(output.type === "listen");
      default:
        this.publish(output);
    }
  }

  async #reach(link: LinkName, pair: StreamPair): Promise<void> {
    try {
      const { signal } = this.#giveUp;
      if (!pair.reached(await this.#net.connectStream(this.#upstream, { signal }))) return;
    } catch (error) {
      const { code, message } = typed(error);
      return this.driver.handle({ type: "unreachable", link, code, message });
    }
    this.driver.handle({ type: "reached", link });
    this.run(this.#read(link, pair, "up"));
    this.run(this.#read(link, pair, "down"));
  }

  async #read(link: LinkName, pair: StreamPair, direction: Direction): Promise<void> {
    const broken = (error: unknown): void => {
      typed(error);
      this.driver.handle({ type: "broken", link, direction });
    };
    let reason: "end" | "reset" = "end";
    try {
      await pair.receive(direction, (bytes) => {
        this.countBytes(bytes.length);
        if (this.#machine.passes(link, direction, bytes.length)) {
          return pair.write(direction, bytes).catch(broken);
        }
        this.driver.handle({ type: "data", link, direction, bytes });
        return this.#machine.mustWait(link, direction) ? pair.wait(direction) : undefined;
      });
    } catch (error) {
      typed(error);
      reason = "reset";
    }
    this.driver.handle({ type: "ended", link, direction, reason });
  }

  async #write(link: LinkName, direction: Direction, bytes: Uint8Array): Promise<void> {
    try {
      await this.#pairs.get(link)!.write(direction, bytes);
    } catch (error) {
      typed(error);
      return this.driver.handle({ type: "broken", link, direction });
    }
    this.driver.handle({ type: "written", link, direction, length: bytes.length });
  }

  #part(output: Extract<ProxyOutput, { type: "reset" | "close" }>): void {
    const pair = this.#pairs.get(output.link);
    if (!pair) {
      this.#ways.get(output.link)?.close();
      this.#ways.delete(output.link);
      return;
    }
    const parting = output.type === "close" ? pair.finish() : pair.reset(output.flush);
    this.run(parting.finally(() => this.#pairs.delete(output.link)));
  }

  async #bind(link: LinkName): Promise<void> {
    this.#ways.set(link, undefined);
    try {
      const hostname = canonicalHost(await this.#net.lookup(this.#upstream.hostname));
      const way = await this.#net.bindDatagram(anyPortTowards({ hostname, port: 0 }));
      // The link may have been dropped while its socket was being opened.
      if (!this.#ways.has(link)) return way.close();
      this.#ways.set(link, way);
      this.run(way.receive((bytes, from) => {
        // Whoever guesses the port is not the server.
        if (from.hostname !== hostname || from.port !== this.#upstream.port) return;
        this.countBytes(bytes.length);
        this.driver.handle({ type: "answer", link, bytes });
      }));
    } catch (error) {
      this.#ways.delete(link);
      const { code, message } = typed(error);
      return this.driver.handle({ type: "unreachable", link, code, message });
    }
    this.driver.handle({ type: "reached", link });
  }

  async #send(output: Extract<ProxyOutput, { type: "send" }>): Promise<void> {
    const { link, direction, client, bytes } = output;
    const way = direction === "up" ? this.#ways.get(link) : this.#socket;
    try {
      if (way) await sendDatagram(way, bytes, direction === "up" ? this.#upstream : client);
    } catch (error) {
      // A datagram that cannot be sent is lost, as on any network.
      typed(error);
    }
  }
}

interface ProxyParts {
  readonly listener: StreamListener | undefined;
  readonly socket: DatagramSocket | undefined;
  readonly upstream: Address;
  readonly net: Net;
  readonly machine: ProxyMachine;
  readonly seed: number;
  readonly transport: ProxyTransport;
}

function addressOf(name: string, given: Partial<Address> = {}, fallback: number): Address {
  const port = checkNumber(name, given.port ?? fallback, { max: 65_535, integer: true });
  return { hostname: given.hostname ?? "127.0.0.1", port };
}
