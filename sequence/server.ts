/**
 * Serves resumable sequences on real sockets: a listener, its connections and a store around the server
 * machine.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import { checkNumber } from "../core/check.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import type { Random } from "../core/machine.ts";
import type { Net } from "../net/net.ts";
import { openNet } from "../net/open.ts";
import type { StreamListener } from "../net/stream.ts";
import { listening, StreamServer, type StreamServerOptions } from "../net/stream_server.ts";
import type { SequenceServerEvent } from "./events.ts";
import type { SequenceServerInput, SequenceServerOutput, StoreCall } from "./inputs.ts";
import { type SequenceServerMachineOptions, serverSettings } from "./options.ts";
import { newSecret, type RandomBytes } from "./secret.ts";
import { SequenceServerMachine } from "./server_machine.ts";
import type { SessionStore, StoreUser } from "./store.ts";
import { answerTo, storeFailure } from "./store_call.ts";

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
  const { writeTimeout, sessionTtl } = serverSettings(options), { signal } = options;
  const user = { id: newSecret(randomBytes), sessionTtl };
  return new SequenceServer(listener, machine, { store, user }, { clock, signal, writeTimeout });
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
export class SequenceServer
  extends StreamServer<SequenceServerEvent, SequenceServerInput, SequenceServerOutput> {
  /** Where the server listens. */
  readonly address: Address;

  readonly #store: SessionStore;
  readonly #user: StoreUser;
  readonly #machine: SequenceServerMachine;
  readonly #calls = new Set<Promise<void>>();
  #cancelSweep = (): void => {};
  #forgetStore: (() => void) | undefined;

  /** Not for users: use {@linkcode serveSequence}. */
  constructor(
    listener: StreamListener,
    machine: SequenceServerMachine,
    { store, user }: { readonly store: SessionStore; readonly user: StoreUser },
    options: StreamServerOptions,
  ) {
    super("sequence-server", machine, options);
    this.address = listener.address;
    this.#store = store;
    this.#user = user;
    this.#machine = machine;
    this.publish(listening(listener.address, "tcp"));
    this.#forgetStore = store.onReturn?.(() => {
      this.driver.handle({ type: "store-returned" });
      this.run(this.#check().catch(() => {}));
    });
    // Whether it can be used at all is told by the first call that cannot.
    this.run(this.#check().catch(() => {}));
    this.#sweep();
    this.accept(listener);
  }

  /** How many sessions it holds, those without a connection counted. */
  get sessions(): number {
    return this.#machine.size;
  }

  /** Sends every client away with a time to come back, and closes. */
  protected override stop(): void {
    this.#cancelSweep();
    this.#forgetStore?.();
    this.driver.handle({ type: "shutdown" });
    this.stopConnections();
    this.run(this.#finish());
  }

  /** The machine need not know when its lines are taken. */
  protected override drained(): void {}

  /** Asks the store, and does the rest as every server does. */
  protected override perform(output: SequenceServerOutput): void {
    if (output.type !== "store") return super.perform(output);
    const call = this.#call(output.request, output.call)
      .catch((error) => this.crash(error))
      .finally(() => this.#calls.delete(call));
    this.#calls.add(call);
  }

  /** What was told to the store is done before the server counts as closed. */
  async #finish(): Promise<void> {
    while (this.#calls.size > 0) await Promise.all(this.#calls);
    this.driver.close();
  }

  async #call(request: number, call: StoreCall): Promise<void> {
    const answer = await answerTo(call, this.#store);
    this.driver.handle({ type: "answer", request, answer });
  }

  /** Lets the store forget, now and then. */
  #sweep(): void {
    this.#cancelSweep = this.clock.schedule(SWEEP_INTERVAL, () => {
      this.run(this.#expire());
      this.#sweep();
    });
  }

  /** A store that fails at it is told as any failure of it is; it is asked again. */
  async #expire(): Promise<void> {
    try {
      await this.#store.expire(this.clock.wall(this.clock.now()));
      await this.#check();
    } catch (error) {
      this.publish({ type: "store-failed", message: storeFailure(error), count: 1 });
    }
  }

  async #check(): Promise<void> {
    const warnings = await this.#store.check?.(this.#user);
    if (warnings) this.driver.handle({ type: "store-checked", warnings });
  }
}

/** In ms. */
const SWEEP_INTERVAL = 10_000;
