/**
 * Sequence machines in virtual time: servers on one store, a client, and a network that cuts.
 *
 * @module
 */
import { HeartlineError } from "../../core/errors.ts";
import type { Instant, Random } from "../../core/machine.ts";
import { SequenceChecksum } from "../../sequence/checksum.ts";
import type { SequenceClientInput } from "../../sequence/inputs.ts";
import type { SequenceSnapshot } from "../../sequence/snapshot.ts";
import { SequenceClientMachine } from "../../sequence/client_machine.ts";
import type { SequenceClientEvent, SequenceServerEvent } from "../../sequence/events.ts";
import type { SequenceServerInput, SequenceServerOutput } from "../../sequence/inputs.ts";
import { SequenceServerMachine } from "../../sequence/server_machine.ts";
import type { SequenceServerMachineOptions } from "../../sequence/options.ts";
import type { SessionStore } from "../../sequence/store.ts";
import { answerTo } from "../../sequence/store_call.ts";
import { MemoryStore } from "../../store/memory.ts";
import { type Cut, type Direction, Wire } from "./sequence_wire.ts";

const END = { hostname: "10.0.0.2", port: 49_155 };

/** What a world is made of. */
export interface WorldOptions extends SequenceServerMachineOptions {
  length: number;
  random: Random;
  /** The cut of the n-th connection, from 0; none: it holds. */
  cut?: (connection: number) => Cut | undefined;
  servers?: number;
  store?: SessionStore;
  snapshot?: SequenceSnapshot;
  saves?: boolean;
}

/** Number i of every session of a world. */
export const valueAt = (index: number): number => Math.imul(index, 0x9e3779b1) >>> 0;

/** The wall clock at instant 0. */
export const WALL = Date.UTC(2026, 0, 1);

