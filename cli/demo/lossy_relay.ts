/**
 * A UDP relay that loses a share of what passes through it.
 *
 * @module
 */
import type { Address } from "../../core/address.ts";
import type { Random } from "../../core/machine.ts";
import { openNet } from "../../net/open.ts";

/** A running relay. */
export interface LossyRelay {
  /** Where the client sends to. */
  readonly address: Address;
  /** Where the server sees the client's datagrams come from. */
  readonly outside: Address;
  /** Datagrams passed on and lost so far. */
  readonly count: { readonly passed: number; readonly lost: number };
  /** Stops it. */
  close(): void;
}

/** Relays to `server`, losing a share of `loss` (0..1) drawn from `random`. */
export async function openLossyRelay(
  server: Address,
  options: { loss: number; random: Random },
): Promise<LossyRelay> {
  const net = await openNet();
  const any = { hostname: "127.0.0.1", port: 0 };
  const inside = await net.bindDatagram(any);
  const outside = await net.bindDatagram(any);
  const count = { passed: 0, lost: 0 };
  void inside.receive((bytes) => {
    const lost = options.random() < options.loss;
    count[lost ? "lost" : "passed"]++;
    // A copy: the buffer belongs to the socket. A relay being closed may fail to send.
    if (!lost) outside.send(bytes.slice(), server, () => {}, () => count.lost++);
  });
  return {
    address: inside.address,
    outside: outside.address,
    count,
    close() {
      inside.close();
      outside.close();
    },
  };
}
