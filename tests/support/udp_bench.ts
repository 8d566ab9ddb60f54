/**
 * A UDP heartbeat server without its socket, on a bench where a test moves the time.
 *
 * @module
 */
import { parseAddress } from "../../core/address.ts";
import { encodeHeartbeat } from "../../udp/message.ts";
import { UdpServerMachine } from "../../udp/server_machine.ts";
import type { UdpServerMachineOptions } from "../../udp/options.ts";
import type { UdpServerOutput } from "../../udp/inputs.ts";
import { checkUdpServerSnapshot } from "../../udp/server_snapshot.ts";

/** Three clients, and a timeout for them. */
export const A = "10.0.0.1:5001", B = "10.0.0.2:5001", C = "10.0.0.3:5001", D = "10.0.0.4:5001";
export const TIMEOUT = 30_000;
export const DAY = 86_400_000;
const WALL = Date.UTC(2026, 0, 1);

/** A server in virtual time: every step goes to the next deadline, so no verdict is skipped. */
export class Bench {
  readonly server: UdpServerMachine;
  /** Everything said so far but the wish to count drops, and since when nobody took it. */
  #said: UdpServerOutput[] = [];
  now: number;

  constructor(options: UdpServerMachineOptions, now = 0) {
    this.now = now;
    this.server = new UdpServerMachine(options, {}, now);
  }

  /** Lets time pass up to and including `now`. */
  to(now: number): this {
    for (let due; (due = this.server.deadline) !== undefined && due <= now;) {
      this.now = Math.max(due, this.now);
      this.#note(this.server.tick(this.now));
    }
    this.now = now;
    return this;
  }

  /** One datagram that was sent `delay` ms ago by a clock that is `ahead` of ours. */
  beat(client: string, { sequence = 1, delay = 0, ahead = 0 } = {}): this {
    const wall = WALL + this.now;
    return this.datagram(client, encodeHeartbeat({ sequence, sentAt: wall - delay + ahead }));
  }

  datagram(client: string, bytes: Uint8Array | string): this {
    const raw = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
    const wall = WALL + this.now;
    this.#note(this.server.receive(raw, parseAddress(client), this.now, wall));
    return this;
  }

  register(address: string, timeout: number, group?: string): this {
    const client = { address, timeout, ...(group !== undefined && { group }) };
    this.#note(this.server.handle({ type: "register", client }, this.now));
    return this;
  }

  unregister(address: string): this {
    this.#note(this.server.handle({ type: "unregister", address }, this.now));
    return this;
  }

  /** This process did not run until now, for `by` ms. */
  stall(by: number): this {
    this.now += by;
    this.#note(this.server.stalled(by));
    return this;
  }

  kernelDrops(total: number): this {
    this.#note(this.server.handle({ type: "kernel-drops", total }, this.now));
    return this;
  }

  /** What was said since the last call. */
  said(): UdpServerOutput[] {
    const said = this.#said;
    this.#said = [];
    return said;
  }

  /** The same as words: "down 10.0.0.1:5001". */
  words(): string[] {
    return this.said().map((event) =>
      "client" in event ? `${event.type} ${event.client}` : event.type
    );
  }

  stateOf(client: string): string | undefined {
    return this.server.reports(this.now).find((report) => report.client === client)?.state;
  }

  /** A server that goes on where this one stops, `pause` ms later, by way of a file. */
  restart(options: UdpServerMachineOptions = {}, pause = 1_000): Bench {
    const file = JSON.stringify(this.server.snapshot(this.now));
    const snapshot = checkUdpServerSnapshot(JSON.parse(file));
    // Another process has another monotonic scale.
    return new Bench({ ...options, snapshot }, 500_000_000 + pause);
  }

  #note(outputs: readonly UdpServerOutput[]): void {
    for (const output of outputs) if (output.type !== "count-drops") this.#said.push(output);
  }
}

/** A server that watches one client. */
export const watching = (options: UdpServerMachineOptions = {}) =>
  new Bench({ clients: [{ address: A, timeout: TIMEOUT }], ...options });
