/**
 * UDP heartbeats: one server that watches many clients.
 *
 * It wires the machines and says what can happen to them. What must hold is in
 * `invariants/heartbeats.ts`.
 *
 * @module
 */
import type { Address } from "../../../core/address.ts";
import type { Instant } from "../../../core/machine.ts";
import { UdpClientMachine } from "../../../udp/client_machine.ts";
import type { UdpClientOutput } from "../../../udp/inputs.ts";
import { encodeHeartbeat } from "../../../udp/message.ts";
import { UdpServerMachine } from "../../../udp/server_machine.ts";
import type { UdpServerInput, UdpServerOutput } from "../../../udp/inputs.ts";
import type { UdpServerSnapshot } from "../../../udp/server_snapshot.ts";
import { type DatagramLane, DatagramNetwork } from "../datagrams.ts";
import type { Fault } from "../faults.ts";
import { quantile } from "../../../bench/harness/statistics.ts";
import { HeartbeatWitness, Watch } from "../invariants/heartbeats.ts";
import { Process, type Task } from "../process.ts";
import type { Scenario, Scene, Setting } from "../scenario.ts";

/** A burst of ten every 30 s, and an alarm after three of them. */
export const udp: Scenario = {
  name: "udp",
  summary: "UDP heartbeats every 30 s, alarm after 90 s",
  usual: { clients: 20, hours: 24, weather: "rough" },
  rates: [
    { kind: "stall", who: "server", every: 600_000, for: [10, 60_000] },
    { kind: "kill", who: "server", every: 14_400_000, for: [100, 120_000] },
    { kind: "wipe", who: "server", every: 43_200_000, for: [100, 120_000] },
    { kind: "step", who: "server", every: 14_400_000, by: [-3_600_000, 3_600_000] },
    { kind: "drift", who: "server", every: 14_400_000, by: [-200, 200] },
    { kind: "stall", who: "clients", every: 7_200_000, for: [10, 600_000] },
    { kind: "kill", who: "clients", every: 14_400_000, for: [1_000, 600_000] },
    { kind: "step", who: "clients", every: 14_400_000, by: [-3_600_000, 3_600_000] },
    { kind: "drift", who: "clients", every: 14_400_000, by: [-200, 200] },
    { kind: "lose-up", who: "clients", every: 14_400_000, for: [1_000, 600_000] },
    { kind: "slow", who: "clients", every: 14_400_000, for: [1_000, 600_000], by: [10, 60_000] },
    { kind: "rubbish", who: "clients", every: 3_600_000, by: [0, 80] },
  ],
  build: (setting) => new UdpScene(setting),
};

class UdpScene implements Scene {
  readonly processes = new Map<number, Process>();
  readonly #setting: Setting;
  readonly #network: DatagramNetwork;
  readonly #server: Process;
  readonly #watch: Watch;
  readonly #clients: Client[] = [];
  readonly #byName = new Map<string, Client>();
  #task!: Task<UdpServerInput, UdpServerOutput>;
  #machine!: UdpServerMachine;
  #stored: { readonly snapshot: UdpServerSnapshot; readonly at: Instant } | undefined;
  #read = 0;

