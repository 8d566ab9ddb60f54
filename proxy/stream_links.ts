/**
 * All TCP links of the proxy.
 *
 * Law: after `reset` or `close` was put out for a link, nothing is put out for it any more.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import { Deadlines, type Slot } from "../core/deadlines.ts";
import type { Instant } from "../core/machine.ts";
import type { ProxyInput, ProxyOutput } from "./inputs.ts";
import type { CloseReason, LinkName } from "./events.ts";
import { type CutBy, type Direction, DIRECTIONS, type Faults, faultsOf } from "./faults.ts";
import type { SharedRoom } from "./delay_queue.ts";
import { randomOf } from "./seeded_random.ts";
import { StreamLane } from "./stream_lane.ts";

/** An input of a link that is there. */
export type StreamLinkInput = Extract<
  ProxyInput,
  { type: "reached" | "unreachable" | "data" | "written" | "ended" | "broken" }
>;

interface StreamLink {
  readonly name: LinkName;
  readonly client: string;
  readonly lanes: Readonly<Record<Direction, StreamLane>>;
  readonly slots: Readonly<Record<Direction, Slot>>;
  /** It was accepted to be left in silence. */
  readonly silent: boolean;
  /** A fault ended one of its directions. */
  wasCut: boolean;
}

/** TCP links by name. */
export class StreamLinks {
  readonly #seed: number;
  readonly #room: SharedRoom;
  readonly #links = new Map<LinkName, StreamLink>();
  readonly #deadlines = new Deadlines();
  readonly #owners: (readonly [StreamLink, Direction])[] = [];
  #faults: Faults = {};

  /** Makes none; draws come from `seed`, and what is held counts in `room`. */
  constructor(seed: number, room: SharedRoom) {
    this.#seed = seed;
    this.#room = room;
  }

  /** How many are open. */
  get size(): number {
    return this.#links.size;
  }

  /** When `tick` is next due. */
  get deadline(): Instant | undefined {
    return this.#deadlines.next;
  }

