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
 * | any | what came cannot be taken yet | | the same, held | heartBeatInterval after anything was sent |
 * | held | nothing was sent for heartBeatInterval, nothing waits for the peer | HEARTBEAT | held | heartBeatInterval later |
 * | held | the peer took no byte of those that wait for as long as it takes to declare it dead | TERMINATE, close | over | |
 * | held | what came is taken | | as before, any byte | |
 * | any | TERMINATE, end, rubbish, an endless line, 64 KiB unsent | close | over | |
 *
 * Laws: a silent peer is declared dead exactly dataThreshold (in the heartbeat phase
 * heartBeatInterval) + (1 + additional tries) x heartBeatThreshold after its last byte; any byte puts
 * that off, half a line too; a side that sends DATA every dataInterval does so in both phases, or
 * nobody would begin again; who is held back is not judged by its silence, because it is we who do not read,
 * and hears of us all the same; at most 64 KiB of data and as much of answers wait for the peer; after `close`
 * nothing is put out.
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
import {
  completed,
  keepaliveDetection,
  type KeepaliveMachineOptions,
  type KeepaliveTiming,
} from "./options.ts";
import { follow } from "../core/states.ts";
import { KEEPALIVE_PHASES } from "./states.ts";
import { Unsent } from "./unsent.ts";

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
  /** How long a peer that is not heard may take nothing. */
  readonly #patience: number;
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
  readonly #unsent = new Unsent();
  /** When we last sent anything. */
  #sentAt: Instant;
  /** When the system last took any of the bytes that wait, or the first of them was sent. */
  #takenAt: Instant;
  /** What came cannot be taken yet, and nothing more is read. */
  #held = false;
  /** What is sent goes nowhere. */
  #lost = false;

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
    this.#patience = keepaliveDetection(this.#timing).fromData;
    this.#connectedAt =
      this.#heardAt =
      this.#dataHeardAt =
      this.#sentAt =
      this.#takenAt =
        now;
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

  /** Whether there is room for one more answer, of any length, or it would go nowhere. */
  get mayAnswer(): boolean {
    return this.over || this.#unsent.of.answer + MAX_KEEPALIVE_LINE_BYTES <= MAX_UNSENT;
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
    if (this.over || this.#lost) {
      return new HeartlineError("closed", `Cannot send to ${to}: The connection is over`);
    }
    const { data } = this.#unsent.of;
    if (data + length <= MAX_UNSENT) return undefined;
    const found = `${data} bytes wait for it already`;
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
      case "held":
        this.#hold(now);
        break;
      case "write-failed":
        this.#lost = true;
        this.#unsent.left(0);
        break;
      case "drained":
        this.#unsent.left(input.unsent);
        this.#takenAt = now;
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
    this.#takenAt += by;
    return [{ type: "stalled", by }];
  }

  /** Probes, gives the verdict or sends data, whichever is due. */
  tick(now: Instant): readonly KeepaliveOutput<Remote>[] {
    if (this.#phase === "over") return NOTHING;
    const outputs: KeepaliveOutput<Remote>[] = [];
    if (now >= this.#due) {
      if (this.#held) this.#stepHeld(now, outputs);
      else this.#step(this.#phase, now, outputs);
    }
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
      unsent: this.#unsent.length,
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
    this.#probe(now, outputs);
  }

  #probe(now: Instant, outputs: KeepaliveOutput<Remote>[]): void {
    const id = this.#probes.send(now);
    if (!this.#put({ type: "heartbeat", id }, now, outputs)) return;
    outputs.push({ ...this.#remote, type: "probe", id });
  }

  /** We do not read, and so cannot hear the peer: it must hear us, and take what is sent to it. */
  #stepHeld(now: Instant, outputs: KeepaliveOutput<Remote>[]): void {
    const { heartBeatInterval } = this.#timing;
    // The end stands behind what is held back.
    if (this.#lost) return void (this.#due = Infinity);
    const waits = this.#unsent.length > 0;
    const lost = waits ? this.#takenAt + this.#patience : Infinity;
    if (now >= lost) return this.#end("not-reading", now, outputs);
    // What waits for the peer says as much as a probe, once it gets there.
    if (!waits && now >= this.#sentAt + heartBeatInterval) this.#probe(now, outputs);
    const next = waits ? now : this.#sentAt;
    this.#due = Math.min(next + heartBeatInterval, lost);
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
    this.#held = false;
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

  /** Bytes came, which is life, though they are read later. */
  #hold(now: Instant): void {
    if (this.#held) return;
    this.#hear(now);
    this.#held = true;
    this.#due = Math.max(now, this.#sentAt + this.#timing.heartBeatInterval);
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

  /** Sends a message; false if it goes nowhere, or the peer takes nothing any more, which ends the connection. */
  #put(message: KeepaliveMessage, now: Instant, outputs: KeepaliveOutput<Remote>[]): boolean {
    if (this.#lost) return false;
    const bytes = encodeKeepalive(message);
    const kind = message.type === "data" ? "data" : "answer";
    if (this.#unsent.of[kind] + bytes.length > MAX_UNSENT) {
      this.#end("not-reading", now, outputs);
      return false;
    }
    if (this.#unsent.length === 0) this.#takenAt = now;
    this.#unsent.put(kind, bytes.length);
    this.#sentAt = now;
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
 * What a peer that does not read may cost, beyond what its kernel and ours hold, for data and for answers
 * each: 64 KiB, some of it kept for the line that says why the connection is closed.
 */
const MAX_UNSENT = 65_536 - 64;
/** A tick that is later, in ms, means that this process stood still, and puts the schedule off. */
const LATE = 100;
/** How long a last line may take, in ms: a peer that reads takes it at once. */
const FAREWELL = 100;
