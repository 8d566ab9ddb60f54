/**
 * One client as the server sees it.
 *
 * It holds what is remembered of the client, and makes its report and its part of the snapshot. Verdicts and
 * deadlines are the machine's.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import type { Slot } from "../core/deadlines.ts";
import type { Instant } from "../core/machine.ts";
import { follow } from "../core/states.ts";
import type { ClientRow, ClientTable } from "./client_row.ts";
import type { ClientState, UdpClientReport } from "./events.ts";
import type { SavedUdpClient } from "./server_snapshot.ts";
import { UDP_CLIENT_STATES } from "./states.ts";

/** How a client is to be watched. */
export interface ClientSettings {
  /** Milliseconds of silence until it is down, grace not counted. */
  readonly timeout: number;
  /** The group it goes down with. */
  readonly group?: string | undefined;
  /** Whether it registered itself. */
  readonly automatic: boolean;
  /** Its place in the deadline queue and in the table. */
  readonly slot: Slot;
}

/** What no heartbeat needs of one client, and the way to its row, which has the rest: 1 KB in all. */
export class WatchedClient {
  /** Its address. */
  readonly address: Address;
  /** Whether it registered itself by its first heartbeat, and nobody else did since. */
  automatic: boolean;
  /** Its place in the deadline queue and in the table. */
  readonly slot: Slot;
  /** The group it goes down with. */
  group: string | undefined;
  /** When it was found down. */
  downAt: Instant = 0;
  /** What it was before it fell silent, while its group still waits for others before that is said. */
  before: ClientState | undefined;
  /** When it had last been heard at the start of this server; nothing else was heard of it as long as that is so. */
  excusedAt: Instant = NaN;
  /** Whether it was said that its clock is of no use. */
  clockTold = false;
  /** How often it was said to be down. */
  downCount = 0;

  readonly #table: ClientTable;

  /** A client that was never heard; the row of its slot in `table` is its own from now on. */
  constructor(address: Address, table: ClientTable, settings: ClientSettings) {
    // A copy: the runtime's object carries more than an address.
    this.address = { hostname: address.hostname, port: address.port };
    this.group = settings.group;
    this.automatic = settings.automatic;
    this.slot = settings.slot;
    this.#table = table;
    this.row.begin(settings.timeout);
  }

  /** What heartbeats read and write of it; good until this is asked of another client. */
  get row(): ClientRow {
    return this.#table.row(this.slot);
  }

  /** Its address as `host:port`; written when asked for, because most of the time nobody asks. */
  get name(): string {
    return formatAddress(this.address);
  }

  /** What its user was told: a silence of which its group has not spoken is none yet. */
  get state(): ClientState {
    return this.before ?? this.row.state;
  }

  /** Notes that it is up. */
  goUp(): void {
    this.before = undefined;
    this.row.state = follow(UDP_CLIENT_STATES, this.row.state, "up");
  }

  /** Notes that it fell silent, of which somebody has yet to be told. */
  goDown(now: Instant): void {
    const { row } = this;
    this.before = row.state;
    row.state = follow(UDP_CLIENT_STATES, row.state, "down");
    row.fallSilent();
    this.downAt = now;
  }

  /** Notes that its silence is told. */
  tellDown(): void {
    this.before = undefined;
    this.downCount++;
  }

  /** Everything known about it now. */
  report(now: Instant): UdpClientReport {
    const { timeout, heardAt, bursts: { seen: bursts }, reception: statistics } = this.row;
    const reception = statistics.report();
    return {
      client: this.name,
      state: this.state,
      timeout,
      group: this.group,
      silentFor: now - heardAt,
      downCount: this.downCount,
      bursts,
      datagramsPerBurst: bursts === 0 ? 0 : reception.received / bursts,
      reception,
    };
  }

  /**
   * What a later server needs to know of it; `silentSince` may leave out when we did not run, and `untold`
   * says that nobody has taken the last verdict about it.
   */
  save(now: Instant, silentSince: Instant, untold: boolean): SavedUdpClient {
    const { timeout, heardAt } = this.row;
    const { state } = this;
    return {
      client: this.name,
      timeout,
      ...(this.group !== undefined && { group: this.group }),
      automatic: this.automatic,
      state,
      silentFor: now - silentSince,
      ...(heardAt === this.excusedAt && { excused: true }),
      downFor: state === "down" ? now - this.downAt : 0,
      ...(state === "down" && untold && { told: false }),
    };
  }
}
