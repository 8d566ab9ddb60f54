/**
 * Whether every id has one holder at a time, for as long as was promised.
 *
 * @module
 */
import type { Instant } from "../../../core/machine.ts";
import type { Process } from "../process.ts";
import type { World } from "../world.ts";

/** Stands beside the server. */
export class LeaseWitness {
  granted = 0;
  repeated = 0;
  refused = 0;
  readonly #server: Process;
  readonly #world: World;
  readonly #leases = new Map<string, Lease>();

  constructor(server: Process) {
    this.#server = server;
    this.#world = server.world;
  }

  /** The server answers; `to` tells askers apart. Returns whether the id was granted just now. */
  replies(text: string, to: string): boolean {
    const now = this.#server.clock.now();
    const [word, id = ""] = text.trimEnd().split(" ");
    const lease = this.#leases.get(id);
    const held = lease !== undefined && now < lease.since + LEASE;
    if (word === "RESET") {
      this.#world.check(held, "free-in-time", () => {
        return `${id} is refused ${lease ? now - lease.since : "?"} ms after it was granted`;
      });
      this.#world.check(lease!.holder !== to, "same-ok", () => `${to} is refused its own ${id}`);
      this.refused++;
      return false;
    }
    if (!held) {
      this.#leases.set(id, { holder: to, since: now, text });
      this.granted++;
      return true;
    }
    this.#world.check(lease.holder === to, "one-holder", () => {
      return `${id} is granted to ${to} while ${lease.holder} has it`;
    });
    this.#world.check(lease.text === text, "same-ok", () => {
      return `${to} asked again and got ${text.trimEnd()} after ${lease.text.trimEnd()}`;
    });
    this.repeated++;
    return false;
  }

  /** The server was killed, and its leases with it. */
  forgets(): void {
    this.#leases.clear();
  }
}

interface Lease {
  readonly holder: string;
  readonly since: Instant;
  readonly text: string;
}

/** How long an id is leased, in ms. */
export const LEASE = 30_000;
