/**
 * A UDP heartbeat server and its clients in virtual time, on bad links, with people and machines that
 * misbehave; and a witness who checks each word of the server against what really happened.
 *
 * @module
 */
import { assert } from "@std/assert";
import type { Address } from "../../core/address.ts";
import { Deadlines, type Slot } from "../../core/deadlines.ts";
import { Driver } from "../../core/drive.ts";
import type { Instant, Random } from "../../core/machine.ts";
import { UdpClientMachine } from "../../udp/client_machine.ts";
import { encodeHeartbeat } from "../../udp/message.ts";
import {
  type UdpServerInput,
  UdpServerMachine,
  type UdpServerOutput,
} from "../../udp/server_machine.ts";
import { type LinkFaults, LossyLink } from "./lossy_link.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** What happens in a world; times between things are means of an exponential distribution, in ms. */
export interface UdpWorldOptions {
  clients: number;
  period: number;
  timeout: number;
  grace: number;
  link: LinkFaults;
  /** How long a client runs until it crashes, and until it is started again. */
  crashEvery: number;
  restartAfter: number;
  /** How long until a client's clock steps, by up to an hour ahead or back. */
  stepEvery: number;
  /** How long until the server's process is stopped, and for how long it is at most. */
  stallEvery: number;
  longestStall: number;
}

/** A world that goes on for as long as `run` says. */
export class UdpWorld {
  /** How much happened, so that a test can tell that it was not an idle world. */
  readonly counts = { datagrams: 0, crashes: 0, steps: 0, stalls: 0, alarms: 0, recoveries: 0 };

  readonly #options: UdpWorldOptions;
  readonly #random: Random;
  readonly #clock = new VirtualClock();
  readonly #server: UdpServerMachine;
  readonly #driver: Driver<UdpServerInput, UdpServerOutput>;
  readonly #peers: Peer[] = [];
  readonly #byName = new Map<string, Peer>();
  /** What happens next in the world outside the server. */
  readonly #schedule = new Deadlines();
  readonly #happenings: ((now: Instant) => void)[] = [];
  /** The server's process is stopped; datagrams wait in its kernel. */
  #stopped = false;
  #kernel: Arrival[] = [];
  /** All that the server said it had lagged. */
  #lag = 0;

