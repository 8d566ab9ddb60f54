/**
 * Both ways of sending a datagram, for networks inside the test.
 *
 * @module
 */
import type { HeartlineError } from "../../core/errors.ts";
import type { DatagramSocket } from "../../net/datagram.ts";

/** `send` as given, and `post` by it. */
export function sendingBy(send: DatagramSocket["send"]): Pick<DatagramSocket, "send" | "post"> {
  return {
    send,
    post: (bytes, to, sent, failed) =>
      void send(bytes, to).then(sent, (error: HeartlineError) => failed(error, to)),
  };
}
