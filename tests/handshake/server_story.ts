/**
 * A handshake server in virtual time: every step goes to the next deadline, so that no verdict is
 * skipped.
 *
 * @module
 */
import { type Address, formatAddress, parseAddress } from "../../core/address.ts";
import type { HandshakeServerOutput } from "../../handshake/inputs.ts";
import type { HandshakeServerMachineOptions } from "../../handshake/options.ts";
import { HandshakeServerMachine } from "../../handshake/server_machine.ts";

/** Where stories are told from. */
export class Story {
  readonly server: HandshakeServerMachine;
  now = 0;
  #said: string[] = [];

  constructor(options: HandshakeServerMachineOptions = {}) {
    this.server = new HandshakeServerMachine(options, {}, 0);
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

  /** A datagram from an address. */
  udp(from: string, text: string): this {
    this.#note(this.server.receive(bytesOf(text), parseAddress(from), this.now));
    return this;
  }

  /** A new connection. */
  connect(connection: number, remote = `10.0.9.9:${connection}`): this {
    const address: Address = parseAddress(remote);
    this.#note(
      this.server.handle({ type: "opened", connection, remote: address, local: address }, this.now),
    );
    return this;
  }

  /** Bytes on a connection. */
  tcp(connection: number, text: string): this {
    this.#note(this.server.handle({ type: "data", connection, bytes: bytesOf(text) }, this.now));
    return this;
  }

  /** The end of a connection's stream. */
  end(connection: number): this {
    this.#note(this.server.handle({ type: "ended", connection, reason: "end" }, this.now));
    return this;
  }

  /** A connection is gone. */
  gone(connection: number): this {
    this.#note(this.server.handle({ type: "ended", connection, reason: "reset" }, this.now));
    return this;
  }

  /** This process did not run until now, for `by` ms. */
  stall(by: number): this {
    this.now += by;
    this.#note(this.server.stalled(by));
    return this;
  }

  /** What was said since the last call, one line each. */
  said(): string[] {
    const said = this.#said;
    this.#said = [];
    return said;
  }

  #note(outputs: readonly HandshakeServerOutput[]): void {
    this.#said.push(...outputs.map(lineOf));
  }
}

/** Latin-1 text as bytes. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function lineOf(output: HandshakeServerOutput): string {
  switch (output.type) {
    case "reply":
      return `${formatAddress(output.to)} <- ${new TextDecoder().decode(output.bytes)}`;
    case "send":
      return `#${output.connection} <- ${new TextDecoder().decode(output.bytes)}`;
    case "close":
      return `#${output.connection} closed${output.within === 0 ? " at once" : ""}`;
    case "rejected":
      return `rejected ${output.count} ${output.reason}`;
    case "idle":
      return `idle for ${output.idleFor}`;
    case "stalled":
      return `stalled ${output.by}`;
    case "granted":
    case "repeated":
    case "refused":
      return `${output.type} ${output.id} ${output.transport} ${output.expiresIn}`;
    case "expired":
      return `expired ${output.id}`;
    default:
      return output.type;
  }
}