  /** Changes the faults of every link, and lets out what they no longer hold. */
  set(faults: Faults, now: Instant): ProxyOutput[] {
    this.#faults = faults;
    const outputs: ProxyOutput[] = [];
    for (const link of [...this.#links.values()]) {
      for (const direction of DIRECTIONS) {
        link.lanes[direction].set(faultsOf(faults, direction));
        this.#flush(link, direction, now, outputs);
      }
    }
    return outputs;
  }

  /** Takes a new connection, refuses it or leaves it in silence. */
  connect(name: LinkName, client: Address): ProxyOutput[] {
    const random = randomOf(this.#seed, name);
    const [refuse, silence] = [random(), random()];
    if (refuse < (this.#faults.refuse ?? 0)) {
      const refused = { type: "fault", link: name, fault: "refuse" } as const;
      return [refused, { type: "reset", link: name, flush: false }];
    }
    const silent = silence < (this.#faults.silence ?? 0);
    this.#add(name, client, silent);
    if (!silent) return [{ type: "connect", link: name }];
    return [{ type: "fault", link: name, fault: "silence" }, { type: "swallow", link: name }];
  }

  /** Takes what happened to a link; one that is gone is ignored. */
  handle(input: StreamLinkInput, now: Instant): ProxyOutput[] {
    const link = this.#links.get(input.link);
    if (!link) return [];
    switch (input.type) {
      case "reached":
        return this.#reached(link, now);
      case "unreachable":
        return [input, ...this.#drop(link, "reset", false, false)];
      case "broken":
        return this.#drop(link, "reset", false);
      case "data":
        return this.#data(link, input.direction, input.bytes, now);
      case "written":
        return this.#written(link, input.direction, input.length);
      case "ended": {
        // There is no server that could answer.
        if (link.silent) return this.#drop(link, "fault", false);
        link.lanes[input.direction].end(input.reason, now);
        const outputs: ProxyOutput[] = [];
        this.#flush(link, input.direction, now, outputs);
        return outputs;
      }
    }
  }

  /** Whether `length` bytes may go straight on to the receiver; if so, they are counted. */
  passes(name: LinkName, direction: Direction, length: number): boolean {
    const link = this.#links.get(name);
    if (!link || link.silent || !link.lanes[direction].plain) return false;
    link.lanes[direction].received += length;
    return true;
  }

  /** Whether reading must wait for `resume`. */
  mustWait(name: LinkName, direction: Direction): boolean {
    const lane = this.#links.get(name)?.lanes[direction];
    if (!lane || !lane.full) return false;
    lane.waits = true;
    return true;
  }

  /** Bytes that came from each side of a link. */
  received(name: LinkName): Readonly<Record<Direction, number>> | undefined {
    const link = this.#links.get(name);
    return link && { up: link.lanes.up.received, down: link.lanes.down.received };
  }

  /** Lets out what is due. */
  tick(now: Instant): ProxyOutput[] {
    const outputs: ProxyOutput[] = [];
    for (let slot; (slot = this.#deadlines.expire(now)) !== undefined;) {
      const [link, direction] = this.#owners[slot]!;
      this.#flush(link, direction, now, outputs);
    }
    return outputs;
  }

  /** Resets every link at once, or ends it behind what is held. */
  inject(by: CutBy, direction: Direction | undefined, now: Instant): ProxyOutput[] {
    const outputs: ProxyOutput[] = [];
    for (const link of [...this.#links.values()]) {
      if (by === "reset") {
        outputs.push(...this.#drop(link, "fault", false));
        continue;
      }
      for (const one of direction ? [direction] : DIRECTIONS) {
        link.wasCut = true;
        link.lanes[one].end("cut-fin", now);
        this.#flush(link, one, now, outputs);
      }
    }
    return outputs;
  }

  #add(name: LinkName, client: Address, silent: boolean): void {
    const lane = (direction: Direction): StreamLane => {
      const made = new StreamLane(randomOf(this.#seed, `${name}/${direction}`), this.#room);
      made.set(faultsOf(this.#faults, direction));
      return made;
    };
    const slot = (): Slot => {
      const taken = this.#deadlines.add(0);
      this.#deadlines.disarm(taken);
      return taken;
    };
    const link: StreamLink = {
      name,
      client: formatAddress(client),
      lanes: { up: lane("up"), down: lane("down") },
      slots: { up: slot(), down: slot() },
      silent,
      wasCut: false,
    };
    // A FIN that is asked for meanwhile must not be lost.
    link.lanes.up.ready = false;
    for (const direction of DIRECTIONS) this.#owners[link.slots[direction]] = [link, direction];
    this.#links.set(name, link);
  }

  #reached(link: StreamLink, now: Instant): ProxyOutput[] {
    const outputs: ProxyOutput[] = [
      { type: "connected", link: link.name, client: link.client },
    ];
    link.lanes.up.ready = true;
    this.#flush(link, "up", now, outputs);
    return outputs;
  }

  #data(link: StreamLink, direction: Direction, bytes: Uint8Array, now: Instant): ProxyOutput[] {
    const lane = link.lanes[direction];
    if (link.silent) {
      lane.received += bytes.length;
      return [];
    }
    const cut = lane.take(bytes, now);
    const outputs: ProxyOutput[] = [];
    if (cut) {
      link.wasCut = true;
      const fault = `cut-${cut.cut}` as const;
      outputs.push({ type: "fault", link: link.name, direction, fault, at: cut.at });
    }
    this.#flush(link, direction, now, outputs);
    return outputs;
  }

  #written(link: StreamLink, direction: Direction, length: number): ProxyOutput[] {
    const lane = link.lanes[direction];
    lane.underway -= length;
    const outputs: ProxyOutput[] = [];
    this.#resume(link, direction, outputs);
    return outputs;
  }

  #resume({ name: link, lanes }: StreamLink, direction: Direction, outputs: ProxyOutput[]): void {
    const lane = lanes[direction];
    if (!lane.waits || lane.full) return;
    lane.waits = false;
    outputs.push({ type: "resume", link, direction });
  }

  #flush(link: StreamLink, direction: Direction, now: Instant, outputs: ProxyOutput[]): void {
    if (!this.#links.has(link.name)) return;
    const lane = link.lanes[direction];
    for (const piece of lane.release(now)) {
      if ("bytes" in piece) {
        lane.underway += piece.bytes.length;
        outputs.push({ type: "write", link: link.name, direction, bytes: piece.bytes });
      } else if (piece.end === "reset" || piece.end === "cut-reset") {
        const reason = piece.end === "reset" ? "reset" : "fault";
        outputs.push(...this.#drop(link, reason, true));
        return;
      } else {
        outputs.push({ type: "end", link: link.name, direction });
      }
    }
    if (link.lanes.up.done && link.lanes.down.done) {
      this.#remove(link);
      outputs.push({ type: "close", link: link.name }, gone(link, link.wasCut ? "fault" : "end"));
      return;
    }
    this.#resume(link, direction, outputs);
    if (lane.due === undefined) this.#deadlines.disarm(link.slots[direction]);
    else this.#deadlines.arm(link.slots[direction], lane.due);
  }

  #drop(link: StreamLink, reason: CloseReason, flush: boolean, wasOpen = true): ProxyOutput[] {
    this.#remove(link);
    const reset: ProxyOutput = { type: "reset", link: link.name, flush };
    return wasOpen ? [reset, gone(link, reason)] : [reset];
  }

  #remove(link: StreamLink): void {
    this.#links.delete(link.name);
    for (const direction of DIRECTIONS) {
      this.#deadlines.remove(link.slots[direction]);
      link.lanes[direction].clear();
    }
  }
}

function gone({ name, lanes }: StreamLink, reason: CloseReason): ProxyOutput {
  const { up, down } = lanes;
  return { type: "disconnected", link: name, reason, up: up.received, down: down.received };
}
