/**
 * Whether the other end is alive, without its socket: the one machine that both sides run.
 *
 * This file knows the two phases, probes and verdicts. It does not know sockets, nor which side it is.
 *
 * | phase | happens | does | next | next verdict |
 * |---|---|---|---|---|
 * | data | any byte | | data | dataThreshold later |
 * | data | nothing for dataThreshold | HEARTBEAT | heartbeat, probing | heartBeatThreshold later |
 * | heartbeat, probing | any byte | count = 0 | heartbeat | heartBeatInterval later |
 * | heartbeat, probing | nothing for heartBeatThreshold | count + 1, HEARTBEAT | the same | heartBeatThreshold later |
 * | heartbeat, probing | the same, count = 1 + additional tries | TERMINATE, close | over | |
 * | heartbeat | any byte | | heartbeat | heartBeatInterval later |
 * | heartbeat | nothing for heartBeatInterval | HEARTBEAT | heartbeat, probing | heartBeatThreshold later |
 * | heartbeat | DATA or REPLY | | data | dataThreshold later |
 * | any | TERMINATE, end, rubbish, an endless line, 64 KiB unsent | close | over | |
 *
 * Laws: a silent peer is declared dead exactly dataThreshold (in the heartbeat phase
 * heartBeatInterval) + (1 + additional tries) x heartBeatThreshold after its last byte; any byte puts
 * that off, half a line too; a side that sends DATA every dataInterval does so in both phases, or
 * nobody would begin again; at most 64 KiB wait for the peer; after `close` nothing is put out.
 *
 * @module
 */
import { formatAddress } from "../core/address.ts";
import { HeartlineError } from "../core/errors.ts";
import { Framer } from "../core/framer.ts";
import { type Instant, type Machine, NOTHING } from "../core/machine.ts";
import type { KeepaliveEnvironment, KeepaliveInput, KeepaliveOutput } from "./inputs.ts";
import type { KeepaliveEnd, KeepalivePhase, KeepaliveRemote, KeepaliveReport } from "./events.ts";
import {
  decodeKeepalive,
  encodeKeepalive,
  formatKeepalive,
  KEEPALIVE_MARK,
  type KeepaliveMessage,
  MAX_KEEPALIVE_LINE_BYTES,
} from "./message.ts";
import { RoundTrips } from "./round_trips.ts";
import { completed, type KeepaliveMachineOptions, type KeepaliveTiming } from "./options.ts";
import { follow } from "../core/states.ts";
import { KEEPALIVE_PHASES } from "./states.ts";

/**
 * One keepalive connection, from the moment it is open.
 *
 * @example Driven by hand
 * ```ts
 * import { KeepaliveConnectionMachine } from "@heartline/heartline/keepalive";
 * import { assertEquals } from "@std/assert";
 *
 * // `now` is what you say it is: nothing is heard for 2 s, nor in answer to 1 + 1 probes of 0.5 s each.
 * const options = { dataThreshold: 2_000, heartBeatThreshold: 500, heartBeatAdditionalTries: 1 };
 * const environment = { connection: 1, remote: { server: "10.0.0.1:6520" } };
 * const machine = new KeepaliveConnectionMachine(options, environment, 0);
 * const said: string[] = [];
 * for (let at; (at = machine.deadline) !== undefined;) {
 *   for (const { type } of machine.tick(at)) said.push(`${at} ${type}`);
 * }
 * assertEquals(said, [
 *   "2000 phase",
 *   "2000 send",
 *   "2000 probe",
 *   "2500 probe-missed",
 *   "2500 send",
 *   "2500 probe",
 *   "3000 probe-missed",
 *   "3000 down",
 *   "3000 close",
 *   "3000 disconnected",
 * ]);
 * ```
 */
