/**
 * When to connect, to send and to give up: the sender of TCP heartbeats without its socket.
 *
 * This file knows the schedule, the connection's state and what is confirmed. It does not know
 * sockets.
 *
 * ```text
 *            due               connected               count sent and confirmed
 *  waiting ───────▶ connecting ─────────▶ open ──────────────────────────────▶ over
 *     ▲                 │ refused, slow    │ lost, not confirmed in time          ▲
 *     └───── jitter ────┴──────────────────┴──────────── reconnect: false ────────┘
 * ```
 *
 * Laws: heartbeat k is due at start + k * interval, where start is the first connection; what could
 * not be sent in its time is not sent afterwards, and gets no number, so numbers are consecutive over
 * what was sent, across connections too; inputs of a connection that is not the present one are
 * ignored; of each number at most one `unconfirmed` is said.
 *
 * @module
 */
import { formatAddress } from "../core/address.ts";
import { fullJitter } from "../core/backoff.ts";
import { HeartlineError } from "../core/errors.ts";
import { Framer } from "../core/framer.ts";
import { type Instant, type Machine, NOTHING } from "../core/machine.ts";
import type { TcpClientEnvironment, TcpClientInput, TcpClientOutput } from "./inputs.ts";
import type { NumberRun, TcpLossReason } from "./events.ts";
import { failed } from "./loss.ts";
import { decodeTcpAck, formatTcpHeartbeat, MAX_TCP_MESSAGE_BYTES, TCP_MARK } from "./message.ts";
import { clientSettings, type TcpSchedule } from "./options.ts";
import { Unconfirmed } from "./unconfirmed.ts";
import { follow } from "../core/states.ts";
import { TCP_CLIENT_STATES, type TcpSendingState } from "./states.ts";

/**
 * Sends numbered heartbeats over one connection after the other.
 *
 * @example Driven by hand
 * ```ts
 * import { TcpClientMachine } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * const environment = { server: "server:6510", random: () => 0.5, wall: (now: number) => now };
 * const machine = new TcpClientMachine({ interval: 1_000, count: 2 }, environment, 0);
 * assertEquals(machine.tick(0), [
 *   { type: "connecting", server: "server:6510", attempt: 1 },
 *   { type: "connect", connection: 1 }, // open a socket, and say when it is open:
 * ]);
 * const local = { hostname: "10.0.0.7", port: 50_000 }, remote = { hostname: "10.0.0.1", port: 6510 };
 * const opened = machine.handle({ type: "opened", connection: 1, remote, local }, 5);
 * assertEquals(opened.map(({ type }) => type), ["connected", "send", "sent"]);
 * assertEquals(machine.deadline, 1_005); // the next one
 * ```
 */
export class TcpClientMachine implements Machine<TcpClientInput, TcpClientOutput> {
  /**
   * This process did not run for `by` ms: moves the deadlines that judge the server by as much. Without
   * acks there is no verdict, and the schedule need not wait for inputs.
   */
  readonly stalled?: (by: number) => readonly TcpClientOutput[];

  readonly #options: Required<TcpSchedule>;
  readonly #environment: TcpClientEnvironment;
  #state: TcpSendingState = "waiting";
  /** When waiting or connecting ends. */
  #due: Instant;
  /** The present connection; counts up. */
  #connection = 0;
  /** Attempts since the last good connection that came to nothing. */
  #failures = 0;
  #openedAt: Instant = 0;
  /** The present connection brought an ack. */
  #answered = false;
  /** When the schedule started; NaN before the first connection. */
  #start: Instant = NaN;
  /** The place in the schedule of the next heartbeat. */
  #next = 0;
  #sent = 0;
  #acked = 0;
  /** The system has not taken all heartbeats so far. */
  #waiting = false;
  #framer = new Framer(TCP_MARK, { limit: MAX_TCP_MESSAGE_BYTES });
  #unconfirmed: Unconfirmed | undefined;
  /** When all is sent: how long to wait for what is under way. */
  #finishBy: Instant = Infinity;

