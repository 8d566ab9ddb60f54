/**
 * The client of a sequence without its sockets.
 *
 * This file knows what a reply leads to in each state, and when to try again. It does not know sockets,
 * files or what the user does with a number: `numbers` has what came and what was taken, `acknowledgement`
 * what of it may be confirmed.
 *
 * ```text
 *   waiting ──▶ connecting ──▶ greeting ──WELCOME, RESUMED──▶ streaming ──FIN──▶ finishing ──▶ ended
 *      ▲             │             │                              │
 *      └─────────────┴─────────────┴── lost, gap, silent, ... ────┘     EXPIRED, REPLACED, ... ──▶ ended
 * ```
 *
 * Law: what an older connection says has no effect.
 *
 * @module
 */
import { fullJitter } from "../core/backoff.ts";
import { Framer } from "../core/framer.ts";
import { type Instant, type Machine, NOTHING } from "../core/machine.ts";
import type {
  SequenceClientEnvironment,
  SequenceClientInput,
  SequenceClientOutput,
} from "./inputs.ts";
import type { SequenceSnapshot } from "./snapshot.ts";
import { Acknowledgement } from "./acknowledgement.ts";
import { clientSettings, type SequenceClientMachineOptions } from "./options.ts";
import type { SequenceFailure, SequenceRetryReason } from "./events.ts";
import { ReceivedNumbers } from "./received_numbers.ts";
import { decodeSequenceReply, encodeSequenceRequest } from "./message.ts";
import {
  MAX_SEQUENCE_LINE_BYTES,
  type SequenceRejection,
  type SequenceReply,
  type SequenceRequest,
} from "./message.ts";
import { follow } from "../core/states.ts";
import { SEQUENCE_CLIENT_STATES, type SequenceClientState } from "./states.ts";

type Outputs = SequenceClientOutput[];

/**
 * Receives one sequence over any number of connections.
 *
 * @example Driven by hand
 * ```ts
 * import {
 *   encodeSequenceReply,
 *   SequenceChecksum,
 *   SequenceClientMachine,
 * } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * const client = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
 * const checksum = new SequenceChecksum().save();
 * const snapshot = { version: 1, client, length: 2, checksum, done: false } as const;
 * const environment = { server: "server:49155", random: () => 0.5 };
 * const machine = new SequenceClientMachine({ snapshot }, environment, 0);
 * assertEquals(machine.tick(0).map(({ type }) => type), ["connecting", "connect"]);
 * const remote = { hostname: "10.0.0.1", port: 49_155 }, local = { hostname: "10.0.0.7", port: 50_000 };
 * machine.handle({ type: "opened", connection: 1, remote, local }, 5); // HELLO goes out
 * const hear = (reply: Parameters<typeof encodeSequenceReply>[0]) => {
 *   const bytes = encodeSequenceReply(reply);
 *   return machine.handle({ type: "data", connection: 1, bytes }, 10);
 * };
 * const [session, token] = ["a".repeat(32), "b".repeat(32)];
 * const welcome = { session, token, epoch: 1, interval: 1_000, heartbeat: 5_000, sessionTtl: 30_000 };
 * hear({ type: "welcome", ...welcome });
 * hear({ type: "number", index: 0, value: 42 });
 * assertEquals([machine.take(), machine.take()], [42, undefined]); // the second has not come yet
 * assertEquals(machine.taken, 1);
 * ```
 */
export class SequenceClientMachine implements Machine<SequenceClientInput, SequenceClientOutput> {
  readonly #options: Required<SequenceClientMachineOptions>;
  readonly #environment: SequenceClientEnvironment;
  readonly #client: string;
  readonly #length: number;
  readonly #numbers: ReceivedNumbers;
  readonly #acknowledgement: Acknowledgement;
  #state: SequenceClientState = "waiting";
  #connection = 0;
  #attempt = 0;
  #framer = new Framer("\n", { limit: MAX_SEQUENCE_LINE_BYTES });
  /** An attempt was made since all was verified, whose one aim is that the server learns of the end. */
  #told: boolean;
  /** The server's, in ms; a client that was restarted does not know it, and takes the longest usual one. */
  #heartbeat = UNKNOWN_HEARTBEAT;
  /** When the present state ends. */
  #deadline: Instant | undefined;

