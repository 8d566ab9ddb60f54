/**
 * Who is alive: the server of TCP heartbeats without its sockets.
 *
 * This file knows connections, their states and when a verdict is due. It does not know sockets, text
 * or what the user does with an event.
 *
 * ```text
 *  connected     first beat             timeout + grace without a beat
 *  ────────▶ waiting ────────▶ up ───────────────────────────────────▶ down ──▶ closed
 *               │              ▲                                         │ closeAfter of
 *               │              └──────── a beat that is not late ────────┤ silence
 *               └────────── timeout + grace without a beat ──────────────▶
 * ```
 *
 * Laws: each message is decoded once, however its bytes are cut; silence is said once until the client
 * recovers; a deadline is a monotonic instant and no wall clock can move it; what one connection sends
 * changes the state of no other; a heartbeat that the network held back keeps a client up but never
 * brings one back; after `close` was put out for a connection, nothing is put out for it any more.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import { Deadlines, type Slot } from "../core/deadlines.ts";
import type { ConnectionLoss } from "../core/connection.ts";
import { Framer } from "../core/framer.ts";
import { counted, LimitedReports } from "../core/limited_reports.ts";
import { type Instant, type Machine, NOTHING } from "../core/machine.ts";
import { countStates, worstFirst } from "../core/state_counts.ts";
import { SharedFramer } from "../core/shared_framer.ts";
import { AckBatch } from "./ack_batch.ts";
import type {
  TcpClientReport,
  TcpClientState,
  TcpDisconnectReason,
  TcpRejection,
  TcpServerEvent,
} from "./events.ts";
import { type LostClient, LostClients } from "./lost_clients.ts";
import { decodeTcpHeartbeat, MAX_TCP_MESSAGE_BYTES, TCP_MARK } from "./message.ts";
import type { TcpServerEnvironment, TcpServerInput, TcpServerOutput } from "./inputs.ts";
import { serverSettings, type TcpServerMachineOptions } from "./options.ts";
import { ConnectionMemory, WatchedConnection } from "./watched_connection.ts";
import { follow } from "../core/states.ts";
import { TCP_WATCHED_STATES } from "./states.ts";

/**
 * Watches any number of connections with one deadline queue.
 *
 * @example Driven by hand
 * ```ts
 * import { encodeTcpHeartbeat, TcpServerMachine } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * // `now` is what you say it is: here 10 s pass without waiting for them.
 * const machine = new TcpServerMachine({ timeout: 10_000 }, { wall: (now) => 1_000 + now });
 * const remote = { hostname: "127.0.0.1", port: 50_000 };
 * machine.handle({ type: "opened", connection: 1, remote, local: remote }, 0);
 * const bytes = encodeTcpHeartbeat({ sequence: 1, sentAt: 1_000 });
 * machine.handle({ type: "data", connection: 1, bytes }, 500);
 * assertEquals(machine.stateCounts(), { waiting: 0, up: 1, down: 0, disconnected: 0 });
 * assertEquals(machine.tick(10_500), [
 *   { type: "down", client: "127.0.0.1:50000", timeout: 10_000, silentFor: 10_000 },
 * ]);
 * ```
 */
