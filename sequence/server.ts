/**
 * Serves resumable sequences on real sockets.
 *
 * This file wires the server machine to a listener, its connections and a store. It decides nothing.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import { checkNumber } from "../core/check.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { Driver } from "../core/drive.ts";
import { lossOf, typed } from "../core/errors.ts";
import type { Random } from "../core/machine.ts";
import { Service } from "../core/service.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import type { StreamConnection, StreamListener } from "../net/stream.ts";
import { type DepartureInput, Departures } from "./departures.ts";
import type { SequenceLossReason, SequenceServerEvent } from "./events.ts";
import type { RandomBytes } from "./secret.ts";
import type { SequenceServerInput, SequenceServerOutput, StoreCall } from "./server_contract.ts";
import { SequenceServerMachine } from "./server_machine.ts";
import type { SequenceServerMachineOptions } from "./server_options.ts";
import type { SessionStore } from "./store.ts";
import { answerTo } from "./store_call.ts";

/** Options of {@linkcode serveSequence}. */
export interface SequenceServerOptions extends SequenceServerMachineOptions {
  /** The address or name to listen on. @default "127.0.0.1" */
  hostname?: string;
  /** The port to listen on, 0..65535; 0 is any free one. @default 49155 */
  port?: number;
  /** Where sessions are kept; the caller closes it. @default a new store in memory */
  store?: SessionStore;
  /** Stops the server when it aborts. */
  signal?: AbortSignal;
  /** Where time comes from. @default the system's clock */
  clock?: Clock;
  /** Spreads the return of clients when the server stops. @default Math.random */
  random?: Random;
  /** Makes seeds, names and tokens. @default crypto.getRandomValues */
  randomBytes?: RandomBytes;
  /** Where sockets come from. @default the sockets of this runtime */
  net?: Net;
}

/**
 * Sends each client its own sequence of uint32 numbers, one per interval, and goes on where it stopped
 * when the client comes back over another connection within the window, to this server or to another
 * one on the same store. For thousands of clients start the runtime with
 * `--max-semi-space-size=4 --max-old-space-size=1500` (on Deno as `--v8-flags=A,B`): docs/BENCHMARKS.md.
 *
 * @returns a service that is listening; iterate it for its events
 * @throws {HeartlineError} `invalid-option`, `address-in-use`, `address-not-available`,
 * `name-not-found`, `permission-denied`
 *
 * @example The squares, as fast as they are taken
 * ```ts
 * import { receiveSequence, serveSequence } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveSequence({ port: 0, interval: 0, source: (i) => i * i });
 * const squares: number[] = [];
 * for await (const n of receiveSequence({ port: server.address.port, length: 4 })) squares.push(n);
 * assertEquals(squares, [0, 1, 4, 9]);
 * ```
 */
export async function serveSequence(
  options: SequenceServerOptions = {},
): Promise<SequenceServer> {
  const { hostname = "127.0.0.1", clock = systemClock(), random = Math.random } = options;
  const { randomBytes = (count) => crypto.getRandomValues(new Uint8Array(count)) } = options;
  const port = checkNumber("port", options.port ?? 49_155, { max: 65_535, integer: true });
  const wall = clock.wall.bind(clock);
  // Made before the socket: a wrong option must not leave one open.
  const machine = new SequenceServerMachine(options, { random, randomBytes, wall });
  const store = options.store ?? new (await import("../store/memory.ts")).MemoryStore();
  const net = options.net ?? await openNet();
  const listener = await net.listenStream({ hostname, port });
  return new SequenceServer(listener, machine, store, clock, options.signal);
}

/**
 * A running server; made by {@linkcode serveSequence}.
 *
 * @example
 * ```ts
 * import { receiveSequence, serveSequence } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * const server = await serveSequence({ port: 0, interval: 1, sessionTtl: 30_000 });
 * const receiver = receiveSequence({ port: server.address.port, length: 50 });
 * for await (const _number of receiver) break; // the client leaves, the session stays for 30 s
 * assertEquals(server.sessions, 1);
 * await server.close(); // with a store that lives longer, another server goes on
 * ```
 */
export class SequenceServer extends Service<SequenceServerEvent> {
  readonly #listener: StreamListener;
  readonly #store: SessionStore;
  readonly #clock: Clock;
  readonly #machine: SequenceServerMachine;
  readonly #driver: Driver<SequenceServerInput, SequenceServerOutput>;
  readonly #numbers: Driver<never, SequenceServerOutput>;
  readonly #departures = new Departures();
  readonly #closes: Driver<DepartureInput, number>;
  readonly #streams = new Map<number, StreamConnection>();
  readonly #calls = new Set<Promise<void>>();
  #accepted = 0;
  #cancelSweep = (): void => {};
  #silenced = false;