  /**
   * Makes a client that connects at `now`.
   *
   * @param schedule see {@linkcode TcpSchedule}
   * @param environment see {@linkcode TcpClientEnvironment}
   * @param now when it connects
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(schedule: TcpSchedule, environment: TcpClientEnvironment, now: Instant) {
    this.#options = clientSettings(schedule);
    this.#environment = environment;
    this.#due = now;
    if (this.#options.ack) this.stalled = (by) => this.#stretch(by);
  }

  /** When `tick` is next worth calling; `undefined` once it is over. */
  get deadline(): Instant | undefined {
    if (this.#state === "over") return undefined;
    if (this.#state !== "open") return finite(this.#due);
    const beat = this.#allSent ? this.#finishBy : this.#beatAt;
    return finite(Math.min(beat, this.#unconfirmed?.due ?? Infinity));
  }

  /** Takes one input. */
  handle(input: TcpClientInput, now: Instant): readonly TcpClientOutput[] {
    if (this.#state === "over") return NOTHING;
    if (input.connection !== this.#connection) return NOTHING;
    switch (input.type) {
      case "opened":
        return this.#state === "connecting" ? this.#open(formatAddress(input.local), now) : NOTHING;
      case "connect-failed":
        return this.#state === "connecting" ? this.#refused(input.error, now) : NOTHING;
      default:
        return this.#state === "open" ? this.#handleOpen(input, now) : NOTHING;
    }
  }

  /** Connects, sends or gives up, whichever is due. */
  tick(now: Instant): readonly TcpClientOutput[] {
    const deadline = this.deadline;
    if (deadline === undefined || now < deadline) return NOTHING;
    if (this.#state === "waiting") return this.#connect(now);
    if (this.#state === "connecting") return this.#connectTimedOut(now);
    const outputs: TcpClientOutput[] = [];
    if (this.#expireAcks(now, outputs)) return outputs;
    if (!this.#allSent) {
      if (now >= this.#beatAt) this.#beat(now, outputs);
    } else if (now >= this.#finishBy) {
      this.#finish(outputs);
    }
    return outputs;
  }

  get #allSent(): boolean {
    return this.#sent >= this.#options.count;
  }

  get #beatAt(): Instant {
    return this.#start + this.#next * this.#options.interval;
  }

  #connect(now: Instant): TcpClientOutput[] {
    this.#state = follow(TCP_CLIENT_STATES, this.#state, "connecting");
    this.#due = now + this.#options.connectTimeout;
    const { server } = this.#environment;
    return [
      { type: "connecting", server, attempt: this.#failures + 1 },
      { type: "connect", connection: ++this.#connection },
    ];
  }

  #open(local: string, now: Instant): TcpClientOutput[] {
    const { ack, ackTimeout, interval } = this.#options;
    this.#state = follow(TCP_CLIENT_STATES, this.#state, "open");
    this.#openedAt = now;
    this.#waiting = false;
    this.#answered = false;
    if (ack) {
      this.#unconfirmed = new Unconfirmed(this.#sent + 1, ackTimeout);
      this.#framer = new Framer(TCP_MARK, { limit: MAX_TCP_MESSAGE_BYTES });
    }
    if (Number.isNaN(this.#start)) this.#start = now;
    // If a heartbeat was due meanwhile, the last such is sent at once: the server waits for one.
    this.#next = Math.max(this.#next, Math.floor((now - this.#start) / interval));
    const outputs: TcpClientOutput[] = [
      { type: "connected", server: this.#environment.server, local },
    ];
    if (now >= this.#beatAt) this.#beat(now, outputs);
    return outputs;
  }

  #handleOpen(
    input: Exclude<TcpClientInput, { type: "opened" | "connect-failed" }>,
    now: Instant,
  ): readonly TcpClientOutput[] {
    const outputs: TcpClientOutput[] = [];
    switch (input.type) {
      case "drained":
        this.#waiting = input.unsent > 0;
        this.#finishIfSettled(outputs);
        break;
      case "data":
        this.#readAcks(input.bytes, now, outputs);
        break;
      case "ended":
        this.#lose(input.reason, now, outputs);
    }
    return outputs;
  }

  /** Sends the heartbeat that is due; those whose time has passed meanwhile are not sent. */
  #beat(now: Instant, outputs: TcpClientOutput[]): void {
    const { interval, count, ackTimeout } = this.#options;
    const current = Math.max(this.#next, Math.floor((now - this.#start) / interval));
    if (current > this.#next) outputs.push({ type: "skipped", count: current - this.#next });
    this.#next = current + 1;
    const sequence = ++this.#sent;
    const crowded = this.#unconfirmed?.sent(now);
    if (crowded) outputs.push({ type: "unconfirmed", ...crowded });
    const sentAt = this.#environment.wall(now);
    const text = formatTcpHeartbeat({ sequence, sentAt });
    const bytes = ENCODER.encode(text);
    this.#waiting = true;
    if (sequence === count) this.#finishBy = now + ackTimeout;
    outputs.push(
      { type: "send", connection: this.#connection, bytes },
      { type: "sent", sequence, sentAt, text },
    );
  }

  #readAcks(bytes: Uint8Array, now: Instant, outputs: TcpClientOutput[]): void {
    const framer = this.#framer;
    if (!this.#unconfirmed) return;
    framer.push(bytes);
    while (framer.next()) {
      const ack = decodeTcpAck(framer.bytes, framer.start, framer.end);
      const meaning = ack ? this.#unconfirmed.ack(ack.sequence, now) : "unknown";
      if (meaning === "unknown") return this.#lose("malformed", now, outputs);
      if (!meaning) continue;
      const { rtt, passed } = meaning;
      if (passed) outputs.push({ type: "unconfirmed", ...passed });
      outputs.push({ type: "acked", sequence: ack!.sequence, rtt });
      this.#acked++;
      this.#answered = true;
    }
    if (framer.tooLong) return this.#lose("malformed", now, outputs);
    this.#finishIfSettled(outputs);
  }

  /** Reports what was not confirmed in time; says whether that ended the connection. */
  #expireAcks(now: Instant, outputs: TcpClientOutput[]): boolean {
    const late = this.#unconfirmed?.expire(now);
    if (!late) return false;
    // The heartbeats behind them share their fate, and their event.
    const rest = this.#options.abandon ? this.#unconfirmed!.drain() : undefined;
    const run = joined(late, rest);
    outputs.push({ type: "unconfirmed", ...run });
    if (this.#allSent && this.#unconfirmed!.open === 0) this.#finish(outputs);
    else if (this.#options.abandon) this.#lose("ack-timeout", now, outputs);
    return this.#state !== "open";
  }

  #finishIfSettled(outputs: TcpClientOutput[]): void {
    const settled = !this.#waiting && (this.#unconfirmed?.open ?? 0) === 0;
    if (this.#allSent && settled) this.#finish(outputs);
  }

  #finish(outputs: TcpClientOutput[]): void {
    this.#state = follow(TCP_CLIENT_STATES, this.#state, "over");
    outputs.push({ type: "close", connection: this.#connection });
    this.#drain(outputs);
    outputs.push({ type: "done", sent: this.#sent, acked: this.#acked });
  }

  #refused(error: HeartlineError, now: Instant): TcpClientOutput[] {
    const { code, message } = error;
    // Asking again does not help against a sandbox.
    if (!this.#options.reconnect || code === "permission-denied") {
      this.#state = follow(TCP_CLIENT_STATES, this.#state, "over");
      return [{ type: "failed", code, message }];
    }
    const retryIn = this.#retry(now, true);
    return [{ type: "connect-failed", server: this.#environment.server, code, message, retryIn }];
  }

  #connectTimedOut(now: Instant): TcpClientOutput[] {
    const message = `Cannot connect to ${this.#environment.server}: Connection timed out`;
    const close: TcpClientOutput = { type: "close", connection: this.#connection };
    return [close, ...this.#refused(new HeartlineError("timed-out", message), now)];
  }

  #lose(reason: TcpLossReason, now: Instant, outputs: TcpClientOutput[]): void {
    outputs.push({ type: "close", connection: this.#connection });
    this.#drain(outputs);
    const { ack, reconnect } = this.#options;
    const { server } = this.#environment;
    const again = reconnect && !this.#allSent;
    // Without acks only time tells a good connection from one that is closed as soon as it is open.
    const good = ack ? this.#answered : now - this.#openedAt >= STEADY;
    if (good) this.#failures = 0;
    const retryIn = again ? this.#retry(now, !good) : undefined;
    outputs.push({ type: "disconnected", server, reason, retryIn });
    if (again) return;
    this.#state = follow(TCP_CLIENT_STATES, this.#state, "over");
    if (reconnect) outputs.push({ type: "done", sent: this.#sent, acked: this.#acked });
    else outputs.push(failed(server, reason));
  }

  #retry(now: Instant, failed: boolean): number {
    const { backoff } = this.#options;
    const retryIn = fullJitter(this.#failures, this.#environment.random, backoff);
    if (failed) this.#failures++;
    this.#state = follow(TCP_CLIENT_STATES, this.#state, "waiting");
    this.#due = now + retryIn;
    return retryIn;
  }

  #drain(outputs: TcpClientOutput[]): void {
    const open = this.#unconfirmed?.drain();
    this.#unconfirmed = undefined;
    if (open) outputs.push({ type: "unconfirmed", ...open });
  }

  #stretch(by: number): readonly TcpClientOutput[] {
    if (this.#state === "over") return NOTHING;
    this.#unconfirmed?.stretch(by);
    if (this.#state === "connecting") this.#due += by;
    this.#finishBy += by;
    return [{ type: "stalled", by }];
  }
}

function finite(due: Instant): Instant | undefined {
  return due === Infinity ? undefined : due;
}

/** One run of a run and the one that follows it. */
function joined(run: NumberRun, next: NumberRun | undefined): NumberRun {
  return next ? { from: run.from, to: next.to, count: run.count + next.count } : run;
}

/** A connection that lived as long is no refusal in disguise; the cap of the waits, in ms. */
const STEADY = 5_000;
const ENCODER = new TextEncoder();
