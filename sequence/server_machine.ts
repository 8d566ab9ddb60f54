/**
 * The server of sequences without its sockets and its store.
 *
 * Here is decided which part takes an input, and which request is allowed when. `connections` has the
 * connections and their deadlines, `session_requests` those who want a session, `sessions` what is held,
 * `number_schedule` what is due, which must be in time while a verdict may not be early, and
 * `store_requests` what was asked of the store; `write_back` mends a store that lost something. Each takes a `Step`, which is the instant and the outputs so
 * far, so that the order of outputs is the order of decisions.
 *
 * ```text
 *   bytes ──▶ connections ──HELLO, RESUME──▶ session requests ◀──▶ store
 *                 ▲   │                          │ agreed
 *                 │   └─ACK, FIN-ACK, loss──▶ sessions ──▶ numbers ──▶ bytes
 *                 └──────────closes──────────────┘
 * ```
 *
 * @module
 */
import { Framer } from "../core/framer.ts";
import type { Instant, Machine, Random } from "../core/machine.ts";
import { SharedFramer } from "../core/shared_framer.ts";
import { SessionRequests } from "./session_requests.ts";
import { Connections } from "./connections.ts";
import type { SequenceConnection } from "./live_session.ts";
import { decodeSequenceRequest } from "./message.ts";
import {
  MAX_SEQUENCE_LINE_BYTES,
  type SequenceRejection,
  type SequenceRequest,
} from "./message.ts";
import { NumberSchedule } from "./number_schedule.ts";
import { Reports } from "./reports.ts";
import type {
  SequenceServerEnvironment,
  SequenceServerInput,
  SequenceServerOutput,
} from "./inputs.ts";
import { type SequenceServerMachineOptions, serverSettings } from "./options.ts";
import { Sessions } from "./sessions.ts";
import { StoreRequests } from "./store_requests.ts";
import { StoreWarnings } from "./store_warnings.ts";
import type { Step } from "./step.ts";
import { Timers } from "./timers.ts";
import { WriteBack } from "./write_back.ts";

/**
 * Serves any number of sessions with two deadline queues.
 *
 * @example Driven by hand
 * ```ts
 * import { encodeSequenceRequest, SequenceServerMachine } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * const environment = {
 *   random: () => 0.5,
 *   randomBytes: (count: number) => new Uint8Array(count), // in earnest: crypto.getRandomValues
 *   wall: (now: number) => now,
 * };
 * const machine = new SequenceServerMachine({ interval: 1_000, source: (i) => 7 * i }, environment);
 * const remote = { hostname: "127.0.0.1", port: 50_000 };
 * machine.handle({ type: "opened", connection: 1, remote, local: remote }, 0);
 * const client = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
 * const bytes = encodeSequenceRequest({ type: "hello", client, length: 2 });
 * const [call] = machine.handle({ type: "data", connection: 1, bytes }, 0);
 * if (call?.type !== "store") throw new Error("The session must be kept first");
 * const answer = { type: "stored", changed: true } as const; // create() of the store is done
 * const welcomed = machine.handle({ type: "answer", request: call.request, answer }, 1);
 * assertEquals(welcomed.map(({ type }) => type), ["started", "send"]);
 * const sent = machine.schedule.tick(machine.schedule.deadline!); // a schedule of its own
 * assertEquals(sent.map(({ type }) => type), ["send"]);
 * ```
 */
export class SequenceServerMachine implements Machine<SequenceServerInput, SequenceServerOutput> {
  /** The schedule of numbers, which waits for no input. */
  readonly schedule: Machine<never, SequenceServerOutput>;

  readonly #timers = new Timers();
  readonly #reports = new Reports(this.#timers);
  readonly #requests = new StoreRequests(this.#reports);
  readonly #warnings = new StoreWarnings();
  readonly #connections: Connections;
  readonly #sessions: Sessions;
  readonly #sessionRequests: SessionRequests;
  readonly #random: Random;
  readonly #framers = new SharedFramer(() => new Framer("\n", { limit: MAX_SEQUENCE_LINE_BYTES }));