export class TcpServerMachine implements Machine<TcpServerInput, TcpServerOutput> {
  readonly #clients = new Map<number, WatchedConnection>();
  readonly #deadlines = new Deadlines();
  /** The client of each slot of the queue. */
  readonly #owners: (WatchedConnection | undefined)[] = [];
  readonly #memory = new ConnectionMemory();
  readonly #framers = new SharedFramer(() =>
    new Framer(TCP_MARK, { limit: MAX_TCP_MESSAGE_BYTES })
  );
  readonly #lost: LostClients;
  /** The slot that fires when a lost client is to be forgotten. */
  readonly #forgetting: Slot;
  /** The slot that fires when a report was held back long enough. */
  readonly #reports: Slot;
  readonly #limited = new LimitedReports(counted<LimitedEvent>);
  readonly #acks: AckBatch | undefined;
  readonly #options: Required<TcpServerMachineOptions>;
  readonly #wall: TcpServerEnvironment["wall"];
  /** Timeout and grace. */
  readonly #patience: number;
  #heartbeats = 0;

  /**
   * Makes a server without clients.
   *
   * @param options see {@linkcode TcpServerMachineOptions}
   * @param environment see {@linkcode TcpServerEnvironment}
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(options: TcpServerMachineOptions, environment: TcpServerEnvironment) {
    this.#options = serverSettings(options);
    this.#wall = environment.wall;
    this.#patience = this.#options.timeout + this.#options.grace;
    this.#acks = options.ack ? new AckBatch() : undefined;
    this.#lost = new LostClients(this.#options.forgetAfter);
    this.#reports = this.#deadlines.add(0);
    this.#forgetting = this.#deadlines.add(0);
    this.#deadlines.disarm(this.#reports);
    this.#deadlines.disarm(this.#forgetting);
  }

  /** When `tick` is next worth calling. */
  get deadline(): Instant | undefined {
    return this.#deadlines.next;
  }

  /** How many clients are connected. */
  get size(): number {
    return this.#clients.size;
  }

  /** How many heartbeats came, ever. */
  get heartbeats(): number {
    return this.#heartbeats;
  }

  /** Takes one input; bytes may come through `receive` as well. */
  handle(input: TcpServerInput, now: Instant): readonly TcpServerOutput[] {
    switch (input.type) {
      case "opened":
        return this.#connect(input.connection, input.remote, now);
      case "data":
        return this.receive(input.connection, input.bytes, now);
      case "drained":
        return NOTHING;
      case "ended":
        return this.#lose(input.connection, input.reason, now);
      case "accept-failed":
        return this.#report(input, now);
    }
  }

  /**
   * Takes the next bytes of a connection. This is the hot path: for a heartbeat that changes no state
   * it allocates nothing that lives on.
   *
   * @param connection its number; bytes of an unknown one are ignored
   * @param bytes read during the call only
   * @param now the instant of receipt
   */
  receive(
    connection: number,
    bytes: Uint8Array,
    now: Instant,
  ): readonly TcpServerOutput[] {
    const client = this.#clients.get(connection);
    if (!client) return NOTHING;
    const outputs: TcpServerOutput[] = [];
    const fault = this.#read(client, bytes, this.#wall(now), now, outputs as TcpServerEvent[]);
    client.endChunk(now, outputs as TcpServerEvent[]);
    const acks = this.#acks?.take();
    if (acks) outputs.push({ type: "send", connection, bytes: acks });
    if (fault) this.#reject(client, fault, now, outputs);
    return outputs;
  }

  /** This process did not run for `by` ms: moves the deadlines that judge a peer by as much. */
  stalled(by: number): readonly TcpServerOutput[] {
    this.#deadlines.stretch(by);
    return [{ type: "stalled", by }];
  }

  /** Gives the verdicts that are due. */
  tick(now: Instant): readonly TcpServerOutput[] {
    const outputs: TcpServerOutput[] = [];
    for (let slot; (slot = this.#deadlines.expire(now)) !== undefined;) {
      const client = this.#owners[slot];
      if (slot === this.#forgetting) this.#forgetLost(now);
      else if (!client) outputs.push(...this.#heldBack(now));
      else if (client.state === "down") this.#close(client, "silent", now, outputs);
      else this.#declareDown(client, now, outputs);
    }
    return outputs;
  }

  /** What is known about every client now, or about `limit` of them, those not up first. */
  reports(now: Instant, limit = Infinity): TcpClientReport[] {
    const all = [...this.#clients.values(), ...this.#lost.values()];
    return worstFirst<WatchedConnection | LostClient>(all, "up", limit)
      .map((client) => client.report(now));
  }

  /** How many clients are in each state. */
  stateCounts(): Record<TcpClientState, number> {
    const connected = countStates(this.#clients.values(), [
      "waiting",
      "up",
      "down",
      "disconnected",
    ]);
    return { ...connected, disconnected: this.#lost.size };
  }

  /** Expects a client that is not connected no longer; says whether it was. */
  forget(client: string): boolean {
    return this.#lost.forget(client);
  }

  #connect(id: number, remote: Address, now: Instant): readonly TcpServerOutput[] {
    const name = formatAddress(remote);
    if (this.#clients.size >= this.#options.maxClients) {
      const refusal = { type: "rejected", client: name, reason: "too-many-clients" } as const;
      const said = this.#report(refusal, now);
      return [...said, { type: "close", connection: id }];
    }
    // It is there again by its very name, and two of one name would be one too many.
    this.#lost.forget(name);
    const slot = this.#deadlines.add(now + this.#patience);
    const client = new WatchedConnection(id, remote, slot, this.#memory, now);
    this.#owners[slot] = client;
    this.#clients.set(id, client);
    return [{ type: "connected", client: name, hostname: remote.hostname, port: remote.port }];
  }

  /** Says an event, or sees to it that what is held back is said in the end. */
  #report(event: LimitedEvent, now: Instant): readonly TcpServerOutput[] {
    const report = this.#limited.count(event.type, event, now);
    if (report) return [report];
    this.#deadlines.arm(this.#reports, this.#limited.due!);
    return NOTHING;
  }

  #heldBack(now: Instant): readonly TcpServerOutput[] {
    const reports = this.#limited.flush(now);
    // Another kind may have to wait longer.
    if (this.#limited.due !== undefined) this.#deadlines.arm(this.#reports, this.#limited.due);
    return reports;
  }

  /** Decodes all messages that are complete; says why the connection must be closed, if it must. */
  #read(
    client: WatchedConnection,
    bytes: Uint8Array,
    wall: number,
    now: Instant,
    events: TcpServerEvent[],
  ): TcpRejection | undefined {
    const framer = this.#framers.of(client);
    this.#acks?.begin(wall);
    framer.push(bytes);
    let heard = false;
    while (framer.next()) {
      const beat = decodeTcpHeartbeat(framer.bytes, framer.start, framer.end);
      if (!beat) return "malformed";
      heard = true;
      this.#heartbeats++;
      const arrival = client.observe(beat, { wall, patience: this.#patience }, now, events);
      if (client.state !== "up") this.#raise(client, now, events);
      this.#acks?.add(beat.sequence);
      if (this.#options.emitBeats) events.push(client.beat(beat, arrival, wall, framer.text()));
    }
    this.#framers.taken(client);
    if (heard && client.state === "up") {
      client.heardAt = now;
      this.#deadlines.arm(client.slot, now + this.#patience);
    }
    return framer.tooLong ? "too-long" : undefined;
  }

  /** A client that was not up was heard. */
  #raise(client: WatchedConnection, now: Instant, events: TcpServerEvent[]): void {
    if (client.state === "waiting") {
      client.state = follow(TCP_WATCHED_STATES, client.state, "up");
      this.#lost.returned(client.hostname);
      events.push({ type: "up", client: client.name });
      return;
    }
    // What the network held back says how things were, not how they are.
    if (client.reception.lastWasLate) return;
    client.state = follow(TCP_WATCHED_STATES, client.state, "up");
    events.push({
      type: "recovered",
      client: client.name,
      downFor: now - client.downAt,
      silentFor: now - client.heardAt,
    });
    if (client.clockTold || !client.reception.clockUnusable) return;
    client.clockTold = true;
    events.push({ type: "clock-unusable", client: client.name });
  }

  #declareDown(client: WatchedConnection, now: Instant, outputs: TcpServerOutput[]): void {
    client.flush(now, outputs as TcpServerEvent[]);
    client.fall(now);
    const silentFor = now - client.heardAt;
    outputs.push({
      type: "down",
      client: client.name,
      timeout: this.#options.timeout,
      silentFor,
    });
    // From the verdict on, not from the last heartbeat: what stretched one stretches the other.
    const left = Math.max(0, this.#options.closeAfter - this.#patience);
    if (left < Infinity) this.#deadlines.arm(client.slot, now + left);
  }

  /** A connection is over without a word of ours. */
  #lose(id: number, reason: ConnectionLoss, now: Instant): readonly TcpServerOutput[] {
    const client = this.#clients.get(id);
    if (!client) return NOTHING;
    if (reason !== "not-reading") return this.#end(client, reason, now);
    const rejected = { type: "rejected", client: client.name, reason, count: 1 } as const;
    return [rejected, ...this.#end(client, "closed", now)];
  }

  #reject(
    client: WatchedConnection,
    reason: TcpRejection,
    now: Instant,
    outputs: TcpServerOutput[],
  ): void {
    outputs.push({ type: "rejected", client: client.name, reason, count: 1 });
    this.#close(client, "closed", now, outputs);
  }

  #close(
    client: WatchedConnection,
    reason: TcpDisconnectReason,
    now: Instant,
    outputs: TcpServerOutput[],
  ): void {
    outputs.push({ type: "close", connection: client.id }, ...this.#end(client, reason, now));
  }

  #forgetLost(now: Instant): void {
    this.#lost.expire(now);
    const { next } = this.#lost;
    if (next === undefined) this.#deadlines.disarm(this.#forgetting);
    else this.#deadlines.arm(this.#forgetting, next);
  }

  #end(client: WatchedConnection, reason: TcpDisconnectReason, now: Instant): TcpServerEvent[] {
    const events: TcpServerEvent[] = [];
    this.#clients.delete(client.id);
    this.#deadlines.remove(client.slot);
    this.#owners[client.slot] = undefined;
    client.flush(now, events);
    this.#lost.add(client.report(now), client.hostname, now);
    this.#forgetLost(now);
    const connectedFor = now - client.connectedAt;
    events.push({ type: "disconnected", client: client.name, reason, connectedFor });
    return events;
  }
}

type LimitedEvent =
  | Omit<Extract<TcpServerEvent, { type: "rejected" }>, "count">
  | Omit<Extract<TcpServerEvent, { type: "accept-failed" }>, "count">;
