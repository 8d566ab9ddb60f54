/**
 * Picks the adapter for the runtime this runs on, and loads it when the first socket is opened.
 *
 * @module
 */
import type { Net } from "./net.ts";

/** What {@linkcode openNet} must give beyond sending and receiving. */
export interface NetNeeds {
  /**
   * TCP connections whose `reset` really resets: on Deno these are those of `node:net`, a little
   * slower, because the native ones cannot. @default false
   */
  resets?: boolean;
}

/**
 * The sockets of this runtime: native ones on Deno; `node:net` on Node; and `node:dgram` on both
 * where Deno's datagram sockets are not enabled (`"unstable": ["net"]` or `--unstable-net`).
 *
 * @example Listen on a free port
 * ```ts
 * import { openNet } from "@heartline/heartline/net";
 * import { assert } from "@std/assert";
 *
 * const net = await openNet();
 * const listener = await net.listenStream({ hostname: "127.0.0.1", port: 0 });
 * assert(listener.address.port > 0);
 * listener.close();
 * ```
 */
export async function openNet(needs: NetNeeds = {}): Promise<Net> {
  if (!("Deno" in globalThis)) return (await import("./node.ts")).nodeNet;
  const { denoNet, hasDatagrams } = await import("./deno.ts");
  if (hasDatagrams() && !needs.resets) return denoNet;
  const { nodeNet } = await import("./node.ts");
  const { bindDatagram } = hasDatagrams() ? denoNet : nodeNet;
  const { listenStream, connectStream } = needs.resets ? nodeNet : denoNet;
  return { ...denoNet, bindDatagram, listenStream, connectStream };
}
