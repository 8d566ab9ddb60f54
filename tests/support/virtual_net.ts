/**
 * A network inside the test: datagram sockets in memory that deliver at once.
 *
 * @module
 */
import { type Address, formatAddress } from "../../core/address.ts";
import { AddressMap } from "../../core/address_map.ts";
import { HeartlineError } from "../../core/errors.ts";
import type { DatagramSink, DatagramSocket } from "../../net/datagram.ts";
import type { Net } from "../../net/net.ts";
import { sendingBy } from "./sending.ts";

/** A network of one host that knows no names; `broken` makes every send fail. */
export class VirtualNet implements Net {
  /** Every datagram that was sent, as text. */
  readonly sent: string[] = [];
  /** What a send fails with, if it does. */
  broken: HeartlineError | undefined;
  readonly #bound = new AddressMap<(bytes: Uint8Array, from: Address) => void>();
  #nextPort = 40_000;

  /** How many sockets are open. */
  get open(): number {
    return this.#bound.size;
  }

  bindDatagram(at: Address): Promise<DatagramSocket> {
    const address = { hostname: at.hostname, port: at.port || this.#nextPort++ };
    if (this.#bound.get(address)) {
      const message = `Cannot listen on ${formatAddress(address)}: Address already in use`;
      return Promise.reject(new HeartlineError("address-in-use", message));
    }
    let sink: DatagramSink = () => {};
    let ended = () => {};
    this.#bound.set(address, (bytes, from) => sink(bytes, from));
    return Promise.resolve({
      address,
      receive: (into) => {
        sink = into;
        return new Promise((resolve) => ended = resolve);
      },
      send: sendingBy(async (bytes, to) => {
        // A real socket takes a turn of the loop as well.
        await Promise.resolve();
        if (this.broken) throw this.broken;
        if (!this.#bound.get(address)) throw new HeartlineError("closed", "Cannot send: closed");
        this.sent.push(new TextDecoder().decode(bytes));
        this.#bound.get(to)?.(bytes, address);
      }),
      kernelDrops: () => undefined,
      close: () => {
        this.#bound.delete(address);
        ended();
      },
    });
  }

  lookup(hostname: string): Promise<string> {
    if (/^[\d.]+$/.test(hostname)) return Promise.resolve(hostname);
    const message = `Cannot find ${hostname}: Name or service not known`;
    return Promise.reject(new HeartlineError("name-not-found", message));
  }

  listenStream(): Promise<never> {
    return Promise.reject(new HeartlineError("io", "Cannot listen: there is no TCP here"));
  }

  connectStream(): Promise<never> {
    return Promise.reject(new HeartlineError("io", "Cannot connect: there is no TCP here"));
  }
}
