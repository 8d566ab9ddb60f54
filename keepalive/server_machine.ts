/**
 * Any number of keepalive connections with one deadline queue: the server without its sockets.
 *
 * This file knows which connections there are and when each is due. It does not know what a phase is,
 * nor any socket.
 *
 * Laws: what one connection sends changes the state of no other; after `close` was put out for a
 * connection, nothing is put out for it any more; connections above the limit are told why and cost
 * one event a second.
 *
 * @module
 */
import { formatAddress } from "../core/address.ts";
import { checkNumber } from "../core/check.ts";
import { Deadlines, type Slot } from "../core/deadlines.ts";
import type { HeartlineError } from "../core/errors.ts";
import { counted, LimitedReports } from "../core/limited_reports.ts";
import { type Instant, type Machine, NOTHING } from "../core/machine.ts";
import { KeepaliveConnectionMachine } from "./connection_machine.ts";
import type { KeepaliveServerInput, KeepaliveServerOutput } from "./inputs.ts";
import type { KeepaliveClientName, KeepaliveReport, KeepaliveServerEvent } from "./events.ts";
import { encodeKeepalive } from "./message.ts";
import { completed, type KeepaliveServerMachineOptions, type KeepaliveTiming } from "./options.ts";

/**
 * Watches any number of connections.
 *
 * @example Driven by hand
 * ```ts
 * import { encodeKeepalive, KeepaliveServerMachine } from "@heartline/heartline/keepalive";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new KeepaliveServerMachine({ dataThreshold: 20_000 });
 * const remote = { hostname: "127.0.0.1", port: 50_000 }, local = { hostname: "127.0.0.1", port: 6520 };
 * machine.handle({ type: "opened", connection: 1, remote, local }, 0);
 * const bytes = encodeKeepalive({ type: "data", id: 1, payload: "hello" });
 * assertEquals(machine.handle({ type: "data", connection: 1, bytes }, 1_000), [
 *   { client: "127.0.0.1:50000", type: "data", id: 1, payload: "hello" },
 * ]);
 * assertEquals(machine.tick(20_999), []);
 * // Nothing was heard for 20 s: probing begins.
 * assertEquals(machine.tick(21_000).map(({ type }) => type), ["phase", "send", "probe"]);
 * ```
 */
