/**
 * Stories about a handshake server, and the lines that it answers in.
 *
 * @module
 */
import { formatAddress, parseAddress } from "../../core/address.ts";
import type { HandshakeServerInput, HandshakeServerOutput } from "../../handshake/inputs.ts";
import type { HandshakeServerMachineOptions } from "../../handshake/options.ts";
import { HandshakeServerMachine } from "../../handshake/server_machine.ts";
import { Story } from "../support/story.ts";

/** Where stories are told from. */
export class ServerStory
  extends Story<HandshakeServerInput, HandshakeServerOutput, HandshakeServerMachine> {
  constructor(options: HandshakeServerMachineOptions = {}) {
    super(new HandshakeServerMachine(options, {}, 0));
  }

  /** A datagram from an address. */
  udp(from: string, text: string): this {
    return this.performAll(this.machine.receive(bytesOf(text), parseAddress(from), this.now));
  }

  /** A new connection. */
  connect(connection: number, remote = `10.0.9.9:${connection}`): this {
    const address = parseAddress(remote);
    return this.give({ type: "opened", connection, remote: address, local: address });
  }

  /** Bytes on a connection. */
  tcp(connection: number, text: string): this {
    return this.give({ type: "data", connection, bytes: bytesOf(text) });
  }

  /** The end of a connection's stream. */
  end(connection: number): this {
    return this.give({ type: "ended", connection, reason: "end" });
  }

  /** A connection is gone. */
  gone(connection: number): this {
    return this.give({ type: "ended", connection, reason: "reset" });
  }

  protected perform(output: HandshakeServerOutput): void {
    this.log.push(lineOf(output));
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
