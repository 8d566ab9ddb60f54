/**
 * Who is alive: the server of UDP heartbeats without its socket.
 *
 * It holds the clients, their states and one queue of their deadlines.
 *
 * ```text
 *            first beat                 timeout + grace without a beat
 *  waiting ────────────▶ up ──────────────────────────────────────────▶ down
 *     │                  ▲                                                │
 *     │                  └────────────── a beat that is not late ─────────┘
 *     └──────────── timeout + grace without a beat ──────────────────────▶
 * ```
 *
 * Laws: `down` is said once until the client recovers; a deadline is a monotonic instant and no wall
 * clock can move it; nothing but a valid heartbeat from a client's own address changes its state; a
 * heartbeat that the network held back keeps a client up but never brings one back; heartbeats that keep
 * arriving at their own pace for as long as the timeout bring one back whatever their times say.
 *
 * @module
 */
import { type Address, parseIpAddress } from "../core/address.ts";
import { checkDuration } from "../core/check.ts";
import { Deadlines, type Slot } from "../core/deadlines.ts";
import { type Instant, type Machine, NOTHING } from "../core/machine.ts";
import { countStates, worstFirst } from "../core/state_counts.ts";
import { LimitedReports, rejected } from "../core/limited_reports.ts";
import type { ClientState, UdpClientReport, UdpRejection } from "./events.ts";
import type { ClientRow } from "./client_row.ts";
import { decodeHeartbeat, type Heartbeat } from "./message.ts";
import type { UdpServerEnvironment, UdpServerInput, UdpServerOutput } from "./inputs.ts";
import {
  serverSettings,
  type UdpClientRegistration,
  type UdpServerMachineOptions,
  type UdpServerSettings,
} from "./options.ts";
import type { SavedUdpClient, UdpServerSnapshot } from "./server_snapshot.ts";
import { downEvent, DownGroup } from "./down_group.ts";
import type { ClientSettings, WatchedClient } from "./watched_client.ts";
import { WatchedClients } from "./watched_clients.ts";

/**
 * Watches any number of clients with one deadline queue.
 *
 * @example Driven by hand
 * ```ts
 * import { encodeHeartbeat, UdpServerMachine } from "@heartline/heartline/udp";
 * import { assertEquals } from "@std/assert";
 *
 * // `now` is what you say it is: here 30 s pass without waiting for them.
 * const machine = new UdpServerMachine({ clients: [{ address: "127.0.0.1:5001", timeout: 30_000 }] }, {}, 0);
 * const from = { hostname: "127.0.0.1", port: 5001 };
 * const bytes = encodeHeartbeat({ sequence: 1, sentAt: 1_752_356_183_000 });
 * const heard = machine.handle({ type: "datagram", bytes, from, wall: 1_752_356_183_002 }, 1_000);
 * assertEquals(heard, [{ type: "up", client: "127.0.0.1:5001" }]);
 * machine.tick(30_999);
 * assertEquals(machine.stateCounts(), { waiting: 0, up: 1, down: 0 });
 * assertEquals(machine.tick(31_000), [
 *   { type: "down", client: "127.0.0.1:5001", timeout: 30_000, silentFor: 30_000 },
 * ]);
 * ```
 */
export class UdpServerMachine implements Machine<UdpServerInput, UdpServerOutput> {
  readonly #deadlines = new Deadlines((slot) => this.#later(slot));
  readonly #clients: WatchedClients;
  /** Groups that wait for others before they are reported, by name and by slot. */
  readonly #groups = new Map<string, DownGroup>();
  readonly #groupsBySlot = new Map<Slot, DownGroup>();
  /** The slot of what is done every `CHORE_INTERVAL` ms. */
  readonly #chores: Slot;
  readonly #rejections = new LimitedReports(rejected<UdpRejection>);
  #heartbeats = 0;
  readonly #settings: UdpServerSettings;
  #kernelDrops: number | undefined;

