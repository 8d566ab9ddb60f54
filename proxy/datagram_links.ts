/**
 * All UDP links of the proxy: one for each client address, with a socket of its own to the server.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import { AddressMap } from "../core/address_map.ts";
import { Deadlines, type Slot } from "../core/deadlines.ts";
import type { Instant } from "../core/machine.ts";
import type { ProxyInput, ProxyOutput } from "./inputs.ts";
import { DatagramLane } from "./datagram_lane.ts";
import type { CloseReason, LinkName } from "./events.ts";
import { type Direction, DIRECTIONS, type Faults, faultsOf } from "./faults.ts";
import type { SharedRoom } from "./delay_queue.ts";
import { randomOf } from "./seeded_random.ts";

interface DatagramLink {
  readonly name: LinkName;
  readonly client: Address;
  readonly lanes: Readonly<Record<Direction, DatagramLane>>;
  readonly slots: Readonly<Record<Direction | "idle", Slot>>;
}

/** UDP links by name and by client. */
export class DatagramLinks {
  readonly #seed: number;
  readonly #room: SharedRoom;
  readonly #idle: number;
  readonly #links = new Map<LinkName, DatagramLink>();
  readonly #clients = new AddressMap<DatagramLink>();
  readonly #deadlines = new Deadlines();
  readonly #owners: (readonly [DatagramLink, Direction | "idle"])[] = [];
  #faults: Faults = {};
  #made = 0;

  /**
   * Makes none; draws come from `seed`, a link is forgotten after `idle` ms without a datagram, and what is
   * held counts in `room`.
   */
  constructor(seed: number, idle: number, room: SharedRoom) {
    this.#seed = seed;
    this.#room = room;
    this.#idle = idle;
  }

  /** How many are open. */
  get size(): number {
    return this.#links.size;
  }

  /** When `tick` is next due. */
  get deadline(): Instant | undefined {
    return this.#deadlines.next;
  }

  /** Whether this client has a link. */
  has(client: Address): boolean {
    return this.#clients.get(client) !== undefined;
  }

  /** Changes the faults of every link, and lets out what they no longer hold. */
  set(faults: Faults, now: Instant): ProxyOutput[] {
    this.#faults = faults;
    const outputs: ProxyOutput[] = [];
    for (const link of this.#links.values()) {
      for (const direction of DIRECTIONS) {
        link.lanes[direction].set(faultsOf(faults, direction));
        this.#flush(link, direction, now, outputs);
      }
    }
    return outputs;
  }

  /** Takes a client's datagram; the first makes a link. */
  datagram(from: Address, bytes: Uint8Array, now: Instant): ProxyOutput[] {
    const known = this.#clients.get(from);
    const link = known ?? this.#add(from, now);
    const outputs: ProxyOutput[] = known ? [] : [{ type: "connect", link: link.name }];
    this.#carry(link, "up", bytes, now, outputs);
    return outputs;
  }

  /** Takes what happened to a link; one that is gone is ignored. */
  handle(
    input: Extract<ProxyInput, { type: "reached" | "unreachable" | "answer" }>,
    now: Instant,
  ): ProxyOutput[] {
    const link = this.#links.get(input.link);
    if (!link) return [];
    const outputs: ProxyOutput[] = [];
    if (input.type === "unreachable") {
      this.#remove(link);
      outputs.push(input);
    } else if (input.type === "answer") {
      this.#carry(link, "down", input.bytes, now, outputs);
    } else {
      const client = formatAddress(link.client);
      outputs.push({ type: "connected", link: link.name, client });
      link.lanes.up.ready = true;
      this.#flush(link, "up", now, outputs);
    }
    return outputs;
  }

  /** Lets out what is due and forgets who is idle. */
  tick(now: Instant): ProxyOutput[] {
    const outputs: ProxyOutput[] = [];
    for (let slot; (slot = this.#deadlines.expire(now)) !== undefined;) {
      const [link, what] = this.#owners[slot]!;
      if (what === "idle") outputs.push(...this.#drop(link, "idle"));
      else this.#flush(link, what, now, outputs);
    }
    return outputs;
  }

  /** Drops every link and what it holds. */
  dropAll(): ProxyOutput[] {
    return [...this.#links.values()].flatMap((link) => this.#drop(link, "fault"));
  }

  #add(client: Address, now: Instant): DatagramLink {
    const name = `udp-${++this.#made}`;
    const lane = (direction: Direction): DatagramLane => {
      const made = new DatagramLane(randomOf(this.#seed, `${name}/${direction}`), this.#room);
      made.set(faultsOf(this.#faults, direction));
      return made;
    };
    const slot = (): Slot => {
      const taken = this.#deadlines.add(0);
      this.#deadlines.disarm(taken);
      return taken;
    };
    const link: DatagramLink = {
      name,
      // A copy: the address may belong to the socket.
      client: { hostname: client.hostname, port: client.port },
      lanes: { up: lane("up"), down: lane("down") },
      slots: { up: slot(), down: slot(), idle: this.#deadlines.add(now + this.#idle) },
    };
    link.lanes.up.ready = false;
    for (const what of [...DIRECTIONS, "idle"] as const) {
      this.#owners[link.slots[what]] = [link, what];
    }
    this.#links.set(name, link);
    this.#clients.set(link.client, link);
    return link;
  }

  #carry(
    link: DatagramLink,
    direction: Direction,
    bytes: Uint8Array,
    now: Instant,
    outputs: ProxyOutput[],
  ): void {
    const lane = link.lanes[direction];
    this.#deadlines.arm(link.slots.idle, now + this.#idle);
    for (const fault of lane.take(bytes, now)) {
      outputs.push({ type: "fault", link: link.name, direction, fault, at: lane.received });
    }
    this.#flush(link, direction, now, outputs);
  }

  #flush(link: DatagramLink, direction: Direction, now: Instant, outputs: ProxyOutput[]): void {
    const lane = link.lanes[direction];
    for (const bytes of lane.release(now)) {
      outputs.push({ type: "send", link: link.name, direction, client: link.client, bytes });
    }
    if (lane.due === undefined) this.#deadlines.disarm(link.slots[direction]);
    else this.#deadlines.arm(link.slots[direction], lane.due);
  }

  #drop(link: DatagramLink, reason: CloseReason): ProxyOutput[] {
    this.#remove(link);
    const { name, lanes: { up, down } } = link;
    return [
      { type: "close", link: name },
      { type: "disconnected", link: name, reason, up: up.received, down: down.received },
    ];
  }

  #remove(link: DatagramLink): void {
    this.#links.delete(link.name);
    this.#clients.delete(link.client);
    for (const slot of Object.values(link.slots)) this.#deadlines.remove(slot);
    for (const lane of Object.values(link.lanes)) lane.clear();
  }
}
