/**
 * TCP heartbeats with acknowledgements: one server that watches connections, and clients that return.
 *
 * It wires the machines and says what can happen to them. What must hold is in `invariants/heartbeats.ts`
 * and `invariants/tcp.ts`.
 *
 * @module
 */
import { Framer } from "../../../core/framer.ts";
import { HeartlineError } from "../../../core/errors.ts";
import type { Instant } from "../../../core/machine.ts";
import type {
  TcpClientInput,
  TcpClientOutput,
  TcpServerInput,
  TcpServerOutput,
} from "../../../tcp/inputs.ts";
import { TcpClientMachine } from "../../../tcp/client_machine.ts";
import { decodeTcpHeartbeat, MAX_TCP_MESSAGE_BYTES, TCP_MARK } from "../../../tcp/message.ts";
import { TcpServerMachine } from "../../../tcp/server_machine.ts";
import type { Fault } from "../faults.ts";
import { HeartbeatWitness, Watch } from "../invariants/heartbeats.ts";
import { NumberWitness } from "../invariants/tcp.ts";
import { Process, type Task } from "../process.ts";
import type { Scenario, Scene, Setting } from "../scenario.ts";
import { expectNothingLeft, killAll, killed, type StreamClient } from "../stream_clients.ts";
import { Access, Connection, type StreamEnd } from "../streams.ts";

/** A heartbeat every 5 s, and silence after four of them. */
export const tcp: Scenario = {
  name: "tcp",
  summary: "TCP heartbeats every 5 s with acks, silent after 20 s",
  usual: { clients: 12, hours: 6, weather: "rough" },
  rates: [
    { kind: "stall", who: "server", every: 1_800_000, for: [10, 30_000] },
    { kind: "kill", who: "server", every: 14_400_000, for: [10, 60_000] },
    { kind: "step", who: "server", every: 3_600_000, by: [-3_600_000, 3_600_000] },
    { kind: "drift", who: "server", every: 3_600_000, by: [-200, 200] },
    { kind: "stall", who: "clients", every: 1_800_000, for: [10, 300_000] },
    { kind: "kill", who: "clients", every: 3_600_000, for: [10, 120_000] },
    { kind: "vanish", who: "clients", every: 3_600_000, for: [10, 300_000] },
    { kind: "step", who: "clients", every: 3_600_000, by: [-3_600_000, 3_600_000] },
    { kind: "drift", who: "clients", every: 3_600_000, by: [-200, 200] },
    { kind: "lose-up", who: "clients", every: 1_800_000, for: [100, 300_000] },
    { kind: "lose-down", who: "clients", every: 1_800_000, for: [100, 300_000] },
    { kind: "partition", who: "clients", every: 1_800_000, for: [100, 300_000] },
    { kind: "slow", who: "clients", every: 1_800_000, for: [100, 60_000], by: [10, 10_000] },
    { kind: "reset", who: "clients", every: 3_600_000 },
    { kind: "half-open", who: "clients", every: 1_800_000 },
    { kind: "cut-up", who: "clients", every: 3_600_000, by: [0, 200] },
    { kind: "cut-down", who: "clients", every: 3_600_000, by: [0, 200] },
    { kind: "rubbish", who: "clients", every: 3_600_000, by: [0, 200] },
  ],
  build: (setting) => new TcpScene(setting),
};

class TcpScene implements Scene {
  readonly processes = new Map<number, Process>();
  readonly #setting: Setting;
  readonly #server: Process;
  #watch: Watch;
  readonly #clients: Client[];
  readonly #served = new Map<number, Served>();
  readonly #byName = new Map<string, Served>();
  #machine!: TcpServerMachine;
  #task!: Task<TcpServerInput, TcpServerOutput>;
  #connections = 0;
  #stopping = false;

  constructor(setting: Setting) {
    const { world } = this.#setting = setting;
    this.#server = new Process(world, 0);
    this.#watch = new Watch(this.#server, TIMEOUT);
    this.processes.set(0, this.#server);
    this.#serve();
    this.#clients = setting.clients.map((who) => this.#addClient(who));
  }

  suffer(fault: Fault, process: Process): void {
    if (process === this.#server) return this.#killServer(fault.for);
    const client = this.#clients.find((one) => one.process === process)!;
    if (killed(client, fault)) process.restartIn(fault.for, () => this.#start(client));
  }

  finish(): void {
    const { world } = this.#setting;
    this.#stopping = true;
    killAll(this.#clients);
    world.run(world.now + 20 * TIMEOUT + 600_000);
    const { size } = this.#machine;
    expectNothingLeft(this.#server, { size, things: "clients" }, this.#clients);
  }

  figures(): Record<string, number> {
    const { alarms, falseAlarms, recoveries } = this.#watch;
    const connections = this.#connections;
    return { connections, silent: alarms, recoveries, "silent but running": falseAlarms };
  }

  // The server -------------------------------------------------------------------------------------

  #serve(): void {
    this.#machine = new TcpServerMachine({ timeout: TIMEOUT, ack: true }, {
      wall: (now) => this.#server.clock.wall(now),
    });
    this.#task = this.#server.run(this.#setting.wrap(this.#machine, 0), {
      take: (output, now) => this.#serverDoes(output, now),
    });
  }

  #killServer(pause: number): void {
    if (this.#server.dead) return;
    this.#server.kill();
    for (const { connection, witness } of this.#served.values()) {
      connection.abandon("down", true);
      witness.end();
    }
    this.#served.clear();
    this.#server.restartIn(pause, () => this.#serve());
  }