export class KeepaliveConnectionMachine<Remote extends KeepaliveRemote = KeepaliveRemote>
  implements Machine<KeepaliveInput, KeepaliveOutput<Remote>> {
  readonly #connection: number;
  readonly #remote: Remote;
  readonly #payload: string | undefined;
  readonly #timing: Required<KeepaliveTiming>;
  readonly #framer = new Framer(KEEPALIVE_MARK, { limit: MAX_KEEPALIVE_LINE_BYTES });
  readonly #data = new RoundTrips();
  readonly #probes = new RoundTrips();
  readonly #connectedAt: Instant;
  #phase: KeepalivePhase | "over" = "data";
  /** When any byte, and when DATA or REPLY last came. */
  #heardAt: Instant;
  #dataHeardAt: Instant;
  /** When the next step of the table is due. */
  #due: Instant;
  /** When the next DATA of the schedule is due. */
  #sendAt: Instant;
  /** A probe waits for its answer. */
  #probing = false;
  #missed = 0;
  #saidProbesOnly = false;
  #rtt: number | undefined;
  /** Bytes that the system has not taken: what it last said, and what was sent since. */
  #unsent = 0;

  /**
   * Makes a connection that was opened at `now`.
   *
   * @param options see {@linkcode KeepaliveMachineOptions}
   * @param environment see {@linkcode KeepaliveEnvironment}
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(
    options: KeepaliveMachineOptions,
    environment: KeepaliveEnvironment<Remote>,
    now: Instant,
  ) {
    this.#connection = environment.connection;
    this.#remote = environment.remote;
    this.#payload = options.payload;
    this.#timing = completed(options);
    this.#connectedAt = this.#heardAt = this.#dataHeardAt = now;
    this.#due = now + this.#timing.dataThreshold;
    const sends = options.payload !== undefined && this.#timing.dataInterval < Infinity;
    this.#sendAt = sends ? now : Infinity;
  }

  /** When `tick` is next worth calling; `undefined` once it is over. */
  get deadline(): Instant | undefined {
    const due = Math.min(this.#due, this.#sendAt);
    return this.#phase === "over" || due === Infinity ? undefined : due;
  }

  /** The number of the last DATA sent. */
  get lastSent(): number {
    return this.#data.sent;
  }

  /** Whether the connection has ended. */
  get over(): boolean {
    return this.#phase === "over";
  }

  /**
   * Why DATA with this payload cannot be sent now, if it cannot: `closed`, or `not-reading` while as
   * much as may be waits for the peer.
   *
   * @throws {HeartlineError} `invalid-option` if the payload is too long
   */
  refusal(payload: string): HeartlineError | undefined {
    const { length } = formatKeepalive({ type: "data", id: this.#data.sent + 1, payload });
    const to = nameOf(this.#remote);
    if (this.over) {
      return new HeartlineError("closed", `Cannot send to ${to}: The connection is over`);
    }
    if (this.#unsent + length <= MAX_UNSENT) return undefined;
    const found = `${this.#unsent} bytes wait for it already`;
    return new HeartlineError("not-reading", `Cannot send to ${to}: ${found}`);
  }

  /** Takes one input. */
  handle(input: KeepaliveInput, now: Instant): readonly KeepaliveOutput<Remote>[] {
    if (this.#phase === "over") return NOTHING;
    const outputs: KeepaliveOutput<Remote>[] = [];
    switch (input.type) {
      case "opened":
        outputs.push({ ...this.#remote, type: "connected", local: formatAddress(input.local) });
        break;
      case "data":
        this.#receive(input.bytes, now, outputs);
        break;
      case "drained":
        this.#unsent = input.unsent;
        break;
      case "send":
        this.#sendData(input.payload, now, outputs);
        break;
      case "reply":
        this.#put({ type: "reply", id: input.id, payload: input.payload }, now, outputs);
        break;
      case "user-code":
        this.#end("user-code", now, outputs, input.message);
        break;
      case "ended":
        this.#end(input.reason, now, outputs);
        break;
      case "stop":
        this.#close("closed", outputs);
    }
    return outputs;
  }

  /** This process did not run for `by` ms: moves the deadlines that judge a peer by as much. */
  stalled(by: number): readonly KeepaliveOutput<Remote>[] {
    if (this.#phase === "over") return NOTHING;
    this.#due += by;
    return [{ type: "stalled", by }];
  }

  /** Probes, gives the verdict or sends data, whichever is due. */
  tick(now: Instant): readonly KeepaliveOutput<Remote>[] {
    if (this.#phase === "over") return NOTHING;
    const outputs: KeepaliveOutput<Remote>[] = [];
    if (now >= this.#due) this.#step(this.#phase, now, outputs);
    // The verdict may have closed.
    if (now >= this.#sendAt && !this.over) this.#sendScheduled(now, outputs);
    return outputs;
  }

  /** What is known about the connection now. */
  report(now: Instant): KeepaliveReport<Remote> {
    return {
      ...this.#remote,
      phase: this.#phase === "heartbeat" ? "heartbeat" : "data",
      silentFor: now - this.#heardAt,
      connectedFor: now - this.#connectedAt,
      missed: this.#missed,
      rtt: this.#rtt,
      unreplied: this.#data.sent - this.#data.answered,
      unsent: this.#unsent,
    };
  }

  #step(phase: KeepalivePhase, now: Instant, outputs: KeepaliveOutput<Remote>[]): void {
    const { heartBeatThreshold: threshold, heartBeatAdditionalTries: more } = this.#timing;
    const remote = this.#remote;
    let next = now + threshold;
    if (phase === "data") {
      this.#phase = follow(KEEPALIVE_PHASES, this.#phase, "heartbeat");
      const silentFor = now - this.#heardAt;
      outputs.push({ ...remote, type: "phase", phase: "heartbeat", silentFor });
    } else if (this.#probing) {
      const id = this.#probes.sent, limit = 1 + more, inARow = ++this.#missed;
      outputs.push({ ...remote, type: "probe-missed", id, inARow, limit });
      if (inARow === limit) {
        outputs.push({ ...remote, type: "down", silentFor: now - this.#heardAt });
        return this.#end("silent", now, outputs);
      }
      // Late timers must not add up. A live peer loses nothing: the first probe had all of its time.
      if (now - this.#due <= LATE) next = this.#due + threshold;
    }
    this.#probing = true;
    this.#due = next;
    const id = this.#probes.send(now);
    if (this.#put({ type: "heartbeat", id }, now, outputs)) {
      outputs.push({ ...remote, type: "probe", id });
    }
  }

  /** Sends the DATA that is due; those whose time has passed while we were stopped are not sent. */
  #sendScheduled(now: Instant, outputs: KeepaliveOutput<Remote>[]): void {
    const { dataInterval } = this.#timing;
    const passed = 1 + Math.floor((now - this.#sendAt) / dataInterval);
    const next = this.#sendAt + passed * dataInterval;
    this.#sendData(this.#payload!, now, outputs);
    this.#sendAt = next;
  }

  #sendData(payload: string, now: Instant, outputs: KeepaliveOutput<Remote>[]): void {
    const id = this.#data.send(now);
    if (!this.#put({ type: "data", id, payload }, now, outputs)) return;
    outputs.push({ ...this.#remote, type: "sent", id, payload });
    // What the application sends is as good as what the schedule would.
    if (this.#sendAt < Infinity) this.#sendAt = now + this.#timing.dataInterval;
  }

  #receive(bytes: Uint8Array, now: Instant, outputs: KeepaliveOutput<Remote>[]): void {
    if (bytes.length === 0) return;
    const framer = this.#framer;
    this.#hear(now);
    framer.push(bytes);
    while (!this.over && framer.next()) {
      const message = decodeKeepalive(framer.bytes, framer.start, framer.end);
      if (!message || !this.#handleMessage(message, now, outputs)) {
        this.#end("malformed", now, outputs);
      }
    }
    if (framer.tooLong && !this.over) this.#end("too-long", now, outputs);
  }

  #hear(now: Instant): void {
    const { dataThreshold, heartBeatInterval } = this.#timing;
    this.#heardAt = now;
    this.#probing = false;
    this.#missed = 0;
    this.#due = now + (this.#phase === "data" ? dataThreshold : heartBeatInterval);
  }

  /** Does what a message asks for; false if it answers what was never sent. */
  #handleMessage(
    message: KeepaliveMessage,
    now: Instant,
    outputs: KeepaliveOutput<Remote>[],
  ): boolean {
    const remote = this.#remote;
    switch (message.type) {
      case "data":
        this.#hearData(now, outputs);
        outputs.push({ ...remote, type: "data", id: message.id, payload: message.payload });
        return true;
      case "reply": {
        const rtt = this.#data.answer(message.id, now);
        if (rtt === "unknown") return false;
        this.#rtt = rtt;
        this.#hearData(now, outputs);
        outputs.push({ ...remote, type: "reply", id: message.id, payload: message.payload, rtt });
        return true;
      }
      case "heartbeat":
        this.#put({ type: "heartbeat-ack", id: message.id }, now, outputs);
        return true;
      case "heartbeat-ack": {
        const rtt = this.#probes.answer(message.id, now);
        if (rtt === "unknown") return false;
        this.#rtt = rtt;
        outputs.push({ ...remote, type: "probe-answered", id: message.id, rtt });
        this.#sayProbesOnly(now, outputs);
        return true;
      }
      case "terminate":
        this.#end("terminated", now, outputs, message.reason);
        return true;
    }
  }

  /** DATA or REPLY came: the heartbeat phase, if it was one, is over. */
  #hearData(now: Instant, outputs: KeepaliveOutput<Remote>[]): void {
    const silentFor = now - this.#dataHeardAt;
    this.#dataHeardAt = now;
    if (this.#phase !== "heartbeat") return;
    this.#phase = follow(KEEPALIVE_PHASES, this.#phase, "data");
    this.#saidProbesOnly = false;
    this.#due = now + this.#timing.dataThreshold;
    outputs.push({ ...this.#remote, type: "phase", phase: "data", silentFor });
  }

  #sayProbesOnly(now: Instant, outputs: KeepaliveOutput<Remote>[]): void {
    if (this.#phase !== "heartbeat" || this.#saidProbesOnly) return;
    this.#saidProbesOnly = true;
    outputs.push({
      ...this.#remote,
      type: "probes-only",
      noDataFor: now - this.#dataHeardAt,
      unreplied: this.#data.sent - this.#data.answered,
    });
  }

  /** Sends a message; false if the peer takes nothing any more, which ends the connection. */
  #put(message: KeepaliveMessage, now: Instant, outputs: KeepaliveOutput<Remote>[]): boolean {
    const bytes = encodeKeepalive(message);
    if (this.#unsent + bytes.length > MAX_UNSENT) {
      this.#end("not-reading", now, outputs);
      return false;
    }
    this.#unsent += bytes.length;
    outputs.push({ type: "send", connection: this.#connection, bytes });
    return true;
  }

  #end(
    reason: KeepaliveEnd,
    now: Instant,
    outputs: KeepaliveOutput<Remote>[],
    said?: string,
  ): void {
    this.#close(OURS.has(reason) ? reason : undefined, outputs);
    outputs.push({
      ...this.#remote,
      type: "disconnected",
      reason,
      said,
      silentFor: now - this.#heardAt,
      connectedFor: now - this.#connectedAt,
    });
  }

  #close(reason: string | undefined, outputs: KeepaliveOutput<Remote>[]): void {
    this.#phase = follow(KEEPALIVE_PHASES, this.#phase, "over");
    const last = reason === undefined ? undefined : encodeKeepalive({ type: "terminate", reason });
    outputs.push({ type: "close", connection: this.#connection, last, within: FAREWELL });
  }
}

function nameOf(remote: KeepaliveRemote): string {
  return "client" in remote ? remote.client : remote.server;
}

/** What we end ourselves, and tell the peer. */
const OURS: ReadonlySet<KeepaliveEnd> = new Set<KeepaliveEnd>([
  "silent",
  "malformed",
  "too-long",
  "not-reading",
  "user-code",
]);
/**
 * What a peer that does not read may cost, beyond what its kernel and ours hold: 64 KiB, some of it
 * kept for the line that says why the connection is closed.
 */
const MAX_UNSENT = 65_536 - 64;
/** A tick that is later, in ms, means that this process stood still, and puts the schedule off. */
const LATE = 100;
/** How long a last line may take, in ms: a peer that reads takes it at once. */
const FAREWELL = 100;
