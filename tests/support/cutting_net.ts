/**
 * A network whose connections end at any byte.
 *
 * @module
 */
import type { Address } from "../../core/address.ts";
import type { Net } from "../../net/net.ts";
import { openNet } from "../../net/open.ts";

/** What becomes of connections. */
export interface CuttingNetOptions {
  /** How many bytes of the next connection arrive before it ends. */
  after: () => number;
  /** Where the next connection really goes. @default where it was to go */
  route?: (to: Address) => Address;
}

/** The sockets of this runtime, cut; `cuts` counts. */
export async function cuttingNet(
  { after, route = (to) => to }: CuttingNetOptions,
): Promise<{ net: Net; cuts: () => number }> {
  const real = await openNet();
  let cuts = 0;
  const net: Net = {
    ...real,
    async connectStream(to, options) {
      const stream = await real.connectStream(route(to), options);
      let left = after();
      const { receive } = stream;
      return Object.create(stream, {
        remote: { value: stream.remote },
        local: { value: stream.local },
        write: { value: (bytes: Uint8Array) => stream.write(bytes) },
        close: { value: () => stream.close() },
        receive: {
          value: (sink: (bytes: Uint8Array) => void) =>
            receive.call(stream, (bytes) => {
              if (left <= 0) return;
              const taken = bytes.subarray(0, left);
              left -= bytes.length;
              sink(taken);
              if (left > 0) return;
              cuts++;
              stream.close();
            }),
        },
      });
    },
  };
  return { net, cuts: () => cuts };
}
