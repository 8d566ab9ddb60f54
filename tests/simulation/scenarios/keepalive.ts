/**
 * Keepalive connections: one server and clients that send data, answer, probe, and come back.
 *
 * It wires the machines and says what can happen to them. What must hold is in `invariants/keepalive.ts`.
 *
 * @module
 */
import type { Random } from "../../../core/machine.ts";
import { KeepaliveConnectionMachine } from "../../../keepalive/connection_machine.ts";
import type {
  KeepaliveInput,
  KeepaliveOutput,
  KeepaliveServerInput,
  KeepaliveServerOutput,
} from "../../../keepalive/inputs.ts";
import { KeepaliveServerMachine } from "../../../keepalive/server_machine.ts";
import type { Fault, FaultKind } from "../faults.ts";
import { LifeWitness, type Trouble } from "../invariants/keepalive.ts";
import { Process, type Task } from "../process.ts";
import type { Scenario, Scene, Setting } from "../scenario.ts";
import { expectNothingLeft, killed, type StreamClient } from "../stream_clients.ts";
import { Access, Connection, type StreamEnd } from "../streams.ts";

/** The figures of seed 004; every third server application does not answer. */
export const keepalive: Scenario = {
  name: "keepalive",
  summary: "keepalive connections with the figures of their seed",
  usual: { clients: 10, hours: 6, weather: "rough" },
  rates: [
    { kind: "stall", who: "server", every: 1_800_000, for: [10, 30_000] },
    { kind: "kill", who: "server", every: 14_400_000, for: [10, 60_000] },
    { kind: "drift", who: "server", every: 3_600_000, by: [-200, 200] },
    { kind: "stall", who: "clients", every: 1_800_000, for: [10, 120_000] },
    { kind: "kill", who: "clients", every: 3_600_000, for: [10, 120_000] },
    { kind: "vanish", who: "clients", every: 3_600_000, for: [10, 180_000] },
    { kind: "drift", who: "clients", every: 3_600_000, by: [-200, 200] },
    { kind: "lose-up", who: "clients", every: 1_800_000, for: [100, 180_000] },
    { kind: "lose-down", who: "clients", every: 1_800_000, for: [100, 180_000] },
    { kind: "partition", who: "clients", every: 1_800_000, for: [100, 180_000] },
    { kind: "slow", who: "clients", every: 1_800_000, for: [100, 60_000], by: [10, 4_000] },
    { kind: "reset", who: "clients", every: 3_600_000 },
    { kind: "half-open", who: "clients", every: 1_800_000 },
    { kind: "cut-up", who: "clients", every: 3_600_000, by: [0, 100] },
    { kind: "cut-down", who: "clients", every: 3_600_000, by: [0, 100] },
    { kind: "rubbish", who: "clients", every: 3_600_000, by: [0, 9_000] },
  ],
  build: (setting) => new KeepaliveScene(setting),
};

class KeepaliveScene implements Scene {
  readonly processes = new Map<number, Process>();
  readonly #setting: Setting;
  readonly #server: Process;
  readonly #serverTrouble: Trouble = { until: 0 };
  readonly #clients: Client[];
  /** The server's connections, and who watches its verdicts. */
  readonly #served = new Map<number, { connection: Connection; witness: LifeWitness }>();
  readonly #byPeer = new Map<string, LifeWitness>();
  #machine!: KeepaliveServerMachine;
  #task!: Task<KeepaliveServerInput, KeepaliveServerOutput>;
  #connections = 0;
  readonly #ends = new Map<string, number>();

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#server = new Process(setting.world, 0);
    this.processes.set(0, this.#server);
    this.#serve();
    this.#clients = setting.clients.map((who) => this.#addClient(who));
  }