  /**
   * Makes a server that watches its clients from `now` on.
   *
   * @param options see {@linkcode UdpServerMachineOptions}
   * @param now the timeouts of `clients` start here
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(
    options: UdpServerMachineOptions,
    { seed = 0, wall }: UdpServerEnvironment,
    now: Instant,
  ) {
    this.#settings = serverSettings(options);
    this.#clients = new WatchedClients(seed);
    this.#chores = this.#deadlines.add(now + CHORE_INTERVAL);
    const { at = wall ?? 0, clients: known = [] } = options.snapshot ?? {};
    const since = Math.max(0, (wall ?? at) - at);
    for (const saved of known) this.#restore(saved, since, now);
    for (const client of options.clients ?? []) this.#register(client, now);
  }

  /** When `tick` is next worth calling. */
  get deadline(): Instant | undefined {
    return this.#deadlines.next;
  }

  /** How many clients are watched. */
  get size(): number {
    return this.#clients.size;
  }

  /** Takes one input; datagrams may come through `receive` as well. */
  handle(input: UdpServerInput, now: Instant): readonly UdpServerOutput[] {
    switch (input.type) {
      case "datagram":
        return this.receive(input.bytes, input.from, now, input.wall);
      case "register":
        return [this.#register(input.client, now)];
      case "unregister":
        this.#forget(this.#clients.at(parseIpAddress(input.address)));
        return NOTHING;
      case "kernel-drops":
        return this.#compareDrops(input.total);
    }
  }

  /**
   * Takes one datagram. This is the hot path: for a heartbeat that changes no state it allocates
   * nothing that lives on.
   *
   * @param bytes read during the call only
   * @param from the sender
   * @param now the instant of receipt
   * @param wall the same in ms since 1970
   */
  receive(
    bytes: Uint8Array,
    from: Address,
    now: Instant,
    wall: number,
  ): readonly UdpServerOutput[] {
    const beat = decodeHeartbeat(bytes);
    if (typeof beat === "string") return this.#reject(beat, from, now);
    const slot = this.#clients.slotAt(from);
    if (slot === undefined) return this.#hearStranger(from, beat, now, wall);
    return this.#hear(slot, beat, now, wall);
  }

  /** This process did not run for `by` ms: moves the deadlines that judge a peer by as much. */
  stalled(by: number): readonly UdpServerOutput[] {
    this.#deadlines.stretch(by);
    return [{ type: "stalled", by }];
  }

  /** Gives the verdicts that are due. */
  tick(now: Instant): readonly UdpServerOutput[] {
    const outputs: UdpServerOutput[] = [];
    for (let slot; (slot = this.#deadlines.expire(now)) !== undefined;) {
      const client = this.#clients.in(slot);
      if (client) this.#expire(client, now, outputs);
      else if (slot === this.#chores) this.#doChores(now, outputs);
      else this.#reportGroup(this.#groupsBySlot.get(slot)!, now, outputs);
    }
    return outputs;
  }

  /** What is known about every client now, or about `limit` of them, those not up first. */
  reports(now: Instant, limit = Infinity): UdpClientReport[] {
    const chosen = worstFirst(this.#clients.values(), "up", limit);
    return chosen.map((client) => client.report(now));
  }

  /** How many clients are in each state. */
  stateCounts(): Record<ClientState, number> {
    return countStates(this.#clients.values(), ["waiting", "up", "down"]);
  }

  /** How many heartbeats of watched clients came, ever. */
  get heartbeats(): number {
    return this.#heartbeats;
  }

  /** How many datagrams were ignored, ever, by reason. */
  rejections(): Partial<Record<UdpRejection, number>> {
    return this.#rejections.totals();
  }

  /**
   * What a server started later needs to go on where this one stopped.
   *
   * @param wall the present in ms since 1970
   * @param untold whether nobody has taken the last verdict about a client yet, by itself or as one of its
   * group: its successor says that it is down
   */
  snapshot(
    now: Instant,
    wall?: number,
    untold: (client: string, group: string | undefined) => boolean = () => false,
  ): UdpServerSnapshot {
    return {
      version: 1,
      ...(wall !== undefined && { at: wall }),
      clients: Array.from(this.#clients.values(), (client) => {
        const isUntold = untold(client.name, client.group);
        return client.save(now, this.#silentSince(client.row), isUntold);
      }),
    };
  }

  #hear(
    slot: Slot,
    beat: Heartbeat,
    now: Instant,
    wall: number,
  ): readonly UdpServerOutput[] {
    this.#heartbeats++;
    // All that a heartbeat needs is in the row: to touch the client's object would be a cache miss.
    const row = this.#clients.row(slot);
    const arrival = row.observe(beat, wall, now, this.#settings.grace);
    const outputs = row.state === "up" ? NOTHING : this.#raise(this.#clients.in(slot)!, now);
    // The deadline moves later with that, see `#later`.
    if (row.state === "up") row.hear(now, this.#deadlines.stretched);
    if (!this.#settings.emitBeats) return outputs;
    const { lastDelay: delay, lastWasLate: late } = row.reception;
    const { name: client } = this.#clients.in(slot)!;
    return [...outputs, { type: "beat", client, sequence: beat.sequence, delay, arrival, late }];
  }

  #hearStranger(
    from: Address,
    beat: Heartbeat,
    now: Instant,
    wall: number,
  ): readonly UdpServerOutput[] {
    if (this.#settings.autoRegisterTimeout === undefined) {
      return this.#reject("unregistered", from, now);
    }
    if (this.size >= this.#settings.maxClients) return this.#reject("too-many-clients", from, now);
    const client = this.#watch(from, {
      timeout: this.#settings.autoRegisterTimeout,
      automatic: true,
    }, now);
    return [registered(client), ...this.#hear(client.slot, beat, now, wall)];
  }

  /** A client that was not up was heard. */
  #raise(client: WatchedClient, now: Instant): readonly UdpServerOutput[] {
    const { state, downAt } = client;
    // What the network held back says how things were, not how they are.
    if (state !== "waiting" && client.row.reception.lastWasLate) return NOTHING;
    this.#goUp(client, now);
    switch (state) {
      case "waiting":
        return [{ type: "up", client: client.name }];
      case "down": {
        const silentFor = now - client.row.heardAt;
        const recovered = { client: client.name, downFor: now - downAt, silentFor };
        return [{ type: "recovered", ...recovered }, ...this.#judgeClock(client)];
      }
      case "up":
        // It was silent while its group waited for others, and nobody was told.
        return NOTHING;
    }
  }

  /** A client that was believed against its own times has a clock of which its user should know. */
  #judgeClock(client: WatchedClient): UdpServerOutput[] {
    if (client.clockTold || !client.row.reception.clockUnusable) return [];
    client.clockTold = true;
    return [{ type: "clock-unusable", client: client.name }];
  }

  #goUp(client: WatchedClient, now: Instant): void {
    client.goUp();
    this.#deadlines.arm(client.slot, now + client.row.timeout + this.#settings.grace);
  }

  /** When a client that is up is due; only what it sent says so, and the queue was not told. */
  #later(slot: Slot): Instant | undefined {
    const row = this.#clients.row(slot);
    return row.state === "up" ? this.#dueOf(row) : undefined;
  }

  #dueOf(row: ClientRow): Instant {
    return this.#silentSince(row) + row.timeout + this.#settings.grace;
  }

  #expire(client: WatchedClient, now: Instant, outputs: UdpServerOutput[]): void {
    if (client.row.state === "down") {
      this.#forget(client);
      outputs.push({ type: "forgotten", client: client.name });
      return;
    }
    client.goDown(now);
    if (client.automatic) this.#deadlines.arm(client.slot, now + this.#settings.forgetAfter);
    if (client.group === undefined) outputs.push(downEvent(client, now));
    else this.#waitForGroup(client, client.group, now);
  }

  /** The first silent client of a group starts the wait, the others join it. */
  #waitForGroup(client: WatchedClient, name: string, now: Instant): void {
    let group = this.#groups.get(name);
    if (!group) {
      group = new DownGroup(name, this.#deadlines.add(now + this.#settings.groupWait));
      this.#groups.set(name, group);
      this.#groupsBySlot.set(group.slot, group);
    }
    group.add(client);
  }

  #reportGroup(group: DownGroup, now: Instant, outputs: UdpServerOutput[]): void {
    this.#groups.delete(group.name);
    this.#groupsBySlot.delete(group.slot);
    this.#deadlines.remove(group.slot);
    const said = group.report(now);
    if (said) outputs.push(said);
  }

