/**
 * The servers and clients of the demo: what they are called and how each is doing.
 *
 * @module
 */
import { type Address, formatAddress } from "../../core/address.ts";
import type { ReceptionReport } from "../../core/reception_statistics.ts";
import type { Random } from "../../core/machine.ts";
import { serveTcpHeartbeats, type TcpHeartbeatServer } from "../../tcp/server.ts";
import { serveUdpHeartbeats, type UdpHeartbeatServer } from "../../udp/server.ts";
import { type ChildCommand, startCommand } from "./child.ts";
import { type LossyRelay, openLossyRelay } from "./lossy_relay.ts";

/** How one client is doing. */
export interface Row {
  readonly name: string;
  readonly state: string;
  /** Silence as a share of the timeout: 1 is the alarm. */
  readonly suspicion: number;
  readonly reception: ReceptionReport;
}

/** What the demo's clients are called. */
export const NAMES = {
  udpSteady: "udp steady",
  udpLossy: "udp lossy path",
  udpFrozen: "udp to freeze",
  udpKilled: "udp to kill",
  tcpSteady: "tcp steady",
  tcpFrozen: "tcp to freeze",
  tcpKilled: "tcp to kill",
} as const;

/** Two servers in this process and their clients in processes of their own. */
export class DemoFleet {
  /** The clients' processes by name. */
  readonly clients: Map<string, ChildCommand> = new Map();
  readonly #names = new Map<string, string>();

  private constructor(
    readonly udp: UdpHeartbeatServer,
    readonly tcp: TcpHeartbeatServer,
    /** What the client with the lossy path sends through. */
    readonly relay: LossyRelay,
  ) {}

  /** Starts servers on free ports and a relay that loses what `random` says. */
  static async open(random: Random): Promise<DemoFleet> {
    const udp = await serveUdpHeartbeats({ port: 0 });
    const tcp = await serveTcpHeartbeats({ port: 0, timeout: TIMEOUT });
    return new DemoFleet(udp, tcp, await openLossyRelay(udp.address, { loss: LOSS, random }));
  }

  /** Starts every client; resolves when all of them send. */
  async start(): Promise<void> {
    const { udpSteady, udpLossy, udpFrozen, udpKilled, tcpSteady, tcpFrozen, tcpKilled } = NAMES;
    await Promise.all([
      this.#startUdp(udpSteady, this.udp.address),
      this.#startUdp(udpLossy, this.relay.address, this.relay.outside),
      this.#startUdp(udpFrozen, this.udp.address),
      this.#startUdp(udpKilled, this.udp.address),
      this.#startTcp(tcpSteady),
      this.#startTcp(tcpFrozen),
      this.#startTcp(tcpKilled),
    ]);
  }

  /** The name of the client with this address. */
  nameOf(address: string): string {
    return this.#names.get(address) ?? address;
  }

  /** Every client that a server watches now. */
  rows(): Row[] {
    return [...this.udp.clients(), ...this.tcp.clients()].map(
      ({ client, state, silentFor, reception }) => ({
        name: this.nameOf(client),
        state,
        suspicion: silentFor / TIMEOUT,
        reception,
      }),
    );
  }

  /** Ends everything. */
  async close(): Promise<void> {
    for (const client of this.clients.values()) client.kill();
    this.relay.close();
    await Promise.all([this.udp.close(), this.tcp.close()]);
  }

  async #startUdp(name: string, to: Address, seenFrom?: Address): Promise<void> {
    const target = ["--host", to.hostname, "--port", String(to.port)];
    const client = startCommand("udp_client", [...target, "--period", PERIOD]);
    this.clients.set(name, client);
    const { local } = await client.event("started");
    const address = seenFrom ? formatAddress(seenFrom) : String(local);
    this.#names.set(address, name);
    this.udp.register({ address, timeout: TIMEOUT });
  }

  async #startTcp(name: string): Promise<void> {
    const { hostname, port } = this.tcp.address;
    const target = ["--host", hostname, "--port", String(port), "--interval", PERIOD];
    const client = startCommand("tcp_client", target);
    this.clients.set(name, client);
    const { local } = await client.event("connected");
    this.#names.set(String(local), name);
  }
}

/** Five periods: a machine that is busy starting seven processes must not look dead. */
const TIMEOUT = 2_500;
const PERIOD = "500ms";
/** A third of all datagrams; ten a period make an alarm by chance all but impossible. */
const LOSS = 0.3;