  /**
   * Makes a server without sessions; those in the store are found when they are resumed.
   *
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(options: SequenceServerMachineOptions, environment: SequenceServerEnvironment) {
    const settings = serverSettings(options);
    const { random, randomBytes, wall } = environment;
    const timers = this.#timers, requests = this.#requests;
    const connections = new Connections(
      settings,
      timers,
      this.#reports,
      (connection, reason, step) => {
        this.#sessions.disconnected(connection, reason, step);
      },
    );
    const numbers = new NumberSchedule(settings, connections);
    const { source } = options;
    const writeBack = new WriteBack(requests, this.#reports);
    const shared = { settings, wall, requests, connections, writeBack };
    const sessions = new Sessions({ ...shared, source, timers, numbers });
    this.#connections = connections;
    this.#sessions = sessions;
    this.#sessionRequests = new SessionRequests({ ...shared, randomBytes, sessions });
    this.#random = random;
    this.schedule = numbers;
  }

  /** When `tick` is next worth calling. */
  get deadline(): Instant | undefined {
    return this.#timers.next;
  }

  /** How many sessions it holds, those without a connection counted. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Takes one input. */
  handle(input: SequenceServerInput, now: Instant): readonly SequenceServerOutput[] {
    const step: Step = { now, outputs: [] };
    switch (input.type) {
      case "opened":
        this.#connections.connect(input.connection, input.remote, step);
        break;
      case "answer":
        this.#requests.answer(input.request, input.answer, step);
        break;
      case "store-returned":
        this.#sessions.lookAtAll(step);
        break;
      case "store-checked":
        this.#warnings.take(input.warnings, step);
        break;
      case "accept-failed":
        this.#reports.count(input, step);
        break;
      case "shutdown":
        this.#connections.shutDown(this.#random, step);
        break;
      default: {
        const connection = this.#connections.get(input.connection);
        if (!connection) break;
        if (input.type === "data") this.#read(connection, input.bytes, step);
        else if (input.type === "ended") this.#connections.drop(connection, input.reason, step);
      }
    }
    return step.outputs;
  }

  /** This process did not run for `by` ms: moves the deadlines that judge a peer by as much. */
  stalled(by: number): readonly SequenceServerOutput[] {
    this.#timers.stretch(by);
    this.#sessions.stalled(by);
    return [{ type: "stalled", by }];
  }

  /** Runs the timers that are due. */
  tick(now: Instant): readonly SequenceServerOutput[] {
    const step: Step = { now, outputs: [] };
    this.#timers.expire(step);
    return step.outputs;
  }

  #read(connection: SequenceConnection, bytes: Uint8Array, step: Step): void {
    const framer = this.#framers.of(connection);
    framer.push(bytes);
    while (this.#connections.has(connection) && framer.next()) {
      const request = decodeSequenceRequest(framer.bytes, framer.start, framer.end);
      const code = typeof request === "string"
        ? request
        : this.#handleRequest(connection, request, step);
      if (code) return this.#connections.reject(connection, code, step);
    }
    this.#framers.taken(connection);
    if (framer.tooLong) this.#connections.reject(connection, "TOO-LONG", step);
  }

  /** Acts on one request; returns the code if it must be rejected. */
  #handleRequest(
    connection: SequenceConnection,
    request: SequenceRequest,
    step: Step,
  ): SequenceRejection | undefined {
    this.#connections.heard(connection, step);
    const { session } = connection;
    switch (request.type) {
      case "hello":
        if (connection.state !== "new") return "MALFORMED";
        return this.#sessionRequests.hello(connection, request.length, step);
      case "resume":
        if (connection.state !== "new") return "MALFORMED";
        return this.#sessionRequests.resume(connection, request, step);
      case "pong":
        return session ? undefined : "MALFORMED";
      case "ack":
        return session ? this.#sessions.confirm(session, request.next, step) : "MALFORMED";
      case "fin-ack":
        if (!session?.finished) return "MALFORMED";
        this.#sessions.complete(connection, session, step);
    }
    return undefined;
  }
}
