/**
 * When to say HELLO and when to give up: the handshake client without its socket.
 *
 * This file knows tries, repetitions and replies. It does not know sockets, or where ids come from.
 *
 * ```text
 *            opened              OK for our id
 *  opening ─────────▶ waiting ─────────────────▶ over (established)
 *     ▲  │              │
 *     │  └ not opened ──┤ RESET, timeout, or the connection ended
 *     │                 ▼
 *     └── next id ─── asking ──────────────────▶ over (failure): no id, or that was the last try
 * ```
 *
 * Laws: each try has a new socket; a try ends at its timeout and not before, unless the server answers,
 * or a TCP connection is refused or ends; what is no reply to our HELLO is counted and changes nothing;
 * a lost UDP datagram costs a repetition and not a try; the timeout is a verdict about the server and
 * moves by the time in which our own process did not run.
 *
 * @module
 */
import { formatAddress } from "../core/address.ts";
import { checkDuration, checkNumber } from "../core/check.ts";
import type { ConnectionLoss } from "../core/connection.ts";
import { HeartlineError } from "../core/errors.ts";
import { Framer } from "../core/framer.ts";
import { counted, LimitedReports } from "../core/limited_reports.ts";
import { type Instant, type Machine, NOTHING, type Random } from "../core/machine.ts";
import type {
  HandshakeClientEnvironment,
  HandshakeClientInput,
  HandshakeClientOutput,
} from "./inputs.ts";
import type { HandshakeTryOptions } from "./options.ts";
import type { HandshakeClientEvent, HandshakeFault } from "./events.ts";
import {
  decodeReply,
  encodeHello,
  type HandshakeReply,
  isConnectionId,
  MAX_HANDSHAKE_BYTES,
  QUIET,
} from "./message.ts";
import { follow } from "../core/states.ts";
import { HANDSHAKE_CLIENT_STATES, type HandshakeState } from "./states.ts";

/**
 * Makes up to `tries` attempts to get an id.
 *
 * @example Driven by hand
 * ```ts
 * import { encodeReply, HandshakeClientMachine } from "@heartline/heartline/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * const environment = { server: "server:4000", random: () => 0.5 };
 * const machine = new HandshakeClientMachine({ id: "9876" }, environment, 0);
 * assertEquals(machine.tick(0), [{ type: "connect", connection: 1 }]); // open a socket, and say so:
 * const remote = { hostname: "192.168.0.1", port: 4_000 }, local = { hostname: "192.168.0.10", port: 50_000 };
 * const asked = machine.handle({ type: "opened", connection: 1, remote, local }, 1);
 * assertEquals(asked.map(({ type }) => type), ["trying", "send"]);
 * const bytes = encodeReply({ type: "ok", id: "9876", address: local });
 * const answered = machine.handle({ type: "datagram", connection: 1, bytes }, 20);
 * assertEquals(answered.map(({ type }) => type), ["close", "established"]);
 * assertEquals(machine.deadline, undefined);
 * ```
 */
