/**
 * How a network inside the test sends datagrams.
 *
 * @module
 */
import type { HeartlineError } from "../../core/errors.ts";
import type { Address } from "../../core/address.ts";
import type { DatagramSocket } from "../../net/datagram.ts";

/** A `send` that calls back when the promise of another settles. */
export function sendingBy(
  send: (bytes: Uint8Array, to: Address) => Promise<void>,
): DatagramSocket["send"] {
  return (bytes, to, sent, failed) =>
    void send(bytes, to).then(sent, (error: HeartlineError) => failed(error, to));
}