/** One client and its servers; `run` goes from one deadline to the next. */
export class SequenceWorld {
  now: Instant = 0;
  readonly store: SessionStore;
  readonly servers: SequenceServerMachine[];
  client: SequenceClientMachine;
  readonly received: number[] = [];
  readonly clientSaid: SequenceClientEvent[] = [];
  readonly serverSaid: SequenceServerEvent[] = [];
  /** Connections that were cut. */
  cuts = 0;
  /** What was said on each connection, with what was lost in a cut. */
  readonly said: Record<Direction, string>[] = [];
  readonly #options: WorldOptions;
  readonly #wires = new Map<number, Wire>();
  #flying: Flying[] = [];
  #connections = 0;
  #bytes = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.store = options.store ?? new MemoryStore();
    this.servers = Array.from({ length: options.servers ?? 1 }, () => this.startServer());
    this.client = this.startClient(options.snapshot);
  }

  startServer(): SequenceServerMachine {
    return new SequenceServerMachine({ source: valueAt, ...this.#options }, {
      random: this.#options.random,
      randomBytes: (count) => {
        return Uint8Array.from({ length: count }, () => {
          this.#bytes = Math.imul(this.#bytes + 1, 0x85ebca6b) ^ (this.#options.random() * 2 ** 32);
          return this.#bytes & 0xff;
        });
      },
      wall: (now) => WALL + now,
    });
  }

  startClient(snapshot?: SequenceSnapshot): SequenceClientMachine {
    const fresh: SequenceSnapshot = {
      ...{ version: 1, client: "01234567-89ab-4def-8123-456789abcdef", done: false },
      ...{ length: this.#options.length, checksum: new SequenceChecksum().save() },
    };
    const options = { saves: this.#options.saves ?? false };
    const { random } = this.#options;
    return new SequenceClientMachine({ ...options, snapshot: snapshot ?? fresh }, {
      server: "s",
      random,
    }, this.now);
  }

  /** As when the client is killed: another goes on from `snapshot`. */
  async restartClient(snapshot: SequenceSnapshot): Promise<void> {
    this.#flying = [];
    for (const [connection, wire] of this.#wires) {
      wire.broken = true;
      await this.#tellServer(connection, { type: "ended", connection, reason: "reset" });
    }
    this.received.length = snapshot.checksum.count;
    this.client = this.startClient(snapshot);
  }

  /** Runs until the client has ended or `until` is reached: one that never ends must fail its test. */
  async run(until: Instant = LONGEST_RUN): Promise<void> {
    while (!this.client.ended) {
      const at = Math.min(
        this.client.deadline ?? Infinity,
        ...this.servers.flatMap((s) => [s.deadline ?? Infinity, s.schedule.deadline ?? Infinity]),
        ...this.#flying.map((one) => one.at),
      );
      if (at > until) {
        this.now = until;
        return;
      }
      this.now = Math.max(this.now, at);
      await this.step();
    }
  }

  /** Does everything that is due now. */
  async step(): Promise<void> {
    // One at a time and in order: what is done may change what is next.
    for (let next; (next = this.#flying.findIndex(({ at }) => at <= this.now)) >= 0;) {
      await this.#flying.splice(next, 1)[0]!.act();
    }
    for (const server of this.servers) {
      await this.serverOut(server, server.schedule.tick(this.now));
      await this.serverOut(server, server.tick(this.now));
    }
    this.#clientOut(this.client.tick(this.now));
  }

  async serverOut(
    server: SequenceServerMachine,
    outputs: readonly SequenceServerOutput[],
  ): Promise<void> {
    for (const output of outputs) {
      if (output.type === "store") {
        const answer = await answerTo(output.call, this.store);
        const input = { type: "answer", request: output.request, answer } as const;
        await this.serverOut(server, server.handle(input, this.now));
      } else if (output.type === "send") {
        const wire = this.#wires.get(output.connection);
        wire?.carry("down", output.bytes, (bytes) => this.#toClient(output.connection, bytes));
      } else if (output.type === "close") {
        const { connection } = output;
        if (!this.#wires.get(connection)?.broken) {
          this.#later(() => this.#tellClient({ type: "ended", connection, reason: "end" }));
        }
      } else if (output.type !== "reset") this.serverSaid.push(output);
    }
  }

  /** As when every server is killed: the client's connections are reset. */
  breakLinks(): void {
    for (const [connection, wire] of this.#wires) {
      if (!wire.broken) this.#tellClient({ type: "ended", connection, reason: "reset" });
      wire.broken = true;
    }
  }

  #clientOut(outputs: ReturnType<SequenceClientMachine["handle"]>): void {
    for (const output of outputs) {
      switch (output.type) {
        case "connect":
          this.#open(output.connection);
          break;
        case "send": {
          const { connection } = output;
          const wire = this.#wires.get(connection);
          wire?.carry("up", output.bytes, (bytes) => this.#toServer(connection, bytes));
          break;
        }
        case "close": {
          const { connection } = output;
          const wire = this.#wires.get(connection);
          if (!wire || wire.broken || wire.closed) break;
          wire.closed = true;
          this.#later(() =>
            this.#tellServer(connection, { type: "ended", connection, reason: "end" })
          );
          break;
        }
        case "save":
          this.#later(() => this.#tellClient({ type: "saved" }));
          break;
        case "reset":
          break;
        default:
          this.clientSaid.push(output);
      }
    }
  }

  #open(connection: number): void {
    const number = this.#connections++;
    const server = this.servers[Math.floor(this.#options.random() * this.servers.length)];
    if (!server) {
      const error = new HeartlineError("connection-refused", "Cannot connect: refused");
      return this.#later(() => this.#tellClient({ type: "connect-failed", connection, error }));
    }
    const said = { down: "", up: "" };
    this.said.push(said);
    const cut = this.#options.cut?.(number);
    const wire = new Wire(server, cut, said, () => this.#break(connection, cut!));
    this.#wires.set(connection, wire);
    const remote = { hostname: "10.0.0.1", port: connection };
    this.#later(() =>
      this.#tellServer(connection, { type: "opened", connection, remote, local: remote })
    );
    this.#later(() => this.#tellClient({ type: "opened", connection, remote: END, local: END }));
  }

  #break(connection: number, { direction, kind, losesFlying }: Cut): void {
    this.cuts++;
    if (losesFlying) {
      const other = direction === "down" ? "up" : "down";
      this.#flying = this.#flying.filter(({ bytesOf }) =>
        bytesOf?.[0] !== connection || bytesOf[1] !== other
      );
    }
    const ended = { type: "ended", connection, reason: "reset" } as const;
    if (kind === "reset" || kind === "client-told") this.#later(() => this.#tellClient(ended));
    if (kind === "reset" || kind === "server-told") {
      this.#later(() => this.#tellServer(connection, ended));
    }
  }

  #toClient(connection: number, bytes: Uint8Array): void {
    const tell = (): void => this.#tellClient({ type: "data", connection, bytes });
    this.#later(tell, [connection, "down"]);
  }

  #toServer(connection: number, bytes: Uint8Array): void {
    const tell = (): Promise<void> =>
      this.#tellServer(connection, { type: "data", connection, bytes });
    this.#later(tell, [connection, "up"]);
  }

  async #tellServer(connection: number, input: SequenceServerInput): Promise<void> {
    const server = this.#wires.get(connection)!.server;
    // A killed one hears nothing.
    if (!this.servers.includes(server)) return;
    await this.serverOut(server, server.handle(input, this.now));
  }

  #tellClient(input: SequenceClientInput): void {
    this.#clientOut(this.client.handle(input, this.now));
    for (let value; (value = this.client.take()) !== undefined;) this.received.push(value);
    this.#clientOut(this.client.handle({ type: "confirm" }, this.now));
  }

  #later(act: Flying["act"], bytesOf?: Flying["bytesOf"]): void {
    this.#flying.push({ at: this.now + LATENCY, act, bytesOf });
  }
}

/** What happens after the latency of the network. */
interface Flying {
  readonly at: Instant;
  readonly act: () => Promise<void> | void;
  /** For bytes: their connection, and where they go. */
  readonly bytesOf: readonly [connection: number, direction: Direction] | undefined;
}

const LATENCY = 1;
/** A day in ms: no sequence of a test takes as long. */
const LONGEST_RUN = 86_400_000;
