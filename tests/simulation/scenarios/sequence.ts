/**
 * Resumable sequences: two servers with one store, and clients that come back however they are cut off.
 *
 * It wires the machines and says what can happen to them. What must hold is in `invariants/sequence.ts`.
 *
 * @module
 */
import type { ConnectionLoss } from "../../../core/connection.ts";
import { ConnectionTimers, type TimedConnection } from "../../../core/connection_timers.ts";
import type { Slot } from "../../../core/deadlines.ts";
import { HeartlineError } from "../../../core/errors.ts";
import type { Instant, Random } from "../../../core/machine.ts";
import { SequenceChecksum } from "../../../sequence/checksum.ts";
import type { SequenceClientInput, SequenceClientOutput } from "../../../sequence/inputs.ts";
import type { SequenceSnapshot } from "../../../sequence/snapshot.ts";
import { SequenceClientMachine } from "../../../sequence/client_machine.ts";
import type { SequenceServerInput, SequenceServerOutput } from "../../../sequence/inputs.ts";
import { SequenceServerMachine } from "../../../sequence/server_machine.ts";
import type { Fault } from "../faults.ts";
import { ReceiverWitness, SenderWitness, WINDOW } from "../invariants/sequence.ts";
import { Process, type Task } from "../process.ts";
import type { Scenario, Scene, Setting } from "../scenario.ts";
import { killed, type StreamClient } from "../stream_clients.ts";
import { Access, Connection, type StreamEnd } from "../streams.ts";
import { MOST_LOST, VirtualStore } from "../virtual_store.ts";

/** Numbers every second; each client has a length that fits into the run. */
export const sequence: Scenario = {
  name: "sequence",
  summary: "resumable sequences at one number a second, two servers with one store",
  usual: { clients: 8, hours: 2, weather: "rough" },
  servers: 2,
  rates: [
    { kind: "stall", who: "server", every: 1_800_000, for: [10, 20_000] },
    { kind: "kill", who: "server", every: 3_600_000, for: [100, 20_000] },
    { kind: "vanish", who: "server", every: 14_400_000, for: [100, 60_000] },
    { kind: "wipe", who: "server", every: 86_400_000, for: [100, 1_000] },
    { kind: "store-fails", who: "server", every: 7_200_000, for: [100, 20_000] },
    { kind: "store-slow", who: "server", every: 3_600_000, for: [1_000, 60_000], by: [10, 5_000] },
    { kind: "rubbish", who: "clients", every: 3_600_000, by: [1, 300] },
    { kind: "stall", who: "clients", every: 3_600_000, for: [10, 60_000] },
    { kind: "kill", who: "clients", every: 7_200_000, for: [100, 40_000] },
    { kind: "vanish", who: "clients", every: 7_200_000, for: [100, 40_000] },
    { kind: "drift", who: "clients", every: 14_400_000, by: [-200, 200] },
    { kind: "reset", who: "clients", every: 900_000 },
    { kind: "half-open", who: "clients", every: 1_800_000 },
    { kind: "cut-up", who: "clients", every: 900_000, by: [1, 200] },
    { kind: "cut-down", who: "clients", every: 900_000, by: [1, 500] },
    { kind: "lose-up", who: "clients", every: 1_800_000, for: [100, 60_000] },
    { kind: "lose-down", who: "clients", every: 1_800_000, for: [100, 60_000] },
    { kind: "partition", who: "clients", every: 1_800_000, for: [100, 60_000] },
    { kind: "slow", who: "clients", every: 1_800_000, for: [1_000, 60_000], by: [10, 5_000] },
    { kind: "store-rolls-back", who: "server", every: 7_200_000, by: [100, MOST_LOST] },
  ],
  build: (setting) => new SequenceScene(setting),
};

class SequenceScene implements Scene {
  readonly processes = new Map<number, Process>();
  readonly #setting: Setting;
  readonly #store: VirtualStore;
  readonly #servers: Server[];
  readonly #clients: Client[];
  readonly #bySession = new Map<string, Client>();
  readonly #byConnection = new Map<number, Client>();
  #connections = 0;
  #delivered = 0;

