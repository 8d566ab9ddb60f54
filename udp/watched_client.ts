/**
 * One client as the server sees it.
 *
 * This file knows what is remembered of a client and how it is reported and saved. It does not know
 * deadlines or verdicts.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import type { Slot } from "../core/deadlines.ts";
import type { LinkStatistics } from "../core/link_statistics.ts";
import type { Instant } from "../core/machine.ts";
import type { Arrival } from "../core/sequence_window.ts";
import type { BurstTracker } from "./burst.ts";
import type { ClientTable } from "./client_table.ts";
import type { ClientState, UdpClientReport } from "./events.ts";
import type { Heartbeat } from "./message.ts";
import type { SavedUdpClient } from "./server_state.ts";
import { follow } from "../core/states.ts";
import { UDP_CLIENT_STATES } from "./states.ts";

/** The record of one client: with its row of the table about 1 KB. */
export class WatchedClient {
  /** Its address. */
  readonly address: Address;
  /** Whether it registered itself by its first heartbeat, and nobody else did since. */
  automatic: boolean;
  /** Its place in the deadline queue. */
  readonly slot: Slot;
  /** Milliseconds of silence until it is down, grace not counted. */
  timeout: number;
  /** The group it is alarmed with. */
  group: string | undefined;
  /** Whether it is heard. */
  state: ClientState = "waiting";
  /** When it was last heard, or registered. */
  heardAt: Instant;
  /** When it was found down. */
  downAt: Instant = 0;
  /** It is down and its group still waits for others before it says so. */
  unsaid = false;
  /** How often it fell silent. */
  alarms = 0;

  readonly #table: ClientTable;
  /** The next heartbeat is the first one since its alarm. */
  #fresh = false;

  /** A client that was registered at `now`; the row of its slot in `table` is its own from now on. */
  constructor(
    address: Address,
    table: ClientTable,
    settings: { timeout: number; group?: string | undefined; automatic: boolean; slot: Slot },
    now: Instant,
  ) {
    // A copy: the runtime's object carries more than an address.
    this.address = { hostname: address.hostname, port: address.port };
    this.timeout = settings.timeout;
    this.group = settings.group;
    this.automatic = settings.automatic;
    this.slot = settings.slot;
    this.heardAt = now;
    this.#table = table;
    this.link.clear();
    this.#bursts.clear();
  }

  /** How its heartbeats arrive; good until this is asked of another client. */
  get link(): LinkStatistics {
    return this.#table.link(this.slot);
  }

  get #bursts(): BurstTracker {
    return this.#table.bursts(this.slot);
  }

  /** Its address as `host:port`; written when asked for, because most of the time nobody asks. */
  get name(): string {
    return formatAddress(this.address);
  }

  /** Notes that its time is over. */
  fall(now: Instant): void {
    this.state = follow(UDP_CLIENT_STATES, this.state, "down");
    this.downAt = now;
    this.alarms++;
    this.#fresh = true;
  }

  /** Counts one heartbeat; says nothing about the state. */
  observe({ sequence, sentAt }: Heartbeat, wall: number, now: Instant): Arrival {
    if (this.#fresh) this.#startOver();
    return this.link.observe(this.#bursts.observe(sequence, sentAt, now), sentAt, wall, now);
  }

  /** Everything known about it now. */
  report(now: Instant): UdpClientReport {
    const link = this.link.report();
    const bursts = this.#bursts.seen;
    return {
      client: this.name,
      state: this.state,
      timeout: this.timeout,
      group: this.group,
      silentFor: now - this.heardAt,
      alarms: this.alarms,
      bursts,
      datagramsPerBurst: bursts === 0 ? 0 : link.received / bursts,
      link,
    };
  }

  /** What a later server needs to know of it; `silentSince` may leave out when we did not run. */
  save(now: Instant, silentSince: Instant): SavedUdpClient {
    // A silence that nobody was told of yet is left for the successor to say.
    const state = this.unsaid ? "up" : this.state;
    return {
      client: this.name,
      timeout: this.timeout,
      ...(this.group !== undefined && { group: this.group }),
      automatic: this.automatic,
      state,
      silentFor: now - silentSince,
      downFor: state === "down" ? now - this.downAt : 0,
    };
  }

  /** What was not sent while it was down is not lost on the way. */
  #startOver(): void {
    this.#fresh = false;
    this.#bursts.restart();
    this.link.restart();
  }
}