  /** Not for users: use {@linkcode serveSequence}. */
  constructor(
    listener: StreamListener,
    machine: SequenceServerMachine,
    store: SessionStore,
    clock: Clock,
    signal?: AbortSignal,
  ) {
    super("sequence-server", signal);
    this.#listener = listener;
    this.#store = store;
    this.#clock = clock;
    this.#machine = machine;
    const { hostname, port } = listener.address;
    this.publish({ type: "listening", hostname, port, transport: "tcp" });
    const deliver = (outputs: readonly SequenceServerOutput[], now: number): void => {
      for (const output of outputs) this.#take(output);
      // What a verdict or an input did may have made a number due earlier.
      this.#numbers?.deliver([], now);
    };
    this.#driver = new Driver(machine, {
      clock,
      deliver,
    });
    this.#numbers = new Driver(machine.numbers, {
      clock,
      deliver: (outputs, now) => {
        for (const output of outputs) this.#take(output);
        this.#driver.deliver([], now);
      },
    });
    this.#closes = new Driver(this.#departures, {
      clock,
      deliver: (connections) => {
        // Its end comes out of `receive`.
        for (const id of connections) this.#streams.get(id)?.close();
      },
    });
    this.#sweep();
    this.run(listener.accept((stream) => this.#serve(stream), (error) => {
      const { code, message } = typed(error);
      this.#driver.handle({ type: "accept-failed", code, message });
    }));
  }

  /** Where the server listens. */
  get address(): Address {
    return this.#listener.address;
  }

  /** How many sessions it holds, those without a connection counted. */
  get sessions(): number {
    return this.#machine.size;
  }

  /** Sends every client away with a time to come back, and closes. */
  protected override stop(): void {
    this.#cancelSweep();
    this.#listener.close();
    this.#driver.handle({ type: "shutdown" });
    this.#numbers.close();
    this.#silenced = true;
    if (this.#streams.size === 0) this.#closes.close();
    this.run(this.#finish());
  }

  /** What was told to the store is done before the server counts as closed. */
  async #finish(): Promise<void> {
    while (this.#calls.size > 0) await Promise.all(this.#calls);
    this.#driver.close();
  }

  #serve(stream: StreamConnection): void {
    // Accepted in the same turn of the event loop in which the server was closed.
    if (this.stopped) return stream.close();
    const id = ++this.#accepted;
    this.#streams.set(id, stream);
    this.#driver.handle({ type: "connected", connection: id, remote: stream.remote });
    const read = stream.receive((bytes) => {
      this.countBytes(bytes.length);
      this.#driver.handle({ type: "data", connection: id, bytes });
      // An ACK that opens a window puts out nothing, and makes a number due.
      this.#numbers.deliver([], this.#clock.now());
    });
    this.run(read.then(() => this.#ended(id, "end"), (error) => this.#ended(id, lossOf(error))));
  }

  #ended(id: number, reason: SequenceLossReason): void {
    this.#streams.get(id)!.close();
    this.#streams.delete(id);
    this.#closes.handle({ type: "ended", connection: id });
    if (this.stopped && this.#streams.size === 0) this.#closes.close();
    this.#driver.handle({ type: "ended", connection: id, reason });
  }

  #take(output: SequenceServerOutput): void {
    switch (output.type) {
      case "send":
        return this.#send(output.connection, output.bytes);
      case "close": {
        const { connection, linger } = output;
        const unwritten = (this.#streams.get(connection)?.unsent ?? 0) > 0;
        return this.#closes.handle({ type: "leave", connection, unwritten, linger });
      }
      case "store": {
        const call = this.#call(output.request, output.call)
          .catch((error) => this.crash(error))
          .finally(() => this.#calls.delete(call));
        return void this.#calls.add(call);
      }
    }
    // A server that stops has lost nobody.
    if (!this.#silenced) this.publish(output);
  }

  #send(id: number, bytes: Uint8Array): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    // Not by `run`: it ends with its connection, and a set of ten thousand loops is not for each number.
    void stream.write(bytes).then(() => this.#written(id, stream, bytes.length), toldByReading);
  }

  #written(id: number, stream: StreamConnection, byteLength: number): void {
    try {
      this.#driver.handle({ type: "written", connection: id, byteLength });
      if (this.#departures.size > 0 && stream.unsent === 0) {
        this.#closes.handle({ type: "written", connection: id });
      }
    } catch (error) {
      this.crash(error);
    }
  }

  async #call(request: number, call: StoreCall): Promise<void> {
    const answer = await answerTo(call, this.#store);
    this.#driver.handle({ type: "answer", request, answer });
  }

  /** Lets the store forget, now and then. */
  #sweep(): void {
    this.#cancelSweep = this.#clock.schedule(SWEEP_INTERVAL, () => {
      const sweep = this.#store.expire(this.#clock.wall(this.#clock.now())).then(() => {}, typed);
      this.run(sweep);
      this.#sweep();
    });
  }
}

/** A write failed: reading from the same connection says what became of it. */
function toldByReading(): void {}

/** In ms. */
const SWEEP_INTERVAL = 10_000;
