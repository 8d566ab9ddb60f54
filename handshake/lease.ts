/**
 * One lease, and who may hold it.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import type { Instant } from "../core/machine.ts";

/** Who asks: over UDP an address, over TCP a connection. */
export interface Asker {
  /** Its address as we see it. */
  readonly address: Address;
  /** The number of its connection, from 1 on; 0 over UDP. */
  readonly connection: number;
}

/** An id in use. */
export interface Lease {
  /** The connection id. */
  readonly id: string;
  /** Who has it. */
  readonly holder: Asker;
  /** From this instant on it is free. */
  readonly expiresAt: Instant;
}

/** Whether two askers are one. */
export function isSame(one: Asker, other: Asker): boolean {
  return one.connection === other.connection && one.address.port === other.address.port &&
    one.address.hostname === other.address.hostname;
}
