/**
 * The adapters to sockets: interfaces, and the implementation that fits the runtime.
 *
 * @example Send a datagram to oneself
 * ```ts
 * import { openNet, sendDatagram } from "@heartline/heartline/net";
 * import { assertEquals } from "@std/assert";
 *
 * const net = await openNet();
 * const socket = await net.bindDatagram({ hostname: "127.0.0.1", port: 0 });
 * const seen: string[] = [];
 * const received = socket.receive((bytes) => {
 *   seen.push(new TextDecoder().decode(bytes));
 *   socket.close();
 * });
 * await sendDatagram(socket, new TextEncoder().encode("hello"), socket.address);
 * await received;
 * assertEquals(seen, ["hello"]);
 * ```
 *
 * @module
 */
export {
  type DatagramFailure,
  type DatagramSink,
  type DatagramSocket,
  sendDatagram,
} from "./datagram.ts";
export type { Net } from "./net.ts";
export { type NetNeeds, openNet } from "./open.ts";
export type { StreamConnection, StreamListener, StreamSink } from "./stream.ts";
export { Connection, type ConnectionOwner } from "./connection.ts";
export { type ConnectionHandler, Connections, type ConnectionsOptions } from "./connections.ts";
export {
  StreamClient,
  type StreamClientInput,
  type StreamClientOptions,
  type StreamClientOutput,
} from "./stream_client.ts";
export {
  type Readiness,
  StreamServer,
  type StreamServerInput,
  type StreamServerOptions,
} from "./stream_server.ts";