  constructor(setting: Setting) {
    this.#setting = setting;
    const { world, clients } = setting;
    this.#store = new VirtualStore(world);
    this.#servers = [0, -1].map((who) => this.#addServer(who));
    this.#clients = clients.map((who) => this.#addClient(who));
    for (const server of this.#servers) this.#serve(server);
    world.once(SWEEP, () => this.#sweep());
  }

  suffer(fault: Fault, process: Process): void {
    const server = this.#servers.find((one) => one.process === process);
    if (server) this.#sufferAsServer(fault, server);
    else this.#sufferAsClient(fault, this.#clients.find((one) => one.process === process)!);
  }

  /** Gives everybody the time to end, and the servers to forget. */
  finish(): void {
    const { world, end } = this.#setting;
    const ended = () => this.#clients.every(({ witness }) => witness.end !== undefined);
    for (let until = end; !ended() && until < end + LONGEST_END; until += SWEEP) world.run(until);
    for (const { process, witness } of this.#clients) {
      world.check(witness.end !== undefined, "typed-end", () => `${process.name} does not end`);
    }
    world.run(world.now + 2 * WINDOW + SWEEP);
    for (const { process, machine } of this.#servers) {
      world.check(process.dead || machine.size === 0, "nothing-left", () => {
        return `${process.name} still holds ${machine.size} sessions`;
      });
    }
    for (const { process, access } of this.#clients) {
      world.check(access.open.size === 0, "nothing-left", () => {
        return `connections of ${process.name} are still open`;
      });
    }
  }

  figures(): Record<string, number> {
    const ends = this.#clients.map(({ witness }) => witness.end ?? "none");
    const sum = (of: (client: Client) => number) => {
      return this.#clients.reduce((total, client) => total + of(client), 0);
    };
    return {
      delivered: this.#delivered,
      connections: this.#connections,
      "disconnects survived": sum(({ resumed }) => resumed),
      "dropped as repeated": sum(({ repeated }) => repeated),
      ...Object.fromEntries([...new Set(ends)].map((end) => {
        return [`ended ${end}`, ends.filter((one) => one === end).length];
      })),
    };
  }

  // Servers ----------------------------------------------------------------------------------------

  #addServer(who: number): Server {
    const process = new Process(this.#setting.world, who);
    this.processes.set(who, process);
    const witness = new SenderWitness(process, this.#store);
    return { process, witness, connections: new Map(), refused: new Map() } as unknown as Server;
  }

  #serve(server: Server): void {
    const { world, wrap } = this.#setting;
    const { process } = server;
    const { clock } = process;
    const random = world.random(SECRETS, process.who, process.life);
    const machine = new SequenceServerMachine({ interval: 1_000, sessionTtl: WINDOW }, {
      random,
      randomBytes: (count) => Uint8Array.from({ length: count }, () => random() * 256),
      wall: (now) => clock.wall(now),
    });
    server.machine = machine;
    const take = (output: SequenceServerOutput, now: Instant) => this.#does(server, output, now);
    server.verdicts = process.run(wrap(machine, process.who), { take });
    server.timers = new ConnectionTimers({ writeTimeout: WRITE_TIMEOUT });
    server.waiting = process.run(server.timers, {
      take: ({ connection }) => {
        connection.close("down");
        this.#lose(server, connection.id, "not-reading");
      },
    });
    server.schedule = process.run(wrap(machine.schedule, process.who), {
      take: (output, now) => {
        take(output, now);
        server.verdicts.deliver([], now);
      },
    });
  }

  /** What the server's machine is told must also be heard by the schedule of its numbers. */
  #tell(server: Server, input: SequenceServerInput): void {
    server.verdicts.handle(input);
    server.schedule.deliver([], 0);
  }

  #does(server: Server, output: SequenceServerOutput, now: Instant): void {
    const { witness, process } = server;
    const { world } = this.#setting;
    switch (output.type) {
      case "send": {
        const { connection: id, bytes } = output;
        const connection = server.connections.get(id);
        if (bytes[0] === LETTER_N) witness.sends(id, numberIn(bytes));
        else this.#notice(server, id, bytes);
        if (!connection) return;
        const { down } = connection.connection.lanes;
        const waited = down.unsent > 0;
        if (!down.send(bytes) && !waited) {
          server.timers.sent(connection, now);
          server.waiting.deliver([], now);
        }
        const waits = down.mostUnread;
        world.check(waits <= MOST_WAITING, "bounded-memory", () => {
          return `${waits} bytes wait for ${this.#byConnection.get(id)!.process.name}`;
        });
        return;
      }
      case "close":
        this.#forget(server, output.connection)?.close("down");
        return;
      case "reset":
        return;
      case "store": {
        const { request, call } = output;
        const { life } = process;
        return this.#store.ask(call, (answer) => {
          if (process.life !== life) return;
          process.arrives(() => {
            if (call.type === "progress" && answer.type === "stored" && !answer.changed) {
              server.refused.set(call.id, call.epoch);
            }
            if (call.type === "load" && answer.type === "loaded") {
              const epoch = server.refused.get(call.id) ?? Infinity;
              server.refused.delete(call.id);
              if ((answer.session?.epoch ?? 0) > epoch) witness.fences(call.id, epoch);
            }
            this.#tell(server, { type: "answer", request, answer });
          });
        });
      }
    }
    world.history.note(world.now, process, `says ${output.type}`, detailOf(output));
    const id = "client" in output ? Number(output.client.split(":")[1]) : 0;
    if ("session" in output) {
      const client = this.#byConnection.get(id) ?? this.#bySession.get(output.session);
      this.#bySession.set(output.session, client!);
      const accepted = output.type === "started" || output.type === "resumed";
      if (accepted) client!.witness.isServed(process);
      if (output.type === "resumed") client!.resumed++;
      if (accepted && !witness.isOpen(id)) {
        // The store was slow, and the connection is gone by now.
        client!.witness.isLost(process);
        client!.witness.overtakenAt = world.now;
      }
      if (output.type === "disconnected") client!.witness.isLost(process);
      if (output.type === "expired") this.#ownerOf(output.session)?.witness.expires(process);
      if (output.type === "completed") this.#expectWhole(client!);
    }
    witness.says(output, id, now);
  }

  /** The client whose present session this is. */
  #ownerOf(session: string): Client | undefined {
    const client = this.#bySession.get(session);
    return client?.witness.session === session ? client : undefined;
  }

  /** A line of the server that is no number. */
  #notice(server: Server, id: number, bytes: Uint8Array): void {
    if (bytes[0] !== LETTER_R || bytes[2] !== LETTER_J) return;
    const client = this.#byConnection.get(id)!;
    const text = new TextDecoder().decode(bytes);
    const { session } = client.witness;
    if (session && text.startsWith("REJECTED EXPIRED")) server.witness.refuses(session, id);
  }

  #expectWhole({ process, witness, length }: Client): void {
    const { world } = this.#setting;
    world.check(witness.taken === length, "delivered", () => {
      return `the server counts ${process.name} as complete, which has ${witness.taken} of ${length}`;
    });
  }

  #sufferAsServer({ kind, for: length, by }: Fault, server: Server): void {
    const { world } = this.#setting;
    const { process } = server;
    switch (kind) {
      case "kill":
      case "wipe":
      case "vanish": {
        if (process.dead) return;
        // What is killed while it is stalled has renewed nothing since it stood still.
        const since = process.ranUntil;
        if (kind === "wipe") this.#store.wipe();
        process.kill(kind === "vanish");
        server.witness.forgets();
        for (const { witness } of this.#clients) witness.isLost(process, since);
        for (const { connection } of server.connections.values()) {
          connection.abandon("down", kind !== "vanish");
        }
        server.connections.clear();
        server.refused.clear();
        process.restartIn(length, () => this.#serve(server));
        break;
      }
      case "store-fails":
        this.#store.failsUntil = world.now + length;
        break;
      case "store-rolls-back":
        this.#store.rollBack(by);
        for (const one of this.#servers) {
          if (one.process.dead) continue;
          one.process.arrives(() => this.#tell(one, { type: "store-returned" }));
        }
        break;
      case "store-slow":
        this.#store.slowUntil = world.now + length;
        this.#store.slowBy = by;
    }
  }

  #sweep(): void {
    const { world } = this.#setting;
    const alive = this.#servers.find(({ process }) => process.running);
    if (alive) this.#store.sweep(alive.process.clock.wall(alive.process.clock.now()));
    world.once(world.now + SWEEP, () => this.#sweep());
  }

  // Clients ----------------------------------------------------------------------------------------

  #addClient(who: number): Client {
    const { world, weather, end } = this.#setting;
    const process = new Process(world, who);
    this.processes.set(who, process);
    const random = world.random(CLIENT, who);
    // With room for what goes wrong; in a run of 18.3 h and more there are sequences of full length.
    const most = Math.min(65_535, Math.max(1, Math.floor(end / 1_000 - 60)));
    const length = most === 65_535 ? most : 1 + Math.floor(random() * most);
    const client = {
      process,
      random,
      length,
      saves: who % 4 === 0,
      access: new Access(weather, world.random(ACCESS, who)),
      witness: new ReceiverWitness(process, this.#store, length),
      resumed: 0,
      repeated: 0,
    } as unknown as Client;
    // Unless it was killed, and started again, before.
    world.once(
      random() * Math.min(60_000, end / 10),
      () => process.life === 1 && this.#start(client),
    );
    return client;
  }

  #start(client: Client): void {
    const { world, wrap } = this.#setting;
    const { process, random, witness, saves, length } = client;
    const snapshot: SequenceSnapshot = client.stored ?? {
      version: 1,
      client: `01234567-89ab-4def-8123-${String(process.who).padStart(12, "0")}`,
      length,
      checksum: new SequenceChecksum().save(),
      done: false,
    };
    if (process.dead) return;
    const now = process.clock.now();
    const machine = new SequenceClientMachine(
      { snapshot, saves },
      { server: "server", random },
      now,
    );
    client.machine = machine;
    client.connection = undefined;
    witness.starts(snapshot.checksum.count, snapshot.session?.id);
    witness.end = undefined;
    world.history.note(world.now, process, "starts at number", snapshot.checksum.count);
    client.task = process.run(wrap(machine, process.who), {
      take: (output) => this.#clientDoes(client, output),
    });
  }

  #tellClient(client: Client, input: SequenceClientInput): void {
    const { machine, task, witness } = client;
    task.handle(input);
    // As the user of `receiveSequence` does: everything that has come, then back for more.
    let took = false;
    for (let value; (value = machine.take()) !== undefined; took = true) {
      witness.takes(value);
      this.#delivered++;
    }
    if (took || input.type !== "data") task.handle({ type: "confirm" });
  }

  #clientDoes(client: Client, output: SequenceClientOutput): void {
    const { world } = this.#setting;
    const { process, witness } = client;
    switch (output.type) {
      case "connect":
        return this.#connect(client, output.connection);
      case "reset":
        return;
      case "send":
        if (output.bytes[0] === LETTER_A) witness.confirms(numberIn(output.bytes));
        client.connection?.lanes.up.send(output.bytes);
        return;
      case "close": {
        const { connection } = client;
        if (!connection) return;
        const givenUp = !connection.opened && !connection.lanes.up.closed;
        connection.close("up");
        // As `connectStream` does when its signal aborts.
        if (givenUp) process.soon(() => this.#refuse(client, connection));
        return;
      }
      case "save": {
        const { life } = process;
        world.once(world.now + SAVING, () => {
          if (process.life !== life) return;
          client.stored = output.snapshot;
          process.arrives(() => this.#tellClient(client, { type: "saved" }));
        });
        return;
      }
    }
    if (output.type === "repeated") client.repeated += output.count;
    world.history.note(world.now, process, `says ${output.type}`, detailOf(output));
    witness.says(output);
  }

  #connect(client: Client, tag: number): void {
    const { access, random } = client;
    const server = this.#servers[Math.floor(random() * this.#servers.length)]!;
    const id = ++this.#connections;
    this.#byConnection.set(id, client);
    client.connection = Connection.open(access, {
      client: this.#clientEnd(client),
      server: this.#serverEnd(server, client),
    }, { id, tag });
  }

  #clientEnd(client: Client): StreamEnd {
    const tell = (input: SequenceClientInput) => this.#tellClient(client, input);
    return {
      process: client.process,
      opened: ({ tag }) => tell({ type: "opened", connection: tag, remote: HERE, local: HERE }),
      refused: (connection) => this.#refuse(client, connection),
      data: ({ tag }, bytes) => tell({ type: "data", connection: tag, bytes }),
      written: () => {},
      ended: ({ tag }, reason) => tell({ type: "ended", connection: tag, reason }),
    };
  }

  #refuse(client: Client, { tag }: Connection): void {
    const error = new HeartlineError("connection-refused", "Cannot connect: refused");
    this.#tellClient(client, { type: "connect-failed", connection: tag, error });
  }

  #serverEnd(server: Server, { process: { host: hostname } }: Client): StreamEnd {
    const { process, witness } = server;
    return {
      process,
      opened: (connection) => {
        const { id } = connection;
        server.connections.set(id, new Served(connection));
        const remote = { hostname, port: id };
        this.#tell(server, { type: "opened", connection: id, remote, local: HERE });
      },
      refused: () => {},
      data: ({ id }, bytes) => {
        witness.reads(id, process.clock.now());
        // An acknowledgement that a cut left whole; the others are what the machine makes of them.
        if (bytes[0] === LETTER_A && bytes.at(-1) === LINE_FEED) {
          witness.confirmed(id, numberIn(bytes));
        }
        this.#tell(server, { type: "data", connection: id, bytes });
      },
      written: ({ id }) => {
        const served = server.connections.get(id);
        if (served) server.timers.drained(served, process.clock.now());
      },
      ended: ({ id }, reason) => this.#lose(server, id, reason),
    };
  }

  /** A connection is over without the server's doing. */
  #lose(server: Server, id: number, reason: ConnectionLoss): void {
    this.#forget(server, id);
    this.#tell(server, { type: "ended", connection: id, reason });
  }

  #forget(server: Server, id: number): Connection | undefined {
    const served = server.connections.get(id);
    if (served) server.timers.forget(served);
    server.connections.delete(id);
    server.witness.closes(id);
    return served?.connection;
  }

  #sufferAsClient(fault: Fault, client: Client): void {
    const { process, witness } = client;
    if (!killed(client, fault) || witness.end !== undefined) return;
    witness.restarts++;
    process.restartIn(fault.for, () => this.#start(client));
  }
}

