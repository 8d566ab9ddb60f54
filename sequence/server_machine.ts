/**
 * The server of sequences without its sockets and its store.
 *
 * This file knows which part takes an input, and which request is allowed when. It does not know what
 * a part does with it: `connections` has the links, `arrivals` those who want a session, `sessions` what
 * is held, `numbers` the schedule, which must be in time while a verdict may not be early.
 *
 * ```text
 *   bytes ──▶ connections ──HELLO, RESUME──▶ arrivals ◀──▶ store
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
import { Arrivals } from "./arrivals.ts";
import { Connections } from "./connections.ts";
import type { Link } from "./link.ts";
import { readSequenceRequest } from "./lines.ts";
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
import type { Turn } from "./turn.ts";
import { Verdicts } from "./verdicts.ts";

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
 * const hello = encodeSequenceRequest({ type: "hello", client, length: 2 });
 * const bytes = new TextEncoder().encode(hello);
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

  readonly #verdicts = new Verdicts();
  readonly #reports = new Reports(this.#verdicts);
  readonly #requests = new StoreRequests(this.#reports);
  readonly #connections: Connections;
  readonly #sessions: Sessions;
  readonly #arrivals: Arrivals;
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
    const verdicts = this.#verdicts, requests = this.#requests;
    const connections = new Connections(settings, verdicts, this.#reports, (link, reason, turn) => {
      this.#sessions.disconnected(link, reason, turn);
    });
    const numbers = new NumberSchedule(settings, connections);
    const { source } = options;
    const shared = { settings, wall, requests, connections };
    const sessions = new Sessions({ ...shared, source, verdicts, numbers });
    this.#connections = connections;
    this.#sessions = sessions;
    this.#arrivals = new Arrivals({ ...shared, randomBytes, sessions });
    this.#random = random;
    this.schedule = numbers;
  }

  /** When `tick` is next worth calling. */
  get deadline(): Instant | undefined {
    return this.#verdicts.next;
  }

  /** How many sessions it holds, those without a connection counted. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Takes one input. */
  handle(input: SequenceServerInput, now: Instant): readonly SequenceServerOutput[] {
    const turn: Turn = { now, outputs: [] };
    switch (input.type) {
      case "opened":
        this.#connections.connect(input.connection, input.remote, turn);
        break;
      case "answer":
        this.#requests.answer(input.request, input.answer, turn);
        break;
      case "accept-failed":
        this.#reports.count(input, turn);
        break;
      case "shutdown":
        this.#connections.shutDown(this.#random, turn);
        break;
      default: {
        const link = this.#connections.get(input.connection);
        if (!link) break;
        if (input.type === "data") this.#read(link, input.bytes, turn);
        else if (input.type === "ended") this.#connections.drop(link, input.reason, turn);
      }
    }
    return turn.outputs;
  }

  /** This process did not run for `by` ms: moves the deadlines that judge a peer by as much. */
  stalled(by: number): readonly SequenceServerOutput[] {
    this.#verdicts.stretch(by);
    this.#sessions.stalled(by);
    return [{ type: "stalled", by }];
  }

  /** Gives the verdicts that are due. */
  tick(now: Instant): readonly SequenceServerOutput[] {
    const turn: Turn = { now, outputs: [] };
    this.#verdicts.expire(turn);
    return turn.outputs;
  }

  #read(link: Link, bytes: Uint8Array, turn: Turn): void {
    const framer = this.#framers.of(link);
    framer.push(bytes);
    while (this.#connections.has(link) && framer.next()) {
      const request = readSequenceRequest(framer.bytes, framer.start, framer.end);
      const code = typeof request === "string" ? request : this.#take(link, request, turn);
      if (code) return this.#connections.reject(link, code, turn);
    }
    this.#framers.taken(link);
    if (framer.tooLong) this.#connections.reject(link, "TOO-LONG", turn);
  }

  /** Acts on one request; returns the code if it must be rejected. */
  #take(link: Link, request: SequenceRequest, turn: Turn): SequenceRejection | undefined {
    this.#connections.heard(link, turn);
    const { session } = link;
    switch (request.type) {
      case "hello":
        if (link.state !== "new") return "MALFORMED";
        return this.#arrivals.hello(link, request.length, turn);
      case "resume":
        if (link.state !== "new") return "MALFORMED";
        return this.#arrivals.resume(link, request, turn);
      case "pong":
        return session ? undefined : "MALFORMED";
      case "ack":
        return session ? this.#sessions.confirm(session, request.next, turn) : "MALFORMED";
      case "fin-ack":
        if (!session?.finished) return "MALFORMED";
        this.#sessions.complete(link, session, turn);
    }
    return undefined;
  }
}