  constructor(options: UdpWorldOptions, random: Random) {
    this.#options = options;
    this.#random = random;
    for (let i = 0; i < options.clients; i++) this.#addPeer(i);
    const clients = this.#peers.map(({ name }) => ({ address: name, timeout: options.timeout }));
    this.#server = new UdpServerMachine({ clients, grace: options.grace }, 0);
    this.#driver = new Driver(this.#server, {
      clock: this.#clock,
      lagged: (by) => ({ type: "lagged", by }),
      deliver: (outputs, now) => outputs.forEach((output) => this.#witness(output, now)),
    });
    const stall = this.#on((now) => this.#stall(now, stall));
    this.#schedule.arm(stall, this.#within(options.stallEvery));
  }

  /** Lets everything happen until `end`; throws when the server says what is not so. */
  run(end: Instant): void {
    for (let now; (now = this.#schedule.next!) <= end;) {
      if (!this.#stopped) this.#clock.advance(now - this.#clock.now());
      for (let slot; (slot = this.#schedule.expire(now)) !== undefined;) {
        this.#happenings[slot]!(now);
      }
    }
    if (this.#stopped) this.#resume(end);
    this.#clock.advance(end - this.#clock.now());
    for (const peer of this.#peers) this.#expectAlarmIfSilent(peer, end);
    this.#driver.close();
  }

  #on(happening: (now: Instant) => void): Slot {
    const slot = this.#schedule.add(Infinity);
    this.#happenings[slot] = happening;
    return slot;
  }

  /** An exponentially distributed length of time, in whole ms so that sums of instants are exact. */
  #within(mean: number): number {
    return Math.ceil(-mean * Math.log(1 - this.#random()));
  }

  #addPeer(index: number): void {
    const address = { hostname: `10.0.${index >> 8}.${index & 255}`, port: 5001 };
    const sender = this.#on((now) => this.#send(peer, now));
    const receiver = this.#on((now) => this.#receive(peer, now));
    const crash = this.#on((now) => this.#crashOrRestart(peer, now, crash));
    const step = this.#on((now) => this.#stepClock(peer, now, step));
    const peer: Peer = {
      address,
      name: `${address.hostname}:${address.port}`,
      machine: undefined,
      ahead: 0,
      link: new LossyLink(this.#options.link, this.#random),
      sender,
      receiver,
      state: "waiting",
      arrivedAt: 0,
      readAt: 0,
      lagAtRead: 0,
      readSinceAlarm: 0,
    };
    this.#peers.push(peer);
    this.#byName.set(peer.name, peer);
    this.#crashOrRestart(peer, 0, crash);
    this.#schedule.arm(step, this.#within(this.#options.stepEvery));
  }

  #send(peer: Peer, now: Instant): void {
    for (const output of peer.machine!.tick(now)) {
      if (output.type !== "send") continue;
      const sentAt = this.#clock.wallOffset + now + peer.ahead;
      peer.link.handle(encodeHeartbeat({ sequence: output.sequence, sentAt }), now);
    }
    this.#schedule.arm(peer.sender, peer.machine!.deadline!);
    this.#schedule.arm(peer.receiver, Math.ceil(peer.link.deadline ?? Infinity));
  }

  #receive(peer: Peer, now: Instant): void {
    for (const bytes of peer.link.tick(now)) {
      peer.arrivedAt = now;
      if (this.#stopped) this.#kernel.push({ peer, bytes });
      else this.#read({ peer, bytes });
    }
    this.#schedule.arm(peer.receiver, Math.ceil(peer.link.deadline ?? Infinity));
  }

  /** The server's process takes one datagram, as `server.ts` does. */
  #read({ peer, bytes }: Arrival): void {
    this.counts.datagrams++;
    const now = this.#driver.wake();
    this.#expectAlarmIfSilent(peer, now);
    if (peer.state === "down") peer.readSinceAlarm++;
    peer.readAt = now;
    peer.lagAtRead = this.#lag;
    const outputs = this.#server.receive(bytes, peer.address, now, this.#clock.wall(now));
    this.#driver.deliver(outputs, now);
    assert(
      peer.state !== "down" || peer.readSinceAlarm < MOST_DOUBTED,
      `${peer.name} is heard and heard and still down at ${now}`,
    );
  }

  #crashOrRestart(peer: Peer, now: Instant, slot: Slot): void {
    const { crashEvery, restartAfter, period } = this.#options;
    if (peer.machine) {
      this.counts.crashes++;
      peer.machine = undefined;
    } else {
      peer.machine = new UdpClientMachine({ period }, now + Math.floor(this.#random() * period));
    }
    this.#schedule.arm(peer.sender, peer.machine?.deadline ?? Infinity);
    this.#schedule.arm(slot, now + this.#within(peer.machine ? crashEvery : restartAfter));
  }

  #stepClock(peer: Peer, now: Instant, slot: Slot): void {
    this.counts.steps++;
    peer.ahead += (2 * this.#random() - 1) * HOUR;
    this.#schedule.arm(slot, now + this.#within(this.#options.stepEvery));
  }

  #stall(now: Instant, slot: Slot): void {
    this.#stopped = !this.#stopped;
    if (this.#stopped) {
      this.counts.stalls++;
      const { longestStall } = this.#options;
      const length = SHORTEST_STALL + this.#random() * (longestStall - SHORTEST_STALL);
      this.#schedule.arm(slot, now + Math.ceil(length));
    } else {
      this.#resume(now);
      this.#schedule.arm(slot, now + this.#within(this.#options.stallEvery));
    }
  }

  /** The process goes on; either its timer or the waiting datagrams come first. */
  #resume(now: Instant): void {
    this.#stopped = false;
    this.#clock.stall(now - this.#clock.now());
    if (this.#random() < 0.5) this.#clock.advance(0);
    for (const arrival of this.#kernel.splice(0)) this.#read(arrival);
  }

  #witness(output: UdpServerOutput, now: Instant): void {
    if (output.type === "lagged") this.#lag += output.by;
    if (!("client" in output)) return;
    const peer = this.#byName.get(output.client)!;
    const said = `${output.type} of ${peer.name}, which was ${peer.state}, at ${now}`;
    if (output.type === "alarm") {
      assert(peer.state !== "down", `a second ${said}`);
      const { timeout, grace } = this.#options;
      const early = peer.arrivedAt + timeout + grace - now;
      assert(early <= 0, `${said}: ${early} ms too early`);
      const late = now - this.#dueAt(peer);
      assert(late <= TICK, `${said}: ${late} ms too late`);
      this.counts.alarms++;
      peer.state = "down";
      peer.readSinceAlarm = 0;
    } else {
      const wanted = { up: "waiting", recovered: "down" }[output.type as "up" | "recovered"];
      assert(peer.state === wanted, `unexpected ${said}`);
      if (output.type === "recovered") this.counts.recoveries++;
      peer.state = "up";
    }
  }

  /** When the alarm of a client is due, after all that it sent and the server read. */
  #dueAt(peer: Peer): Instant {
    const { timeout, grace } = this.#options;
    return peer.readAt + timeout + grace + (this.#lag - peer.lagAtRead);
  }

  #expectAlarmIfSilent(peer: Peer, now: Instant): void {
    assert(
      peer.state === "down" || now <= this.#dueAt(peer) + TICK,
      `no alarm of ${peer.name} at ${now}, which was last heard at ${peer.readAt}`,
    );
  }
}

/** One client, and what really happened to it. */
interface Peer {
  readonly address: Address;
  readonly name: string;
  /** `undefined` while it is crashed. */
  machine: UdpClientMachine | undefined;
  /** How far its wall clock is ahead. */
  ahead: number;
  readonly link: LossyLink<Uint8Array>;
  readonly sender: Slot;
  readonly receiver: Slot;
  /** As the server's words have it. */
  state: "waiting" | "up" | "down";
  /** When its last datagram reached the server's kernel, and when the server read it. */
  arrivedAt: Instant;
  readAt: Instant;
  lagAtRead: number;
  readSinceAlarm: number;
}

interface Arrival {
  readonly peer: Peer;
  readonly bytes: Uint8Array;
}

const HOUR = 3_600_000;
/** The driver looks at the clock this often, and drains its inputs for no longer than half of it. */
const TICK = 150;
/** A shorter pause need not be noticed; the driver promises it from here on. */
const SHORTEST_STALL = 250;
/** After a step of its clock a client needs two datagrams that are neither copies nor overtaken. */
const MOST_DOUBTED = 12;