interface Server {
  readonly process: Process;
  readonly witness: SenderWitness;
  readonly connections: Map<number, Served>;
  /** Sessions of which it was refused a change, and the epoch of that: it looks why. */
  readonly refused: Map<string, number>;
  machine: SequenceServerMachine;
  verdicts: Task<SequenceServerInput, SequenceServerOutput>;
  schedule: Task<never, SequenceServerOutput>;
  /** What `net/connections.ts` has beside the machine: who takes no bytes, and for how long. */
  timers: ConnectionTimers<Served>;
  waiting: Task<never, Served>;
}

/** A connection as the server has it. */
class Served implements TimedConnection {
  timer: Slot | undefined;
  closing: undefined;
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  get unsent(): number {
    return this.connection.lanes.down.unsent;
  }
}

interface Client extends StreamClient {
  readonly random: Random;
  readonly length: number;
  readonly saves: boolean;
  readonly witness: ReceiverWitness;
  machine: SequenceClientMachine;
  task: Task<SequenceClientInput, SequenceClientOutput>;
  connection: Connection | undefined;
  stored: SequenceSnapshot | undefined;
  resumed: number;
  repeated: number;
}

/** The first number of `NUMBER 3 7` or `ACK 3`. */
function numberIn(bytes: Uint8Array): number {
  let at = bytes.indexOf(SPACE) + 1, value = 0;
  for (let digit; (digit = bytes[at]! - ZERO) >= 0 && digit <= 9; at++) value = value * 10 + digit;
  return value;
}