  /**
   * Makes a client that connects at once.
   *
   * @param options see {@linkcode SequenceClientMachineOptions}; `snapshot` is a new sequence (`client` id and
   * `length`, an empty checksum) or a saved one
   * @param environment see {@linkcode SequenceClientEnvironment}
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(
    options: SequenceClientMachineOptions & { readonly snapshot: SequenceSnapshot },
    environment: SequenceClientEnvironment,
    now: Instant,
  ) {
    const { snapshot } = options;
    this.#options = clientSettings(options);
    this.#environment = environment;
    this.#client = snapshot.client;
    this.#length = snapshot.length;
    this.#numbers = new ReceivedNumbers(snapshot.length, snapshot.checksum);
    this.#acknowledgement = new Acknowledgement(snapshot, this.#numbers, this.#options.saves);
    this.#told = snapshot.done;
    this.#deadline = now;
  }

  /** When `tick` is next due. */
  get deadline(): Instant | undefined {
    const due = this.#state === "streaming" ? this.#acknowledgement.due : undefined;
    return due !== undefined && due < this.#deadline! ? due : this.#deadline;
  }

  /** Whether all is over: `done` or `failed` came out. */
  get ended(): boolean {
    return this.#state === "ended";
  }

  /** How many numbers the user has come back from. */
  get taken(): number {
    return this.#numbers.taken;
  }

  /** Whether enough was taken that a `confirm` is worth its cost before the queue is empty. */
  get confirmable(): boolean {
    return this.#acknowledgement.many;
  }

  /** Everything that is needed to go on elsewhere. */
  snapshot(): SequenceSnapshot {
    return this.#acknowledgement.snapshot();
  }

  /**
   * The next number; `undefined` if it did not arrive yet. The one before counts as taken. Follow it
   * by a `confirm` when it returned `undefined`, or when `confirmable`.
   */
  take(): number | undefined {
    return this.#numbers.take();
  }