export class KeepaliveServerMachine
  implements Machine<KeepaliveServerInput, KeepaliveServerOutput> {
  readonly #timing: KeepaliveTiming;
  readonly #maxClients: number;
  readonly #clients = new Map<number, Client>();
  readonly #deadlines = new Deadlines();
  /** The client of each slot of the queue. */
  readonly #owners: (Client | undefined)[] = [];
  /** The slot that fires when a report was held back long enough. */
  readonly #reports: Slot;
  readonly #limited = new LimitedReports(counted<LimitedEvent>);

  /**
   * Makes a server without clients.
   *
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(options: KeepaliveServerMachineOptions = {}) {
    const { maxClients = 10_000, ...timing } = options;
    this.#timing = completed({ ...timing, dataInterval: Infinity });
    this.#maxClients = checkNumber("maxClients", maxClients, { min: 1, integer: true });
    this.#reports = this.#deadlines.add(0);
    this.#deadlines.disarm(this.#reports);
  }

  /** When `tick` is next worth calling. */
  get deadline(): Instant | undefined {
    return this.#deadlines.next;
  }

  /** How many clients are connected. */
  get size(): number {
    return this.#clients.size;
  }

  /** Takes one input. */
  handle(input: KeepaliveServerInput, now: Instant): readonly KeepaliveServerOutput[] {
    switch (input.type) {
      case "opened":
        return this.#connect(input, now);
      case "accept-failed":
        return this.#report(input, now);
      case "stop":
        return this.#all((client) => this.#armed(client, client.machine.handle(input, now)));
      default: {
        const client = this.#clients.get(input.connection);
        return client ? this.#armed(client, client.machine.handle(input, now)) : NOTHING;
      }
    }
  }

  /** This process did not run for `by` ms: moves the deadlines that judge a peer by as much. */
  stalled(by: number): readonly KeepaliveServerOutput[] {
    // Each has its own verdict to put off; the event is the same for all and said once.
    this.#all((client) => this.#armed(client, client.machine.stalled(by)));
    return [{ type: "stalled", by }];
  }

  /** Gives the verdicts that are due. */
  tick(now: Instant): readonly KeepaliveServerOutput[] {
    const outputs: KeepaliveServerOutput[] = [];
    for (let slot; (slot = this.#deadlines.expire(now)) !== undefined;) {
      const client = this.#owners[slot];
      if (!client) outputs.push(...this.#heldBack(now));
      else outputs.push(...this.#armed(client, client.machine.tick(now)));
    }
    return outputs;
  }

  /**
   * Why DATA with this payload cannot be sent to a client now, if it cannot; see
   * {@linkcode KeepaliveConnectionMachine.refusal}.
   *
   * @throws {HeartlineError} `invalid-option` if the payload is too long
   */
  refusal(connection: number, payload: string): HeartlineError | undefined {
    return this.#clients.get(connection)?.machine.refusal(payload);
  }

  /** Whether there is room for one more answer to a client, or it is gone. */
  mayAnswer(connection: number): boolean {
    return this.#clients.get(connection)?.machine.mayAnswer ?? true;
  }

  /** The number of the last DATA sent to a client; 0 if there is none. */
  lastSent(connection: number): number {
    return this.#clients.get(connection)?.machine.lastSent ?? 0;
  }

  /** What is known about every connected client now. */
  reports(now: Instant): KeepaliveReport<KeepaliveClientName>[] {
    return Array.from(this.#clients.values(), ({ machine }) => machine.report(now));
  }

  #connect(
    input: Extract<KeepaliveServerInput, { type: "opened" }>,
    now: Instant,
  ): readonly KeepaliveServerOutput[] {
    const { connection } = input, name = formatAddress(input.remote);
    if (this.#clients.size >= this.#maxClients) {
      const refusal = { type: "rejected", client: name, reason: "too-many-clients" } as const;
      const said = this.#report(refusal, now);
      return [...said, { type: "close", connection, last: TOO_MANY }];
    }
    const environment = { connection, remote: { client: name } };
    const machine = new KeepaliveConnectionMachine(this.#timing, environment, now);
    const slot = this.#deadlines.add(machine.deadline ?? Infinity);
    const client = { connection, machine, slot };
    this.#owners[slot] = client;
    this.#clients.set(connection, client);
    return machine.handle(input, now);
  }

  /** Keeps the queue and the table in step with what a client's machine has just done. */
  #armed(
    client: Client,
    outputs: readonly KeepaliveServerOutput[],
  ): readonly KeepaliveServerOutput[] {
    const { connection, machine, slot } = client;
    const { deadline } = machine;
    if (deadline !== undefined) this.#deadlines.arm(slot, deadline);
    else if (machine.over) {
      this.#clients.delete(connection);
      this.#deadlines.remove(slot);
      this.#owners[slot] = undefined;
    }
    return outputs;
  }

  #all(act: (client: Client) => readonly KeepaliveServerOutput[]): KeepaliveServerOutput[] {
    return [...this.#clients.values()].flatMap(act);
  }

  /** Says an event, or sees to it that what is held back is said in the end. */
  #report(event: LimitedEvent, now: Instant): readonly KeepaliveServerOutput[] {
    const report = this.#limited.count(event.type, event, now);
    if (report) return [report];
    this.#deadlines.arm(this.#reports, this.#limited.due!);
    return NOTHING;
  }

  #heldBack(now: Instant): readonly KeepaliveServerOutput[] {
    const reports = this.#limited.flush(now);
    // Another kind may have to wait longer.
    if (this.#limited.due !== undefined) this.#deadlines.arm(this.#reports, this.#limited.due);
    return reports;
  }
}

interface Client {
  readonly connection: number;
  readonly machine: KeepaliveConnectionMachine<KeepaliveClientName>;
  readonly slot: Slot;
}

type LimitedEvent =
  | Omit<Extract<KeepaliveServerEvent, { type: "rejected" }>, "count">
  | Omit<Extract<KeepaliveServerEvent, { type: "accept-failed" }>, "count">;

const TOO_MANY = encodeKeepalive({ type: "terminate", reason: "too-many-clients" });