export class HandshakeClientMachine
  implements Machine<HandshakeClientInput, HandshakeClientOutput> {
  readonly #server: string;
  readonly #random: Random;
  readonly #tcp: boolean;
  readonly #timeout: number;
  readonly #tries: number;
  readonly #retransmit: boolean;
  #state: HandshakeState = "ready";
  #try = 0;
  #id: string;
  #hello: Uint8Array;
  #framer = new Framer("\n", { limit: MAX_HANDSHAKE_BYTES });
  /** When this try times out. */
  #giveUpAt: Instant;
  /** When the first HELLO of this try went out, and how many did. */
  #firstSentAt: Instant = 0;
  #sent = 0;
  #repeatAt: Instant = Infinity;
  /** When a reply without a line feed is complete. */
  #quietAt: Instant = Infinity;
  readonly #reports = new LimitedReports(counted<Ignored | SendFailed>);

  /**
   * Makes a client whose first try begins at `now`.
   *
   * @param options see {@linkcode HandshakeTryOptions}
   * @param environment see {@linkcode HandshakeClientEnvironment}
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(
    options: HandshakeTryOptions,
    environment: HandshakeClientEnvironment,
    now: Instant,
  ) {
    this.#server = environment.server;
    this.#random = environment.random;
    this.#tcp = options.transport === "tcp";
    this.#timeout = checkDuration("timeout", options.timeout ?? 15_000);
    this.#tries = checkNumber("tries", options.tries ?? 3, { min: 1, integer: true });
    this.#retransmit = options.retransmit ?? true;
    this.#id = checkConnectionId(options.id);
    this.#hello = encodeHello(this.#id);
    this.#giveUpAt = now;
  }

  /** When `tick` is next due. */
  get deadline(): Instant | undefined {
    if (this.#state === "over" || this.#state === "asking") return undefined;
    return Math.min(this.#giveUpAt, this.#repeatAt, this.#quietAt);
  }

  /** Takes one input; one about an earlier try changes nothing. */
  handle(input: HandshakeClientInput, now: Instant): readonly HandshakeClientOutput[] {
    const outputs: HandshakeClientOutput[] = [];
    if (input.type === "next-id") return this.#next(input.id, now);
    if (input.connection !== this.#try || !ACTIVE.has(this.#state)) return NOTHING;
    switch (input.type) {
      case "opened":
        this.#open(formatAddress(input.local), now, outputs);
        break;
      case "connect-failed":
        this.#fail(input.error.code, outputs, input.error.message);
        break;
      case "datagram":
        this.#handleReply(decodeReply(input.bytes), now, outputs);
        break;
      case "data":
        this.#read(input.bytes, now, outputs);
        break;
      case "stranger":
        this.#ignore("other-sender", now, outputs);
        break;
      case "ended":
        if (this.#framer.rest()) this.#handleFramed(now, outputs);
        if (ACTIVE.has(this.#state)) this.#fail(faultOf(input.reason), outputs);
        break;
      case "send-failed": {
        const { code, message } = input.error;
        this.#report(code, { type: "send-failed", code, message }, now, outputs);
        // Everything else may heal, a sandbox does not.
        if (code === "permission-denied") this.#fail(code, outputs, message);
      }
    }
    return outputs;
  }

  /** This process did not run for `by` ms: moves the deadlines that judge a peer by as much. */
  stalled(by: number): readonly HandshakeClientOutput[] {
    this.#giveUpAt += by;
    this.#quietAt += by;
    return [{ type: "stalled", by }];
  }

  /** Begins, repeats or gives up, whatever is due. */
  tick(now: Instant): readonly HandshakeClientOutput[] {
    const outputs: HandshakeClientOutput[] = [];
    if (this.#state === "over" || this.#state === "asking") return NOTHING;
    if (this.#state === "ready") {
      if (now >= this.#giveUpAt) this.#begin(now, outputs);
      return outputs;
    }
    if (now >= this.#quietAt && this.#framer.rest()) this.#handleFramed(now, outputs);
    if (!ACTIVE.has(this.#state)) return outputs;
    if (now >= this.#giveUpAt) this.#fail("timed-out", outputs);
    else if (now >= this.#repeatAt) this.#send(now, outputs);
    return outputs;
  }

  #begin(now: Instant, outputs: HandshakeClientOutput[]): void {
    this.#try++;
    this.#state = follow(HANDSHAKE_CLIENT_STATES, this.#state, "opening");
    this.#giveUpAt = now + this.#timeout;
    this.#sent = 0;
    this.#framer = new Framer("\n", { limit: MAX_HANDSHAKE_BYTES });
    outputs.push({ type: "connect", connection: this.#try });
  }

  #open(local: string, now: Instant, outputs: HandshakeClientOutput[]): void {
    this.#state = follow(HANDSHAKE_CLIENT_STATES, this.#state, "waiting");
    this.#firstSentAt = now;
    const server = this.#server;
    outputs.push({ type: "trying", try: this.#try, id: this.#id, local, server });
    this.#send(now, outputs);
  }

  #send(now: Instant, outputs: HandshakeClientOutput[]): void {
    this.#sent++;
    outputs.push({ type: "send", connection: this.#try, bytes: this.#hello });
    this.#repeatAt = this.#tcp || !this.#retransmit ? Infinity : this.#nextRepetition(now);
  }

  /** The next one on the schedule; those that a pause of our own process swallowed are left out. */
  #nextRepetition(now: Instant): Instant {
    let k = 0;
    while (this.#firstSentAt + repetition(k) <= now) k++;
    const gap = repetition(k) - (k === 0 ? 0 : repetition(k - 1));
    return this.#firstSentAt + repetition(k) + this.#random() * JITTER * gap;
  }

  #read(bytes: Uint8Array, now: Instant, outputs: HandshakeClientOutput[]): void {
    const framer = this.#framer;
    framer.push(bytes);
    while (ACTIVE.has(this.#state) && framer.next()) this.#handleFramed(now, outputs);
    if (!ACTIVE.has(this.#state)) return;
    if (framer.tooLong) {
      this.#ignore("malformed", now, outputs);
      this.#framer = new Framer("\n", { limit: MAX_HANDSHAKE_BYTES });
    }
    this.#quietAt = framer.waiting > 0 ? now + QUIET : Infinity;
  }

  #handleFramed(now: Instant, outputs: HandshakeClientOutput[]): void {
    const { bytes, start, end } = this.#framer;
    this.#quietAt = Infinity;
    this.#handleReply(decodeReply(bytes, start, end), now, outputs);
  }

  #handleReply(
    reply: HandshakeReply | undefined,
    now: Instant,
    outputs: HandshakeClientOutput[],
  ): void {
    if (!reply) this.#ignore("malformed", now, outputs);
    else if (reply.id !== this.#id) this.#ignore("other-id", now, outputs);
    else if (reply.type === "reset") this.#fail("reset", outputs);
    else {
      const { hostname, port } = reply.address;
      this.#close(outputs);
      this.#finish(outputs);
      const { id } = reply;
      outputs.push({ type: "established", try: this.#try, id, hostname, port, sent: this.#sent });
    }
  }

  #fail(
    reason: HandshakeFault,
    outputs: HandshakeClientOutput[],
    message?: string,
  ): void {
    this.#close(outputs);
    const said = message === undefined ? {} : { message };
    outputs.push({ type: "error", try: this.#try, id: this.#id, reason, ...said });
    if (this.#try < this.#tries) {
      this.#state = follow(HANDSHAKE_CLIENT_STATES, this.#state, "asking");
      outputs.push({ type: "ask-id", try: this.#try, id: this.#id, reason });
    } else {
      this.#finish(outputs);
      outputs.push({ type: "failure", tries: this.#try });
    }
  }

  #next(id: string | undefined, now: Instant): readonly HandshakeClientOutput[] {
    if (this.#state !== "asking") return NOTHING;
    const outputs: HandshakeClientOutput[] = [];
    if (id === undefined) {
      this.#finish(outputs);
      outputs.push({ type: "failure", tries: this.#try });
    } else {
      this.#id = checkConnectionId(id);
      this.#hello = encodeHello(id);
      this.#begin(now, outputs);
    }
    return outputs;
  }

  #close(outputs: HandshakeClientOutput[]): void {
    this.#repeatAt = this.#quietAt = Infinity;
    outputs.push({ type: "close", connection: this.#try });
  }

  /** Says what was held back; nothing comes later. */
  #finish(outputs: HandshakeClientOutput[]): void {
    this.#state = follow(HANDSHAKE_CLIENT_STATES, this.#state, "over");
    outputs.push(...this.#reports.flush(Infinity));
  }

  #ignore(reason: Ignored["reason"], now: Instant, outputs: HandshakeClientOutput[]): void {
    this.#report(reason, { type: "ignored", reason }, now, outputs);
  }

  #report(
    kind: string,
    event: Ignored | SendFailed,
    now: Instant,
    outputs: HandshakeClientOutput[],
  ): void {
    const report = this.#reports.count(kind, event, now);
    if (report) outputs.push(report);
  }
}

type Ignored = Omit<Extract<HandshakeClientEvent, { type: "ignored" }>, "count">;
type SendFailed = Omit<Extract<HandshakeClientEvent, { type: "send-failed" }>, "count">;

/** Returns `id` if it can be one, else throws `invalid-option`. */
function checkConnectionId(id: string): string {
  if (isConnectionId(id)) return id;
  throw new HeartlineError(
    "invalid-option",
    `Cannot use id: wanted 1 to 64 printable ASCII characters without a space, current value is ${id}`,
  );
}

/** How a lost connection is told: `reset` is the answer RESET. */
function faultOf(loss: ConnectionLoss): HandshakeFault {
  if (loss === "end") return "ended";
  return loss === "reset" ? "connection-reset" : loss;
}

/** Milliseconds from the first HELLO to repetition `k`: 0.25, 0.5 and 1 s, then every second. */
function repetition(k: number): number {
  return k < 2 ? 250 * (k + 1) : 1_000 * (k - 1);
}

/** A socket is open or being opened. */
const ACTIVE: ReadonlySet<string> = new Set(["opening", "waiting"]);
/** A repetition comes up to this share of its gap later, so that clients started together drift apart. */
const JITTER = 0.25;