  constructor(setting: Setting) {
    const { world } = this.#setting = setting;
    this.#network = new DatagramNetwork(world);
    this.#server = new Process(world, 0);
    this.#watch = new Watch(this.#server, TIMEOUT);
    this.processes.set(0, this.#server);
    for (const who of setting.clients) this.#addClient(who);
    this.#serve();
  }

  suffer({ kind, for: length, by }: Fault, process: Process): void {
    const { world } = this.#setting;
    const client = this.#clients.find((one) => one.process === process);
    switch (kind) {
      case "kill":
      case "wipe":
        // A server that does not run cannot store its state either.
        if (process.dead || !client && !process.running) return;
        if (client) this.#killClient(client, length);
        else this.#killServer(kind === "kill", length);
        break;
      case "lose-up":
        client!.lane.closedUntil = world.now + length;
        break;
      case "slow":
        client!.lane.slowUntil = world.now + length;
        client!.lane.slowBy = by;
        break;
      case "rubbish":
        // Never the first letter of a heartbeat: what is none says nothing about the client.
        client!.lane.send(Uint8Array.from({ length: by }, () => 128 + process.random() * 128));
    }
  }

  finish(): void {
    if (this.#server.running) {
      const { size } = this.#machine;
      const wanted = this.#clients.length;
      this.#setting.world.check(size === wanted, "nothing-left", () => `${size} are watched`);
    }
  }

  figures(): Record<string, number> {
    const { alarms, falseAlarms, recoveries, lateness } = this.#watch;
    const hours = this.#clients.length * this.#setting.world.now / HOUR;
    const sorted = lateness.toSorted((a, b) => a - b);
    return {
      ...this.#network.counts,
      read: this.#read,
      alarms,
      recoveries,
      "alarms of live clients": falseAlarms,
      "the same per million client-hours": falseAlarms / hours * 1e6,
      "alarm lateness p50, ms": quantile(sorted, 0.5) ?? 0,
      "alarm lateness p99, ms": quantile(sorted, 0.99) ?? 0,
    };
  }

  #addClient(who: number): void {
    const { world, weather } = this.#setting;
    const process = new Process(world, who);
    const address = { hostname: process.host, port: 5001 };
    const lane = this.#network.lane(weather, world.random(LANE, who), (bytes: Uint8Array) => {
      if (this.#server.running) this.#receive(client, bytes);
      else if (!this.#server.full) this.#server.arrives(() => this.#receive(client, bytes));
    });
    const client: Client = {
      process,
      address,
      name: `${address.hostname}:${address.port}`,
      lane,
      witness: new HeartbeatWitness(this.#watch, process),
    };
    this.processes.set(who, process);
    this.#clients.push(client);
    this.#byName.set(client.name, client);
    this.#startClient(client);
  }

  #startClient({ process, lane }: Client): void {
    const { world, wrap } = this.#setting;
    const { clock } = process;
    const start = clock.now() + process.random() * PERIOD;
    const machine = wrap(new UdpClientMachine({ interval: PERIOD }, {}, start), process.who);
    process.run(machine, {
      take: (output: UdpClientOutput, now) => {
        if (output.type !== "send") return;
        const { sequence } = output;
        world.history.routine(world.now, process, "sends", sequence);
        lane.send(encodeHeartbeat({ sequence, sentAt: clock.wall(now) }));
      },
    });
  }

  #killClient(client: Client, pause: number): void {
    client.process.kill();
    client.process.restartIn(pause, () => this.#startClient(client));
  }

  #serve(): void {
    const clients = this.#clients.map(({ name }) => ({ address: name, timeout: TIMEOUT }));
    const snapshot = this.#stored?.snapshot;
    const options = snapshot ? { snapshot } : { clients };
    this.#machine = new UdpServerMachine(options, {}, this.#server.clock.now());
    const machine = this.#setting.wrap(this.#machine, 0);
    this.#task = this.#server.run(machine, {
      take: (output, now) => this.#heard(output, now),
    });
  }

  #killServer(keep: boolean, pause: number): void {
    const at = this.#server.clock.now();
    this.#stored = keep ? { snapshot: this.#machine.snapshot(at), at } : undefined;
    this.#server.kill();
    this.#server.restartIn(pause, () => {
      for (const { witness } of this.#clients) {
        witness.restarted(keep, this.#server.clock.now() - at);
      }
      this.#serve();
    });
  }

  /** The server reads a datagram, as `udp/server.ts` does. */
  #receive({ process, address, witness }: Client, bytes: Uint8Array): void {
    const { world } = this.#setting;
    const { clock } = this.#server;
    const now = clock.now();
    this.#read++;
    if (bytes[0] === HEARTBEAT) witness.reads(now);
    world.history.routine(world.now, process, "is heard");
    this.#task.handle({ type: "datagram", bytes, from: address, wall: clock.wall(now) });
  }

  #heard(output: UdpServerOutput, now: Instant): void {
    const { world } = this.#setting;
    if (output.type === "count-drops") return;
    const client = "client" in output ? this.#byName.get(output.client) : undefined;
    const about = client ? client.process : this.#server;
    world.history.note(world.now, about, `is said to be: ${output.type}`);
    if (output.type === "stalled") this.#watch.lag += output.by;
    else if (output.type === "down") client!.witness.alarmed(now);
    else if (output.type === "up" || output.type === "recovered") {
      client!.witness.raised(output.type);
    }
  }
}

interface Client {
  readonly process: Process;
  readonly address: Address;
  readonly name: string;
  readonly lane: DatagramLane<Uint8Array>;
  readonly witness: HeartbeatWitness;
}

const HOUR = 3_600_000;
const PERIOD = 30_000;
const TIMEOUT = 90_000;
const LANE = 3;
const HEARTBEAT = "h".charCodeAt(0);
