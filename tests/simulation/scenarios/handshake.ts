/**
 * Handshakes: clients that fight for a few ids, over UDP and TCP, with one server.
 *
 * It wires the machines and says what can happen to them. What must hold is in `invariants/handshake.ts`.
 *
 * @module
 */
import { type Address, formatAddress } from "../../../core/address.ts";
import { HeartlineError } from "../../../core/errors.ts";
import type { Random } from "../../../core/machine.ts";
import type { HandshakeClientInput, HandshakeClientOutput } from "../../../handshake/inputs.ts";
import { HandshakeClientMachine } from "../../../handshake/client_machine.ts";
import type { HandshakeServerInput, HandshakeServerOutput } from "../../../handshake/inputs.ts";
import { HandshakeServerMachine } from "../../../handshake/server_machine.ts";
import { type DatagramLane, DatagramNetwork } from "../datagrams.ts";
import type { Fault } from "../faults.ts";
import { LEASE, LeaseWitness } from "../invariants/handshake.ts";
import { Process, type Task } from "../process.ts";
import type { Scenario, Scene, Setting } from "../scenario.ts";
import { expectNothingLeft, killAll, killed, type StreamClient } from "../stream_clients.ts";
import { Access, Connection, type StreamEnd } from "../streams.ts";

const END = { hostname: "10.0.0.7", port: 5_001 };

/** Twice as many ids as clients; who has one comes back for another, sooner or later. */
export const handshake: Scenario = {
  name: "handshake",
  summary: "handshakes over UDP and TCP, that race for ids",
  usual: { clients: 12, hours: 6, weather: "rough" },
  rates: [
    { kind: "stall", who: "server", every: 600_000, for: [10, 60_000] },
    { kind: "kill", who: "server", every: 7_200_000, for: [10, 60_000] },
    { kind: "drift", who: "server", every: 3_600_000, by: [-200, 200] },
    { kind: "step", who: "server", every: 3_600_000, by: [-3_600_000, 3_600_000] },
    { kind: "stall", who: "clients", every: 1_800_000, for: [10, 60_000] },
    { kind: "kill", who: "clients", every: 3_600_000, for: [10, 60_000] },
    { kind: "vanish", who: "clients", every: 3_600_000, for: [10, 60_000] },
    { kind: "drift", who: "clients", every: 3_600_000, by: [-200, 200] },
    { kind: "lose-up", who: "clients", every: 1_800_000, for: [100, 60_000] },
    { kind: "lose-down", who: "clients", every: 1_800_000, for: [100, 60_000] },
    { kind: "slow", who: "clients", every: 1_800_000, for: [100, 60_000], by: [10, 40_000] },
    { kind: "half-open", who: "clients", every: 1_800_000 },
    { kind: "cut-up", who: "clients", every: 1_800_000, by: [0, 20] },
    { kind: "cut-down", who: "clients", every: 1_800_000, by: [0, 20] },
    { kind: "rubbish", who: "clients", every: 600_000, by: [0, 200] },
  ],
  build: (setting) => new HandshakeScene(setting),
};

class HandshakeScene implements Scene {
  readonly processes = new Map<number, Process>();
  readonly #setting: Setting;
  readonly #network: DatagramNetwork;
  readonly #server: Process;
  readonly #witness: LeaseWitness;
  readonly #clients: Client[];
  readonly #connections = new Map<number, Connection>();
  /** Whose a UDP port is; each try has its own. */
  readonly #clientAt = new Map<number, Client>();
  #machine!: HandshakeServerMachine;
  #task!: Task<HandshakeServerInput, HandshakeServerOutput>;
  #numbers = 0;
  #stopping = false;
  readonly #ends = { established: 0, failure: 0 };

