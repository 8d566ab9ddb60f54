/**
 * What a heartbeat reads and writes of its client, as one row of numbers.
 *
 * A heartbeat that changes no state touches nothing else, so that it costs few cache misses.
 *
 * @module
 */
import { type Cells, CellTable } from "../core/cells.ts";
import { ReceptionStatistics } from "../core/reception_statistics.ts";
import type { Instant } from "../core/machine.ts";
import type { Arrival } from "../core/sequence_window.ts";
import { BurstTracker } from "./burst.ts";
import type { ClientState } from "./events.ts";
import type { Heartbeat } from "./message.ts";

/** One client's row; which one it is, `over` says. */
export class ClientRow {
  /** How many cells it takes. */
  static readonly CELLS: number = 5 + BurstTracker.CELLS + ReceptionStatistics.CELLS;

  /** How its heartbeats arrive. */
  readonly reception = new ReceptionStatistics();
  /** Its bursts. */
  readonly bursts = new BurstTracker();

  #cells: Float64Array = NOWHERE;
  #at = 0;

  /** Moves to the row in `cells`, from `at` on; that of a new client must then be begun. */
  over(cells: Cells, at: number): void {
    this.#cells = cells.doubles;
    this.#at = at;
    this.bursts.over(cells, at + BURSTS);
    this.reception.over(cells, at + RECEPTION);
  }

  /** Makes it the row of a client that was never heard. */
  begin(timeout: number): void {
    this.state = "waiting";
    this.timeout = timeout;
    this.#cells[this.#at + SILENT] = 0;
    this.bursts.clear();
    this.reception.clear();
  }

  /** Whether the client is heard. */
  get state(): ClientState {
    return STATES[this.#cells[this.#at + STATE]!]!;
  }

  set state(state: ClientState) {
    this.#cells[this.#at + STATE] = STATES.indexOf(state);
  }

  /** Milliseconds of silence until the client is down, grace not counted. */
  get timeout(): number {
    return this.#cells[this.#at + TIMEOUT]!;
  }

  set timeout(timeout: number) {
    this.#cells[this.#at + TIMEOUT] = timeout;
  }

  /** When the client was last heard, or registered. */
  get heardAt(): Instant {
    return this.#cells[this.#at + HEARD_AT]!;
  }

  /** For how long this process had not run until then, in all. */
  get stalledBefore(): number {
    return this.#cells[this.#at + STALLED_BEFORE]!;
  }

  /** Notes that the client was heard, or registered, at `now`. */
  hear(now: Instant, stalled: number): void {
    this.#cells[this.#at + HEARD_AT] = now;
    this.#cells[this.#at + STALLED_BEFORE] = stalled;
  }

  /** Counts one heartbeat; says nothing about the state. `grace` is that of its timeout. */
  observe({ sequence, sentAt }: Heartbeat, wall: number, now: Instant, grace = 0): Arrival {
    if (this.#cells[this.#at + SILENT] === 1) this.#startOver();
    const number = this.bursts.observe(sequence, sentAt, now);
    return this.reception.observe(number, sentAt, wall, now, this.timeout + grace);
  }

  /** Notes that the client fell silent: what it does not send until it is heard is not lost on the way. */
  fallSilent(): void {
    this.#cells[this.#at + SILENT] = 1;
  }

  #startOver(): void {
    this.#cells[this.#at + SILENT] = 0;
    this.bursts.restart();
    this.reception.restart();
  }
}

/** The rows of clients that have a small whole number each, as from `Deadlines`. */
export class ClientTable {
  readonly #cells = new CellTable(ClientRow.CELLS);
  readonly #row = new ClientRow();

  /** A client's row, good until the next call. */
  row(client: number): ClientRow {
    this.#row.over(this.#cells.page(client), this.#cells.at(client));
    return this.#row;
  }
}

// What is in which cell.
const STATE = 0;
const TIMEOUT = 1;
const HEARD_AT = 2;
/** 1 if the client was not heard since it went down. */
const SILENT = 3;
const STALLED_BEFORE = 4;
const BURSTS = 5;
const RECEPTION = BURSTS + BurstTracker.CELLS;

/** States as the cell holds them. */
const STATES: readonly ClientState[] = ["waiting", "up", "down"];
const NOWHERE = new Float64Array(0);
