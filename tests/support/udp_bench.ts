/**
 * Stories about a UDP heartbeat server.
 *
 * @module
 */
import { parseAddress } from "../../core/address.ts";
import { encodeHeartbeat } from "../../udp/message.ts";
import { UdpServerMachine } from "../../udp/server_machine.ts";
import type { UdpServerMachineOptions } from "../../udp/options.ts";
import type { UdpServerInput, UdpServerOutput } from "../../udp/inputs.ts";
import { checkUdpServerSnapshot } from "../../udp/server_snapshot.ts";
import { Story } from "./story.ts";

/** Three clients, and a timeout for them. */
export const A = "10.0.0.1:5001", B = "10.0.0.2:5001", C = "10.0.0.3:5001", D = "10.0.0.4:5001";
export const TIMEOUT = 30_000;
export const DAY = 86_400_000;
const WALL = Date.UTC(2026, 0, 1);

/** A server, whose wish to count drops is not noted. */
export class Bench
  extends Story<UdpServerInput, UdpServerOutput, UdpServerMachine, UdpServerOutput> {
  constructor(options: UdpServerMachineOptions, now = 0) {
    super(new UdpServerMachine(options, {}, now), now);
  }

  /** One datagram that was sent `delay` ms ago by a clock that is `ahead` of ours. */
  beat(client: string, { sequence = 1, delay = 0, ahead = 0 } = {}): this {
    const wall = WALL + this.now;
    return this.datagram(client, encodeHeartbeat({ sequence, sentAt: wall - delay + ahead }));
  }

  datagram(client: string, bytes: Uint8Array | string): this {
    const raw = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
    const wall = WALL + this.now;
    return this.performAll(this.machine.receive(raw, parseAddress(client), this.now, wall));
  }

  register(address: string, timeout: number, group?: string): this {
    const client = { address, timeout, ...(group !== undefined && { group }) };
    return this.give({ type: "register", client });
  }

  unregister(address: string): this {
    return this.give({ type: "unregister", address });
  }

  kernelDrops(total: number): this {
    return this.give({ type: "kernel-drops", total });
  }

  /** What was said since the last call, in words: "down 10.0.0.1:5001". */
  words(): string[] {
    return this.said().map((event) =>
      "client" in event ? `${event.type} ${event.client}` : event.type
    );
  }

  stateOf(client: string): string | undefined {
    return this.machine.reports(this.now).find((report) => report.client === client)?.state;
  }

  /** A server that goes on where this one stops, `pause` ms later, by way of a file. */
  restart(options: UdpServerMachineOptions = {}, pause = 1_000): Bench {
    const file = JSON.stringify(this.machine.snapshot(this.now));
    const snapshot = checkUdpServerSnapshot(JSON.parse(file));
    // Another process has another monotonic scale.
    return new Bench({ ...options, snapshot }, 500_000_000 + pause);
  }

  protected perform(output: UdpServerOutput): void {
    if (output.type !== "count-drops") this.log.push(output);
  }
}

/** A server that watches one client. */
export const watching = (options: UdpServerMachineOptions = {}) =>
  new Bench({ clients: [{ address: A, timeout: TIMEOUT }], ...options });