  constructor(setting: Setting) {
    const { world } = this.#setting = setting;
    this.#network = new DatagramNetwork(world);
    this.#server = new Process(world, 0);
    this.processes.set(0, this.#server);
    this.#witness = new LeaseWitness(this.#server);
    this.#serve();
    this.#clients = setting.clients.map((who) => this.#addClient(who));
  }

  suffer(fault: Fault, process: Process): void {
    const { world } = this.#setting;
    const { kind, for: length, by } = fault;
    if (process === this.#server) return this.#killServer(length);
    const client = this.#clients.find((one) => one.process === process)!;
    if (killed(client, fault)) {
      this.#clientAt.delete(client.port);
      return process.restartIn(length, () => this.#start(client));
    }
    const lanes = [client.up, client.down];
    const struck = kind === "lose-up"
      ? lanes.slice(0, 1)
      : kind === "lose-down"
      ? [client.down]
      : [];
    for (const lane of struck) lane.closedUntil = world.now + length;
    if (kind === "rubbish") {
      client.up.send({ from: addressOf(client), bytes: new Uint8Array(by).fill(0x41) });
    }
    if (kind !== "slow") return;
    for (const lane of lanes) {
      lane.slowUntil = world.now + length;
      lane.slowBy = by;
    }
  }

  finish(): void {
    const { world } = this.#setting;
    this.#stopping = true;
    killAll(this.#clients);
    // Until all leases and all connections that nobody uses any more are over.
    world.run(world.now + 2 * (LEASE + 60_000));
    const { size } = this.#machine;
    expectNothingLeft(this.#server, { size, things: "leases" }, this.#clients);
  }

  figures(): Record<string, number> {
    const { granted, repeated, refused } = this.#witness;
    return { ...this.#network.counts, granted, repeated, refused, ...this.#ends };
  }

  // The server -------------------------------------------------------------------------------------

  #serve(): void {
    const now = this.#server.clock.now();
    this.#machine = new HandshakeServerMachine({ idleExit: Infinity }, {}, now);
    this.#task = this.#server.run(this.#setting.wrap(this.#machine, 0), {
      take: (output) => this.#serverDoes(output),
    });
  }

  #killServer(pause: number): void {
    if (this.#server.dead) return;
    this.#server.kill();
    this.#witness.forgets();
    for (const connection of this.#connections.values()) connection.abandon("down", true);
    this.#connections.clear();
    this.#server.restartIn(pause, () => this.#serve());
  }

  #serverDoes(output: HandshakeServerOutput): void {
    const { world } = this.#setting;
    if (output.type === "reply") {
      const { to, bytes } = output;
      this.#judge(bytes, formatAddress(to));
      this.#clientAt.get(to.port)?.down.send({ from: to, bytes });
    } else if (output.type === "send") {
      const connection = this.#connections.get(output.connection);
      this.#judge(output.bytes, `connection ${output.connection}`);
      connection?.lanes.down.send(output.bytes);
    } else if (output.type === "close") {
      const connection = this.#connections.get(output.connection);
      if (output.within === 0) connection?.reset();
      else connection?.close("down");
      this.#connections.delete(output.connection);
    } else world.history.note(world.now, this.#server, `says ${output.type}`);
  }

  #judge(bytes: Uint8Array, to: string): void {
    const { world } = this.#setting;
    const text = new TextDecoder().decode(bytes);
    world.history.note(world.now, this.#server, "answers", `${to}: ${text.trimEnd()}`);
    const [, id] = text.trimEnd().split(" ");
    if (this.#witness.replies(text, to) && this.#server.random() < PROBED) this.#probe(id!);
  }

  /** Somebody asks for an id a moment before its lease is over, and at the very instant. */
  #probe(id: string): void {
    const { world } = this.#setting;
    const { clock, life } = this.#server;
    const bytes = new TextEncoder().encode(`HELLO ${id}`);
    const from = { hostname: "10.255.0.1", port: ++this.#numbers };
    const over = clock.trueTime(clock.now() + LEASE);
    for (const at of [over - 0.01, over]) {
      world.once(at, () => {
        if (this.#server.running && this.#server.life === life) {
          this.#task.handle({ type: "datagram", bytes, from });
        }
      });
    }
  }

  // Clients ----------------------------------------------------------------------------------------

  #addClient(who: number): Client {
    const { world, weather } = this.#setting;
    const process = new Process(world, who);
    this.processes.set(who, process);
    const access = new Access(weather, world.random(ACCESS, who));
    const up = this.#network.lane(weather, world.random(LANE, who, 1), (datagram: Datagram) => {
      const read = () => this.#task.handle({ type: "datagram", ...datagram });
      if (!this.#server.full) this.#server.arrives(read);
    });
    const down = this.#network.lane(weather, world.random(LANE, who, 2), (datagram: Datagram) => {
      process.arrives(() => client.hear(datagram));
    });
    const random = world.random(CLIENT, who);
    const client: Client = {
      ...{ process, access, up, down, random, port: 0, tcp: who % 3 === 0 },
      hear: () => {},
    };
    this.#start(client);
    return client;
  }

  /** Asks for an id, after a while. */
  #start(client: Client): void {
    const { world } = this.#setting;
    const { process, random } = client;
    const { life } = process;
    world.once(world.now + random() * MOST_REST, () => {
      if (this.#stopping) return;
      if (process.life === life && !process.dead) process.arrives(() => this.#ask(client));
    });
  }

  #ask(client: Client): void {
    const { world, wrap } = this.#setting;
    const { process, random, tcp } = client;
    const { life } = process;
    let ended = false;
    world.once(world.now + LONGEST, () => {
      world.check(ended || process.life !== life || process.dead, "typed-end", () => {
        return `${process.name} neither has an id nor has failed`;
      });
    });
    const transport = tcp ? "tcp" : "udp";
    const machine = new HandshakeClientMachine({ id: this.#anyId(random), transport }, {
      server: "server",
      random,
    }, process.clock.now());
    const task: ClientTask = process.run(wrap(machine, process.who), {
      take: (output) => {
        switch (output.type) {
          case "connect":
            return tcp
              ? this.#connect(client, task, output.connection)
              : this.#bind(client, task, output.connection);
          case "send":
            if (tcp) client.connection?.lanes.up.send(withEnd(output.bytes, random));
            else client.up.send({ from: addressOf(client), bytes: output.bytes });
            return;
          case "close":
            client.connection?.close("up");
            this.#clientAt.delete(client.port);
            return;
          case "ask-id": {
            const id = this.#anyId(random);
            return client.process.soon(() => task.handle({ type: "next-id", id }));
          }
        }
        world.history.note(world.now, process, `says ${output.type}`);
        if (output.type !== "established" && output.type !== "failure") return;
        this.#ends[output.type]++;
        task.end();
        ended = true;
        this.#start(client);
      },
    });
  }

  #anyId(random: Random): string {
    return `id-${Math.floor(random() * this.#setting.clients.length * 2)}`;
  }