  #register(client: UdpClientRegistration, now: Instant): UdpServerOutput {
    const address = parseIpAddress(client.address);
    const timeout = checkDuration("timeout", client.timeout);
    let watched = this.#clients.at(address);
    if (!watched) {
      watched = this.#watch(address, { timeout, group: client.group, automatic: false }, now);
    } else {
      watched.row.timeout = timeout;
      watched.group = client.group;
      watched.automatic = false;
      // A client that is down stays down until it is heard.
      if (watched.row.state === "down") this.#deadlines.disarm(watched.slot);
      else this.#deadlines.arm(watched.slot, this.#dueOf(watched.row));
    }
    return registered(watched);
  }

  /** From when on its silence counts: the time in which we did not run ourselves is left out. */
  #silentSince({ state, heardAt, stalledBefore }: ClientRow): Instant {
    return state === "down" ? heardAt : heardAt + (this.#deadlines.stretched - stalledBefore);
  }

  #watch(address: Address, settings: Omit<ClientSettings, "slot">, now: Instant): WatchedClient {
    const slot = this.#deadlines.add(now + settings.timeout + this.#settings.grace);
    const client = this.#clients.add(address, { ...settings, slot });
    client.row.hear(now, this.#deadlines.stretched);
    return client;
  }

  /**
   * Goes on with a client where an earlier server stopped, `since` ms after it was saved. That time does not
   * count, for nobody listened; but who has not been heard since the start before is excused no more, or a
   * server that is killed all the time would never see a silence.
   */
  #restore(saved: SavedUdpClient, since: number, now: Instant): void {
    const { timeout, group, automatic, state, told = true } = saved;
    const settings = { timeout: checkDuration("timeout", timeout), group, automatic };
    const client = this.#watch(parseIpAddress(saved.client), settings, now);
    const { row } = client;
    const left = Math.max(0, timeout + this.#settings.grace - saved.silentFor);
    const counted = state !== "down" && saved.excused ? Math.min(since, left) : 0;
    row.hear(now - saved.silentFor - counted, this.#deadlines.stretched);
    client.downAt = now - saved.downFor;
    client.excusedAt = row.heardAt;
    // A verdict that nobody took is given again.
    row.state = told ? state : "up";
    if (row.state !== "down") {
      this.#deadlines.arm(client.slot, this.#dueOf(row));
    } else if (automatic) {
      this.#deadlines.arm(client.slot, client.downAt + this.#settings.forgetAfter);
    } else {
      this.#deadlines.disarm(client.slot);
    }
  }

  #forget(client: WatchedClient | undefined): void {
    if (!client) return;
    client.before = undefined;
    this.#clients.delete(client);
    this.#deadlines.remove(client.slot);
  }

  #reject(reason: UdpRejection, from: Address, now: Instant): readonly UdpServerOutput[] {
    const report = this.#rejections.count(reason, from, now);
    return report ? [report] : NOTHING;
  }

  #doChores(now: Instant, outputs: UdpServerOutput[]): void {
    this.#deadlines.arm(this.#chores, now + CHORE_INTERVAL);
    outputs.push(...this.#rejections.flush(now), { type: "count-drops" });
  }

  #compareDrops(total: number): readonly UdpServerOutput[] {
    const count = total - (this.#kernelDrops ?? 0);
    this.#kernelDrops = total;
    return count > 0 ? [{ type: "overflowed", count }] : NOTHING;
  }
}

function registered({ name, row }: WatchedClient): UdpServerOutput {
  return { type: "registered", client: name, timeout: row.timeout };
}

/** How often held-back reports are flushed and the kernel's drops counted, in ms. */
const CHORE_INTERVAL = 2_000;