/** What a person wants to know of an event besides its type. */
function detailOf(event: object): string {
  const { reason, code, next, epoch, retryIn } = event as Record<string, unknown>;
  const said = { reason, code, next, epoch, retryIn };
  return Object.entries(said).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return `${name} ${typeof value === "number" ? Math.round(value) : value}`;
  }).join(", ");
}

const LETTER_A = "A".charCodeAt(0);
const LETTER_J = "J".charCodeAt(0);
const LETTER_N = "N".charCodeAt(0);
const LETTER_R = "R".charCodeAt(0);
const SPACE = " ".charCodeAt(0);
const ZERO = "0".charCodeAt(0);
const LINE_FEED = 0x0a;
const HERE = { hostname: "10.0.0.0", port: 49_155 };
/** In ms, as in sequence/options.ts. */
const WRITE_TIMEOUT = 10_000;
/** In ms, as in sequence/server.ts. */
const SWEEP = 10_000;
/** Of a state to disk, in ms. */
const SAVING = 1;
/** What 4,096 numbers that were not confirmed can come to, and a few other lines. */
const MOST_WAITING = 4_096 * 26 + 1_024;
/** The longest sequence, in ms, if it is begun again in the last moment. */
const LONGEST_END = 65_535_000 * 1.2;
const SECRETS = 5;
const CLIENT = 6;
const ACCESS = 7;