  #serverDoes(output: TcpServerOutput, now: Instant): void {
    const { world } = this.#setting;
    if (output.type === "send") {
      this.#served.get(output.connection)?.connection.lanes.down.send(output.bytes);
      return;
    }
    if (output.type === "close") {
      this.#served.get(output.connection)?.connection.close("down");
      return;
    }
    if (output.type === "stalled") this.#watch.lag += output.by;
    if (!("client" in output)) {
      return world.history.note(world.now, this.#server, `says ${output.type}`);
    }
    const served = this.#byName.get(output.client)!;
    world.history.note(world.now, served.client.process, `is said to be: ${output.type}`);
    switch (output.type) {
      case "up":
        return served.witness.raised("up");
      case "down":
        return served.witness.alarmed(now);
      case "recovered":
        return served.witness.raised("recovered");
      case "disconnected":
        served.witness.end();
        this.#served.delete(served.connection.id);
        return;
      case "missed":
      case "duplicated":
      case "restarted":
        world.fail(
          "numbers-in-order",
          `the server says ${output.type} of a stream that lost nothing`,
        );
    }
  }

  #serverEnd(client: Client): StreamEnd {
    const process = this.#server;
    const { clock } = process;
    return {
      process,
      opened: (connection) => {
        const { id } = connection;
        const hostname = client.process.host;
        const served: Served = {
          ...{ connection, client, numbers: client.witness! },
          witness: new HeartbeatWitness(this.#watch, client.process),
          framer: new Framer(TCP_MARK, { limit: MAX_TCP_MESSAGE_BYTES }),
          last: 0,
        };
        this.#served.set(id, served);
        this.#byName.set(`${hostname}:${id}`, served);
        const remote = { hostname, port: id };
        this.#task.handle({ type: "opened", connection: id, remote, local: HERE });
      },
      refused: () => {},
      data: ({ id }, bytes) => {
        const served = this.#served.get(id);
        if (!served) return;
        const now = clock.now();
        this.#reads(served, bytes, now);
        this.#task.handle({ type: "data", connection: id, bytes });
      },
      written: () => {},
      ended: ({ id }, reason) => this.#task.handle({ type: "ended", connection: id, reason }),
    };
  }

  /** Looks at what the server is about to read. */
  #reads(served: Served, bytes: Uint8Array, now: Instant): void {
    const { framer, witness, numbers } = served;
    let heard = false;
    framer.push(bytes);
    while (framer.next()) {
      const beat = decodeTcpHeartbeat(framer.bytes, framer.start, framer.end);
      if (!beat) break;
      numbers.reads(beat.sequence, served.last);
      served.last = beat.sequence;
      heard = true;
    }
    if (!heard) return;
    witness.reads(now);
  }

  // Clients ----------------------------------------------------------------------------------------

  #addClient(who: number): Client {
    const { world, weather } = this.#setting;
    const process = new Process(world, who);
    this.processes.set(who, process);
    const client = { process, access: new Access(weather, world.random(ACCESS, who)) };
    this.#start(client);
    return client;
  }

  #start(client: Client): void {
    const { world, wrap } = this.#setting;
    const { process } = client;
    const { clock } = process;
    if (this.#stopping) return;
    const machine = new TcpClientMachine({ interval: INTERVAL, ack: true }, {
      server: "server",
      random: process.random,
      wall: (now) => clock.wall(now),
    }, clock.now());
    const witness = client.witness = new NumberWitness(process);
    const task: ClientTask = process.run(wrap(machine, process.who), {
      take: (output) => {
        if (output.type === "connect") return this.#connect(client, task, output.connection);
        if (output.type === "close") return client.connection?.close("up");
        if (output.type === "send") return this.#send(client, task, output);
        if (ROUTINE.has(output.type)) {
          world.history.routine(world.now, process, `says ${output.type}`);
        } else world.history.note(world.now, process, `says ${output.type}`);
        witness.says(output);
      },
    });
  }

  #send(
    { process, connection }: Client,
    task: ClientTask,
    { connection: number, bytes }: Extract<TcpClientOutput, { type: "send" }>,
  ): void {
    if (!connection?.lanes.up.send(bytes)) return;
    process.soon(() => task.handle({ type: "drained", connection: number, unsent: 0 }));
  }

  #connect(client: Client, task: ClientTask, tag: number): void {
    const error = new HeartlineError("connection-refused", "Cannot connect: refused");
    client.connection = Connection.open(client.access, {
      client: {
        process: client.process,
        opened: () => task.handle({ type: "opened", connection: tag, remote: HERE, local: HERE }),
        refused: () => task.handle({ type: "connect-failed", connection: tag, error }),
        data: (_, bytes) => task.handle({ type: "data", connection: tag, bytes }),
        written: () => task.handle({ type: "drained", connection: tag, unsent: 0 }),
        ended: (_, reason) => task.handle({ type: "ended", connection: tag, reason }),
      },
      server: this.#serverEnd(client),
    }, { id: ++this.#connections, tag });
  }
}

type ClientTask = Task<TcpClientInput, TcpClientOutput>;

/** A connection as the server has it. */
interface Served {
  readonly connection: Connection;
  readonly client: Client;
  readonly witness: HeartbeatWitness;
  readonly numbers: NumberWitness;
  readonly framer: Framer;
  /** The last number on it. */
  last: number;
}

interface Client extends StreamClient {
  witness?: NumberWitness;
  connection?: Connection;
}

const ROUTINE: ReadonlySet<string> = new Set(["sent", "acked"]);
const HERE = { hostname: "10.0.0.0", port: 1 };
const INTERVAL = 5_000;
const TIMEOUT = 20_000;
const ACCESS = 7;