  suffer(fault: Fault, process: Process): void {
    if (process === this.#server) return this.#killServer(fault.for);
    const client = this.#clients.find((one) => one.process === process)!;
    if (!killed(client, fault)) return;
    client.task = client.witness = undefined;
    process.restartIn(fault.for, () => this.#connect(client));
  }

  /** What may keep a process from being heard; a network that is only slow does not. */
  expects({ kind, who, at, for: length }: Fault): void {
    if (HARMLESS.has(kind)) return;
    const client = this.#clients.find(({ process }) => process.who === who);
    const trouble = client?.trouble ?? this.#serverTrouble;
    trouble.until = Math.max(trouble.until, at + length);
  }

  finish(): void {
    const { world } = this.#setting;
    for (const { witness } of this.#served.values()) witness.end();
    for (const client of this.#clients) {
      client.witness?.end();
      client.leaves = true;
      client.process.arrives(() => client.task?.handle({ type: "stop" }));
    }
    world.run(world.now + 600_000);
    const { size } = this.#machine;
    expectNothingLeft(this.#server, { size, things: "clients" }, this.#clients);
  }

  figures(): Record<string, number> {
    return {
      connections: this.#connections,
      ...Object.fromEntries(
        [...this.#ends].toSorted().map(([end, count]) => [`ended ${end}`, count]),
      ),
    };
  }

  // The server -------------------------------------------------------------------------------------

  #serve(): void {
    this.#machine = new KeepaliveServerMachine();
    this.#task = this.#server.run(this.#setting.wrap(this.#machine, 0), {
      take: (output, now) => this.#serverDoes(output, now),
    });
  }

  #killServer(pause: number): void {
    if (this.#server.dead) return;
    this.#server.kill();
    for (const { connection } of this.#served.values()) connection.abandon("down", true);
    this.#served.clear();
    this.#server.restartIn(pause, () => this.#serve());
  }

  #serverDoes(output: KeepaliveServerOutput, now: number): void {
    const { world } = this.#setting;
    if (output.type === "send") return this.#send(output.connection, output.bytes);
    if (output.type === "reset") return;
    if (output.type === "close") {
      const served = this.#served.get(output.connection);
      if (output.last) served?.connection.lanes.down.send(output.last);
      served?.connection.close("down");
      this.#served.delete(output.connection);
      return;
    }
    if (
      output.type === "listening" || output.type === "rejected" || output.type === "accept-failed"
    ) {
      return world.history.note(world.now, this.#server, `says ${output.type}`);
    }
    if (output.type === "stalled") {
      for (const { witness } of this.#served.values()) witness.says(output, now);
      return;
    }
    const witness = this.#byPeer.get(output.client)!;
    this.#note(this.#server, output);
    witness.says(output, now);
    const id = Number(output.client.split(":")[1]);
    // Every third application does not answer, so that its clients must probe.
    if (output.type === "data" && id % 3 > 0) {
      const { id: number, payload } = output;
      const answer = { type: "reply", connection: id, id: number, payload } as const;
      this.#server.soon(() => this.#task.handle(answer));
    }
  }

  #send(id: number, bytes: Uint8Array): void {
    const served = this.#served.get(id);
    if (served && !served.connection.lanes.down.send(bytes)) return;
    this.#server.soon(() => this.#drained(id));
  }

  #drained(id: number): void {
    const unsent = this.#served.get(id)?.connection.lanes.down.unsent ?? 0;
    this.#task.handle({ type: "drained", connection: id, unsent });
  }

  #serverEnd({ process: { host }, trouble }: Client): StreamEnd {
    const process = this.#server;
    return {
      process,
      opened: (connection) => {
        const { id } = connection;
        const client = `${host}:${id}`;
        const witness = new LifeWitness(process, [trouble, this.#serverTrouble]);
        this.#served.set(id, { connection, witness });
        this.#byPeer.set(client, witness);
        const remote = { hostname: host, port: id };
        this.#task.handle({ type: "opened", connection: id, remote, local: remote });
      },
      refused: () => {},
      data: ({ id }, bytes) => {
        this.#served.get(id)?.witness.reads();
        this.#task.handle({ type: "data", connection: id, bytes });
      },
      written: ({ id }) => this.#drained(id),
      ended: ({ id }, reason) => {
        this.#task.handle({ type: "ended", connection: id, reason });
        this.#served.delete(id);
      },
    };
  }

  // Clients ----------------------------------------------------------------------------------------

  #addClient(who: number): Client {
    const { world, weather } = this.#setting;
    const process = new Process(world, who);
    this.processes.set(who, process);
    const client: Client = {
      process,
      random: world.random(CLIENT, who),
      access: new Access(weather, world.random(ACCESS, who)),
      trouble: { until: 0 },
      leaves: false,
    };
    this.#connect(client);
    return client;
  }

  /** Connects after a while, again and again. */
  #connect(client: Client): void {
    const { world } = this.#setting;
    const { process, access, random } = client;
    if (client.leaves) return;
    const { life } = process;
    world.once(world.now + random() * MOST_WAIT, () => {
      if (process.life !== life || process.dead) return;
      const attempt = { made: false };
      const connection = Connection.open(access, {
        client: this.#clientEnd(client, attempt),
        server: this.#serverEnd(client),
      }, { id: ++this.#connections, tag: 0 });
      world.once(world.now + CONNECT_TIMEOUT, () => {
        if (attempt.made || process.life !== life) return;
        connection.close("up");
        this.#connect(client);
      });
    });
  }

  #clientEnd(client: Client, attempt: { made: boolean }): StreamEnd {
    const { process, trouble } = client;
    return {
      process,
      opened: (connection) => {
        attempt.made = true;
        if (client.leaves) return connection.close("up");
        client.witness = new LifeWitness(process, [trouble, this.#serverTrouble]);
        this.#start(client, connection);
      },
      refused: () => {
        attempt.made = true;
        this.#connect(client);
      },
      data: (_, bytes) => {
        client.witness?.reads();
        client.task?.handle({ type: "data", connection: CONNECTION, bytes });
      },
      written: ({ lanes }) => drained(client, lanes.up.unsent),
      ended: (_, reason) => client.task?.handle({ type: "ended", connection: CONNECTION, reason }),
    };
  }

  #start(client: Client, connection: Connection): void {
    const { wrap } = this.#setting;
    const { process } = client;
    const environment = { connection: CONNECTION, remote: { server: "server" } };
    const machine = new KeepaliveConnectionMachine(
      { payload: "21.5" },
      environment,
      process.clock.now(),
    );
    const task: ClientTask = process.run(wrap(machine, process.who), {
      take: (output: KeepaliveOutput, now) => {
        if (output.type === "send") {
          if (!connection.lanes.up.send(output.bytes)) return;
          return process.soon(() => drained(client, connection.lanes.up.unsent));
        }
        if (output.type === "reset") return;
        if (output.type === "close") {
          if (output.last) connection.lanes.up.send(output.last);
          return connection.close("up");
        }
        this.#note(process, output);
        client.witness!.says(output, now);
        if (output.type !== "disconnected") return;
        task.end();
        this.#connect(client);
      },
    });
    client.task = task;
  }

  #note(process: Process, output: { readonly type: string; readonly reason?: string }): void {
    const { world } = this.#setting;
    const { type, reason } = output;
    if (type === "disconnected") {
      this.#ends.set(reason!, (this.#ends.get(reason!) ?? 0) + 1);
      world.history.note(world.now, process, `says ${type}`, reason);
    } else if (ROUTINE.has(type)) world.history.routine(world.now, process, `says ${type}`);
    else world.history.note(world.now, process, `says ${type}`);
  }
}

function drained(client: Client, unsent: number): void {
  client.task?.handle({ type: "drained", connection: CONNECTION, unsent });
}

type ClientTask = Task<KeepaliveInput, KeepaliveOutput>;

/** The number of a client's connection, as the client has it. */
const CONNECTION = 0;

interface Client extends StreamClient {
  readonly random: Random;
  readonly trouble: Trouble;
  /** It does not connect again. */
  leaves: boolean;
  task?: ClientTask | undefined;
  witness?: LifeWitness | undefined;
}

const HARMLESS: ReadonlySet<FaultKind> = new Set<FaultKind>(["slow", "drift", "step"]);
const ROUTINE: ReadonlySet<string> = new Set(["sent", "data", "reply", "probe", "probe-answered"]);
/** Until a client connects, in ms, and until it gives up an attempt. */
const MOST_WAIT = 5_000;
const CONNECT_TIMEOUT = 10_000;
const CLIENT = 6;
const ACCESS = 7;
