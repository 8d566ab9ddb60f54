/**
 * One `group-down` for clients that went down together, and one `down` for a client alone.
 *
 * The machine decides how long a group waits for others.
 *
 * @module
 */
import type { Slot } from "../core/deadlines.ts";
import type { Instant } from "../core/machine.ts";
import type { UdpServerEvent } from "./events.ts";
import type { WatchedClient } from "./watched_client.ts";

/** Clients of one group that went down and have not been reported. */
export class DownGroup {
  /** Its name. */
  readonly name: string;
  /** Its place in the deadline queue. */
  readonly slot: Slot;
  /** A set: a client may go down, come back and go down again while the group waits. */
  readonly #down = new Set<WatchedClient>();

  /** A group of which nobody is down yet. */
  constructor(name: string, slot: Slot) {
    this.name = name;
    this.slot = slot;
  }

  /** Adds a client that went down. */
  add(client: WatchedClient): void {
    this.#down.add(client);
  }

  /** Ends the wait: one event for all who are still down, `undefined` if nobody is. */
  report(now: Instant): UdpServerEvent | undefined {
    // Some may have come back while the group waited: nobody needs to hear of them.
    const down = [...this.#down].filter((client) => client.before !== undefined);
    if (down.length < 2) return down[0] && downEvent(down[0], now);
    for (const client of down) client.tellDown();
    return {
      type: "group-down",
      group: this.name,
      clients: down.map((client) => client.name),
      silentFor: down.reduce((most, client) => Math.max(most, now - client.row.heardAt), 0),
    };
  }
}

/** Tells that one client is down. */
export function downEvent(client: WatchedClient, now: Instant): UdpServerEvent {
  client.tellDown();
  const { timeout, heardAt } = client.row;
  return { type: "down", client: client.name, timeout, silentFor: now - heardAt };
}