  /** Takes one input. */
  handle(input: SequenceClientInput, now: Instant): readonly SequenceClientOutput[] {
    if (this.ended) return NOTHING;
    const outputs: Outputs = [];
    if ("connection" in input && input.connection !== this.#connection) return NOTHING;
    switch (input.type) {
      // An attempt that was given up comes to its end, too.
      case "opened":
        if (this.#state === "connecting") this.#greet(now, outputs);
        break;
      case "data":
        this.#read(input.bytes, now, outputs);
        break;
      case "connect-failed":
        if (this.#state === "connecting") {
          this.#retry(input.error.code, input.error.message, now, outputs);
        }
        break;
      case "ended":
        if (this.#state === "finishing") this.#finish(outputs);
        else if (this.#state !== "waiting") {
          this.#retry(input.reason, "the connection is lost", now, outputs);
        }
        break;
      case "confirm":
        this.#confirm(now, outputs);
        break;
      case "saved":
        this.#acknowledgement.saved();
        this.#confirm(now, outputs);
    }
    return outputs;
  }

  /** This process did not run for `by` ms: moves the deadlines that judge a peer by as much. */
  stalled(by: number): readonly SequenceClientOutput[] {
    if (this.ended) return NOTHING;
    // When to confirm is a promise to the server, and does not move.
    if (this.#deadline !== undefined) this.#deadline += by;
    return [{ type: "stalled", by }];
  }

  /** Connects, confirms, or gives a connection up. */
  tick(now: Instant): readonly SequenceClientOutput[] {
    const { deadline } = this;
    if (deadline === undefined || now < deadline) return NOTHING;
    const outputs: Outputs = [];
    if (now < this.#deadline!) this.#confirm(now, outputs);
    else if (this.#state === "waiting") this.#connect(now, outputs);
    else if (this.#state === "finishing") this.#finish(outputs);
    else this.#retry("silent", "the server does not answer", now, outputs);
    return outputs;
  }

  #connect(now: Instant, outputs: Outputs): void {
    if (this.#told) return this.#finish(outputs);
    this.#told = this.#acknowledgement.verified;
    this.#state = follow(SEQUENCE_CLIENT_STATES, this.#state, "connecting");
    this.#deadline = now + this.#options.connectTimeout;
    const { server } = this.#environment;
    outputs.push(
      { type: "connecting", server, attempt: ++this.#attempt },
      { type: "connect", connection: ++this.#connection },
    );
  }

  #greet(now: Instant, outputs: Outputs): void {
    this.#state = follow(SEQUENCE_CLIENT_STATES, this.#state, "greeting");
    this.#framer = new Framer("\n", { limit: MAX_SEQUENCE_LINE_BYTES });
    this.#acknowledgement.begin();
    this.#deadline = now + this.#options.connectTimeout;
    const { session } = this.#acknowledgement;
    this.#send(
      session
        ? {
          type: "resume",
          session: session.id,
          token: session.token,
          next: this.#numbers.received,
        }
        : { type: "hello", client: this.#client, length: this.#length },
      outputs,
    );
  }

  #read(bytes: Uint8Array, now: Instant, outputs: Outputs): void {
    const framer = this.#framer, connection = this.#connection, { repeated } = this.#numbers;
    // Any byte is a sign of life.
    if (this.#state === "streaming") this.#deadline = now + this.#patience;
    framer.push(bytes);
    while (this.#listening(connection) && framer.next()) {
      const reply = decodeSequenceReply(framer.bytes, framer.start, framer.end);
      // All is said: nothing concerns us but that the server waits for us to hang up.
      if (this.#state === "finishing") {
        if (reply?.type === "goaway") this.#finish(outputs);
      } else if (reply) this.#handleReply(reply, now, outputs);
      else this.#retry("malformed", "the server said what is no message", now, outputs);
    }
    if (framer.tooLong && this.#listening(connection) && this.#state !== "finishing") {
      this.#retry("malformed", "the server said a line without an end", now, outputs);
    }
    const count = this.#numbers.repeated - repeated;
    if (count > 0) outputs.push({ type: "repeated", count });
  }

  #listening(connection: number): boolean {
    return this.#connection === connection && LISTENING.has(this.#state);
  }

  #handleReply(reply: SequenceReply, now: Instant, outputs: Outputs): void {
    if (reply.type === "rejected") return this.#rejected(reply.code, reply.text, now, outputs);
    const greets = reply.type === "welcome" || reply.type === "resumed";
    const fits = this.#state === "greeting"
      ? reply.type === (this.#acknowledgement.session ? "resumed" : "welcome")
      : !greets;
    if (!fits && reply.type !== "goaway") {
      return this.#retry("malformed", `the server said ${reply.type} too early`, now, outputs);
    }
    switch (reply.type) {
      case "welcome":
        return this.#welcome(reply, now, outputs);
      case "resumed":
        return this.#resumed(reply, now, outputs);
      case "number":
        return this.#number(reply.index, reply.value, now, outputs);
      case "ping":
        return this.#pong(reply.id, now, outputs);
      case "fin":
        this.#acknowledgement.fin = reply;
        if (reply.length !== this.#length || this.#numbers.received < this.#length) {
          return this.#retry("gap", `the server ended at ${this.#numbers.received}`, now, outputs);
        }
        return this.#confirm(now, outputs);
      case "replaced":
        return this.#fail("REPLACED", REASONS.REPLACED, outputs);
      case "goaway":
        return this.#leave("goaway", "the server stops", now, reply.retry, outputs);
    }
  }

  #welcome(
    { session: id, token, heartbeat }: Extract<SequenceReply, { type: "welcome" }>,
    now: Instant,
    outputs: Outputs,
  ): void {
    this.#acknowledgement.session = { id, token };
    this.#heartbeat = heartbeat;
    this.#begin(now);
    outputs.push({ type: "started", session: id, length: this.#length });
    this.#confirm(now, outputs);
  }

  #resumed(
    { token, next }: Extract<SequenceReply, { type: "resumed" }>,
    now: Instant,
    outputs: Outputs,
  ): void {
    const { id } = this.#acknowledgement.session!;
    this.#acknowledgement.session = { id, token };
    if (next !== this.#numbers.received) {
      return this.#retry("gap", `the server resumed at ${next}`, now, outputs);
    }
    this.#begin(now);
    outputs.push({ type: "resumed", session: id, next });
    this.#confirm(now, outputs);
  }

  #begin(now: Instant): void {
    this.#state = follow(SEQUENCE_CLIENT_STATES, this.#state, "streaming");
    this.#deadline = now + this.#patience;
  }

  /** Longest silence of the server. */
  get #patience(): number {
    return this.#heartbeat * MISSED_HEARTBEATS;
  }

  #number(index: number, value: number, now: Instant, outputs: Outputs): void {
    const { received } = this.#numbers;
    if (!this.#numbers.receive(index, value)) {
      return this.#retry(
        "gap",
        `wanted number ${received}, the server sent ${index}`,
        now,
        outputs,
      );
    }
    // Only what is new shows that the connection is worth something.
    if (this.#numbers.received > received) this.#attempt = 0;
  }

  /** The server wants to know how far we are; it is told that we live even where a save comes first. */
  #pong(id: number, now: Instant, outputs: Outputs): void {
    this.#acknowledgement.ask();
    this.#confirm(now, outputs);
    if (this.#state === "streaming") this.#send({ type: "pong", id }, outputs);
  }

  /** Confirms what may be confirmed and is due, or says what must happen before. */
  #confirm(now: Instant, outputs: Outputs): void {
    const acknowledgement = this.#acknowledgement;
    acknowledgement.wait(this.#heartbeat, now);
    const both = acknowledgement.verify();
    if (both) {
      outputs.push({ type: "close", connection: this.#connection });
      outputs.push({ type: "failed", code: "CHECKSUM", message: REASONS.CHECKSUM, ...both });
      return this.#end();
    }
    if (acknowledgement.saving) return;
    const snapshot = acknowledgement.save();
    if (snapshot) return void outputs.push({ type: "save", snapshot });
    if (this.#state !== "streaming") return;
    const next = acknowledgement.confirm(now);
    if (next !== undefined) this.#send({ type: "ack", next }, outputs);
    if (!acknowledgement.finished) return;
    this.#state = follow(SEQUENCE_CLIENT_STATES, this.#state, "finishing");
    this.#deadline = now + this.#options.linger;
    this.#send({ type: "fin-ack" }, outputs);
  }

  #finish(outputs: Outputs): void {
    if (this.#connection > 0) outputs.push({ type: "close", connection: this.#connection });
    outputs.push({
      type: "done",
      length: this.#length,
      digest: this.#numbers.digest(),
      repeated: this.#numbers.repeated,
      connections: this.#connection,
    });
    this.#end();
  }

  #rejected(code: SequenceRejection, text: string, now: Instant, outputs: Outputs): void {
    const reason = REASONS[code as keyof typeof REASONS];
    if (code === "SOURCE") this.#fail(code, `${REASONS.SOURCE}: ${text}`, outputs);
    else if (reason) this.#fail(code, reason, outputs);
    else this.#retry(code, `the server says: ${text}`, now, outputs);
  }

  #fail(code: SequenceFailure, message: string, outputs: Outputs): void {
    if (this.#acknowledgement.verified) return this.#finish(outputs);
    outputs.push({ type: "close", connection: this.#connection }, {
      type: "failed",
      code,
      message,
    });
    this.#end();
  }

  #retry(reason: SequenceRetryReason, message: string, now: Instant, outputs: Outputs): void {
    const { random } = this.#environment;
    const failures = Math.max(0, this.#attempt - 1);
    this.#leave(reason, message, now, fullJitter(failures, random, this.#options.backoff), outputs);
  }

  #leave(
    reason: SequenceRetryReason,
    message: string,
    now: Instant,
    retryIn: number,
    outputs: Outputs,
  ): void {
    // All is here: that the server may not know it is worth one attempt and no more.
    if (this.#told) return this.#finish(outputs);
    this.#state = follow(SEQUENCE_CLIENT_STATES, this.#state, "waiting");
    this.#deadline = now + retryIn;
    outputs.push({ type: "close", connection: this.#connection });
    outputs.push({ type: "disconnected", reason, message, retryIn });
  }

  #end(): void {
    this.#state = follow(SEQUENCE_CLIENT_STATES, this.#state, "ended");
    this.#deadline = undefined;
  }

  #send(request: SequenceRequest, outputs: Outputs): void {
    const bytes = encodeSequenceRequest(request);
    outputs.push({ type: "send", connection: this.#connection, bytes });
  }
}

const LISTENING: ReadonlySet<string> = new Set(["greeting", "streaming", "finishing"]);

/** What stops a client, in words; every other code is a reason to try again. */
const REASONS = {
  VERSION: "The server speaks another version of the protocol",
  UUID: "The server does not take this client's id",
  LENGTH: "The server does not take this length",
  UNKNOWN: "The server knows no such session: it may have forgotten it",
  EXPIRED: "The session expired: the client was away for longer than the server keeps sessions",
  COMPLETED: "The session was completed before, by another copy of this client or of its state",
  SOURCE: "The server could not make a number",
  REPLACED: "Another client resumed this session, so this one gives it up",
  CHECKSUM: "Local checksum and server checksum differ",
};

/** What the server grants us: three PINGs, and the silence before the first. */
const MISSED_HEARTBEATS = 4;
/** In ms. */
const UNKNOWN_HEARTBEAT = 30_000;
