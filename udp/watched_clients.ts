/**
 * All clients of a server, to be found by address and by slot.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import { AddressIndex } from "../core/address_index.ts";
import type { Slot } from "../core/deadlines.ts";
import { type ClientRow, ClientTable } from "./client_row.ts";
import { type ClientSettings, WatchedClient } from "./watched_client.ts";

/** Clients that have a slot of the deadline queue each. */
export class WatchedClients {
  readonly #slots: AddressIndex;
  readonly #rows = new ClientTable();
  readonly #clients: (WatchedClient | undefined)[] = [];

  /** None as yet; `seed` is a whole number that clients cannot know. */
  constructor(seed: number) {
    this.#slots = new AddressIndex(seed);
  }

  /** How many there are. */
  get size(): number {
    return this.#slots.size;
  }

  /** The slot of the client at an address; `undefined` if there is none. */
  slotAt(address: Address): Slot | undefined {
    return this.#slots.get(address);
  }

  /** The row of the client in a slot, good until the next one is asked for. */
  row(slot: Slot): ClientRow {
    return this.#rows.row(slot);
  }

  /** The client in a slot; `undefined` if it is not one's. */
  in(slot: Slot): WatchedClient | undefined {
    return this.#clients[slot];
  }

  /** The client at an address; `undefined` if there is none. */
  at(address: Address): WatchedClient | undefined {
    const slot = this.slotAt(address);
    return slot === undefined ? undefined : this.#clients[slot];
  }

  /** Adds a client that was never heard. */
  add(address: Address, settings: ClientSettings): WatchedClient {
    const client = new WatchedClient(address, this.#rows, settings);
    this.#clients[client.slot] = client;
    this.#slots.set(address, client.slot);
    return client;
  }

  /** Removes a client, so that its slot may be given to somebody else. */
  delete({ address, slot, row }: WatchedClient): void {
    this.#slots.delete(address);
    this.#clients[slot] = undefined;
    // What has the slot next may be no client, and must not be taken for one that is up.
    row.state = "waiting";
  }

  /** All in the order in which they came, but that some took the slots of others. */
  *values(): Generator<WatchedClient, void, undefined> {
    for (const client of this.#clients) if (client) yield client;
  }
}