  #bind(client: Client, task: ClientTask, number: number): void {
    const port = client.port = ++this.#numbers;
    this.#clientAt.set(port, client);
    client.hear = ({ from, bytes }) => {
      // What was sent to the socket of an earlier try finds it closed.
      if (from.port === port) task.handle({ type: "datagram", connection: number, bytes });
    };
    client.process.soon(() =>
      task.handle({ type: "opened", connection: number, remote: END, local: END })
    );
  }

  #connect(client: Client, task: ClientTask, number: number): void {
    const { process, access } = client;
    const { world } = this.#setting;
    const refused = new HeartlineError("connection-refused", "Cannot connect: refused");
    const id = ++this.#numbers;
    client.connection = Connection.open(access, {
      client: {
        process,
        opened: () => task.handle({ type: "opened", connection: number, remote: END, local: END }),
        refused: () => task.handle({ type: "connect-failed", connection: number, error: refused }),
        data: (_, bytes) => task.handle({ type: "data", connection: number, bytes }),
        written: () => {},
        ended: (_, reason) => {
          task.handle({ type: "ended", connection: number, reason });
        },
      },
      server: this.#serverEnd(process.host),
    }, { id, tag: number });
    world.history.routine(world.now, process, "connects", id);
  }

  #serverEnd(hostname: string): StreamEnd {
    return {
      process: this.#server,
      opened: (connection) => {
        const { id } = connection;
        this.#connections.set(id, connection);
        this.#task.handle({
          type: "opened",
          connection: id,
          remote: { hostname, port: id },
          local: { hostname, port: id },
        });
      },
      refused: () => {},
      data: ({ id }, bytes) => this.#task.handle({ type: "data", connection: id, bytes }),
      written: () => {},
      ended: ({ id }, reason) => {
        this.#task.handle({ type: "ended", connection: id, reason });
        this.#connections.get(id)?.close("down");
        this.#connections.delete(id);
      },
    };
  }
}

type ClientTask = Task<HandshakeClientInput, HandshakeClientOutput>;

/** A datagram from or to a port of a client. */
interface Datagram {
  readonly from: Address;
  readonly bytes: Uint8Array;
}

interface Client extends StreamClient {
  readonly up: DatagramLane<Datagram>;
  readonly down: DatagramLane<Datagram>;
  readonly random: Random;
  readonly tcp: boolean;
  /** Of its UDP socket. */
  port: number;
  connection?: Connection;
  hear: (datagram: Datagram) => void;
}

function addressOf({ process, port }: Client): Address {
  return { hostname: process.host, port };
}

/** Over TCP a request may end in LF, or in silence. */
function withEnd(bytes: Uint8Array, random: Random): Uint8Array {
  return random() < 0.5 ? bytes : Uint8Array.of(...bytes, 0x0a);
}

/** Between two handshakes of a client, in ms. */
const MOST_REST = 30_000;
/** Three tries of 15 s, and as long as the process itself may not have run meanwhile. */
const LONGEST = 3 * 15_000 + 600_000;
/** The share of leases whose end is watched to the instant. */
const PROBED = 0.2;
const LANE = 3;
const CLIENT = 6;
const ACCESS = 7;
