/**
 * One alarm for clients that fell silent together, and one for a client alone.
 *
 * This file knows what is said of a silence. It does not know how long a group waits.
 *
 * @module
 */
import type { Slot } from "../core/deadlines.ts";
import type { Instant } from "../core/machine.ts";
import type { UdpServerEvent } from "./events.ts";
import type { WatchedClient } from "./watched_client.ts";

/** Clients of one group that fell silent and have not been reported. */
export class SilentGroup {
  /** Its name. */
  readonly name: string;
  /** Its place in the deadline queue. */
  readonly slot: Slot;
  /** A set: a client may fall silent, come back and fall silent again while the group waits. */
  readonly #silent = new Set<WatchedClient>();

  /** A group of which nobody is silent yet. */
  constructor(name: string, slot: Slot) {
    this.name = name;
    this.slot = slot;
  }

  /** Takes a client that fell silent. */
  add(client: WatchedClient): void {
    client.unsaid = true;
    this.#silent.add(client);
  }

  /** Ends the wait: one alarm for all who are still silent, `undefined` if nobody is. */
  alarm(now: Instant): UdpServerEvent | undefined {
    // Some may have come back while the group waited: nobody needs to hear of them.
    const silent = [...this.#silent].filter((client) => client.unsaid);
    for (const client of silent) client.unsaid = false;
    if (silent.length < 2) return silent[0] && alarm(silent[0], now);
    return {
      type: "group-down",
      group: this.name,
      clients: silent.map((client) => client.name),
      silentFor: silent.reduce((most, client) => Math.max(most, now - client.row.heardAt), 0),
    };
  }
}

/** The alarm for one client. */
export function alarm({ name, row }: WatchedClient, now: Instant): UdpServerEvent {
  const { timeout, heardAt } = row;
  return { type: "down", client: name, timeout, silentFor: now - heardAt };
}
