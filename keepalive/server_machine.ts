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
import { checkNumber } from "../core/check.ts";
import { Deadlines, type Slot } from "../core/deadlines.ts";
import type { ErrorCode, HeartlineError } from "../core/errors.ts";
import { LimitedReport } from "../core/limited_report.ts";
import { type Instant, type Machine, NOTHING } from "../core/machine.ts";
import { KeepaliveConnectionMachine } from "./connection_machine.ts";
import type { KeepaliveInput, KeepaliveOutput } from "./contract.ts";
import type { KeepaliveClientName, KeepaliveReport, KeepaliveServerEvent } from "./events.ts";
import { encodeKeepalive } from "./message.ts";
import { completed, type KeepaliveTiming } from "./timing.ts";

/** How a server watches its clients. */
export interface KeepaliveServerMachineOptions extends Omit<KeepaliveTiming, "dataInterval"> {
  /** Connections at most; further ones are told so and closed. @default 10_000 */
  maxClients?: number;
}

/** What a server machine is told; `connection` is any number that is used once. */
export type KeepaliveServerInput =
  /** A client connected; both ends as `host:port`. */
  | {
    readonly type: "connected";
    readonly connection: number;
    readonly client: string;
    readonly local: string;
  }
  /** Something for one connection. */
  | {
    readonly type: "connection";
    readonly connection: number;
    readonly input: KeepaliveInput;
  }
  /** A connection could not be accepted. */
  | { readonly type: "accept-failed"; readonly code: ErrorCode; readonly message: string }
  /** The server stops: every client is told. */
  | { readonly type: "stop" };

/** Bytes to send, a connection to close, or an event. */
export type KeepaliveServerOutput =
  | KeepaliveOutput<KeepaliveClientName>
  | KeepaliveServerEvent;

/**
 * Watches any number of connections.
 *
 * @example Driven by hand
 * ```ts
 * import { encodeKeepalive, KeepaliveServerMachine } from "@heartline/heartline/keepalive";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new KeepaliveServerMachine({ dataThreshold: 20_000 });
 * const [client, local] = ["127.0.0.1:50000", "127.0.0.1:6520"];
 * machine.handle({ type: "connected", connection: 1, client, local }, 0);
 * const bytes = new TextEncoder().encode(encodeKeepalive({ type: "data", id: 1, payload: "hello" }));
 * const input = { type: "bytes", bytes } as const;
 * assertEquals(machine.handle({ type: "connection", connection: 1, input }, 1_000), [
 *   { client, type: "data", id: 1, payload: "hello" },
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
  readonly #refusals = new LimitedReport<Refusal>();
  readonly #acceptFailures = new LimitedReport<AcceptFailure>();

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
      case "connected":
        return this.#connect(input, now);
      case "connection":
        return this.#settle(this.#clients.get(input.connection), input.input, now);
      case "accept-failed":
        return this.#later(this.#acceptFailures, this.#acceptFailures.count(input, now));
      case "stop":
        return this.#all((client) => this.#settle(client, input, now));
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
      if (!client) outputs.push(...this.#refusals.flush(now), ...this.#acceptFailures.flush(now));
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

  /** The number of the last DATA sent to a client; 0 if there is none. */
  lastSent(connection: number): number {
    return this.#clients.get(connection)?.machine.lastSent ?? 0;
  }

  /** What is known about every connected client now. */
  reports(now: Instant): KeepaliveReport<KeepaliveClientName>[] {
    return Array.from(this.#clients.values(), ({ machine }) => machine.report(now));
  }

  #connect(
    { connection, client: name, local }: Extract<KeepaliveServerInput, { type: "connected" }>,
    now: Instant,
  ): readonly KeepaliveServerOutput[] {
    if (this.#clients.size >= this.#maxClients) {
      const refusal: Refusal = { type: "rejected", client: name, reason: "too-many-clients" };
      const said = this.#later(this.#refusals, this.#refusals.count(refusal, now));
      return [...said, { type: "close", connection, last: TOO_MANY }];
    }
    const options = { connection, remote: { client: name }, payload: undefined };
    const machine = new KeepaliveConnectionMachine(options, this.#timing, now);
    const slot = this.#deadlines.add(machine.deadline ?? Infinity);
    const client = { connection, machine, slot };
    this.#owners[slot] = client;
    this.#clients.set(connection, client);
    return [{ type: "connected", client: name, local }];
  }

  #settle(
    client: Client | undefined,
    input: KeepaliveInput,
    now: Instant,
  ): readonly KeepaliveServerOutput[] {
    return client ? this.#armed(client, client.machine.handle(input, now)) : NOTHING;
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

  /** Sees to it that what a report has held back is said in the end. */
  #later<Said>({ due }: LimitedReport<unknown>, said: Said): Said {
    if (due !== undefined) this.#deadlines.arm(this.#reports, due);
    return said;
  }
}

interface Client {
  readonly connection: number;
  readonly machine: KeepaliveConnectionMachine<KeepaliveClientName>;
  readonly slot: Slot;
}

type Refusal = Omit<Extract<KeepaliveServerEvent, { type: "rejected" }>, "count">;
type AcceptFailure = Omit<Extract<KeepaliveServerEvent, { type: "accept-failed" }>, "count">;

const TOO_MANY = new TextEncoder().encode(
  encodeKeepalive({ type: "terminate", reason: "too-many-clients" }),
);
