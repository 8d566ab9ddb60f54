/**
 * An adapter to the network: the one thing a protocol's `server.ts` or `client.ts` is handed.
 *
 * This file knows what an adapter offers. It does not know any runtime.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import type { DatagramSocket } from "./datagram.ts";
import type { StreamConnection, StreamListener } from "./stream.ts";

/**
 * UDP and TCP of one runtime. Every failure is a `HeartlineError` with a code.
 *
 * @example A network that loses every datagram
 * ```ts
 * import { type Net, openNet } from "@heartline/heartline/net";
 * import { sendUdpHeartbeats } from "@heartline/heartline/udp";
 * import { assertEquals } from "@std/assert";
 *
 * let lost = 0;
 * const adapter = await openNet();
 * const net: Net = {
 *   ...adapter,
 *   async bindDatagram(at) {
 *     const socket = await adapter.bindDatagram(at);
 *     return {
 *       address: socket.address,
 *       receive: (sink) => socket.receive(sink),
 *       send(_bytes, _to, sent) {
 *         lost++;
 *         sent();
 *       },
 *       kernelDrops: () => socket.kernelDrops(),
 *       close: () => socket.close(),
 *     };
 *   },
 * };
 * for await (const _event of await sendUdpHeartbeats({ net, interval: 10, count: 1 }));
 * assertEquals(lost, 10);
 * ```
 */
export interface Net {
  /** Binds a UDP socket. */
  bindDatagram(at: Address): Promise<DatagramSocket>;
  /** Listens for TCP connections. */
  listenStream(at: Address): Promise<StreamListener>;
  /** Opens a TCP connection; `signal` gives up. */
  connectStream(to: Address, options?: { signal?: AbortSignal }): Promise<StreamConnection>;
  /** Finds the first address of a host name; an IP address is returned as it is. */
  lookup(hostname: string): Promise<string>;
}
