/**
 * Who gets which id: the handshake server without its sockets.
 *
 * This file knows requests, when to answer them and when to stop. It does not know sockets or text.
 *
 * Laws: UDP and TCP share one table of leases; every well-formed HELLO is answered with OK or RESET,
 * unless strict mode forbids the reply, and then it changes nothing; nothing but a well-formed HELLO
 * postpones the end of an idle server; a lease ends to the instant, while the deadlines that judge
 * others (idleness, silence, quiet) move by the time in which our own process did not run; after `idle`
 * was put out nothing follows it.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import { checkDuration } from "../core/check.ts";
import type { AcceptFailedInput } from "../core/connection.ts";
import { Deadlines, type Slot } from "../core/deadlines.ts";
import { counted, LimitedReports, rejected } from "../core/limited_reports.ts";
import { type Instant, type Machine, NOTHING } from "../core/machine.ts";
import { TokenBuckets } from "../core/token_buckets.ts";
import type { HandshakeRejection } from "./events.ts";
import { type Asker, isSame, type Lease } from "./lease.ts";
import { LeaseTable } from "./lease_table.ts";
import { decodeHello, formatReply } from "./message.ts";
import { ReplyWriter } from "./reply_writer.ts";
import type {
  HandshakeServerEnvironment,
  HandshakeServerInput,
  HandshakeServerOutput,
} from "./inputs.ts";
import type { HandshakeServerMachineOptions } from "./options.ts";
import { type TcpConnection, type TcpRequest, TcpRequests } from "./tcp_requests.ts";

/**
 * Answers any number of clients over both transports from one table.
 *
 * @example Driven by hand
 * ```ts
 * import { encodeHello, HandshakeServerMachine } from "@heartline/heartline/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * // `now` is what you say it is: here a lease of 30 s ends without waiting for it.
 * const machine = new HandshakeServerMachine({ lease: 30_000 }, {}, 0);
 * const ask = (port: number, now: number) => {
 *   const from = { hostname: "127.0.0.1", port };
 *   const [reply] = machine.handle({ type: "datagram", bytes: encodeHello("9876"), from }, now);
 *   return reply?.type === "reply" ? new TextDecoder().decode(reply.bytes) : undefined;
 * };
 * assertEquals(ask(50_001, 0), "OK 9876 127.0.0.1 50001");
 * assertEquals(ask(50_002, 29_999), "RESET 9876");
 * machine.tick(30_000);
 * assertEquals(ask(50_002, 30_000), "OK 9876 127.0.0.1 50002");
 * ```
 */
export class HandshakeServerMachine
  implements Machine<HandshakeServerInput, HandshakeServerOutput> {
  readonly #leases: LeaseTable;
  readonly #tcp: TcpRequests;
  readonly #replies = new ReplyWriter();
  /** The two deadlines that belong to nobody. */
  readonly #own = new Deadlines();
  readonly #idle: Slot;
  readonly #reports: Slot;
  readonly #idleExit: number;
  readonly #buckets: TokenBuckets | undefined;
  readonly #emitRequests: boolean;
  readonly #rejections = new LimitedReports(rejected<HandshakeRejection>);
  readonly #failures = new LimitedReports(counted<Failure>);
  #askedAt: Instant;
  #stopped = false;

  /**
   * Makes a server whose idle time starts at `now`.
   *
   * @param options see {@linkcode HandshakeServerMachineOptions}
   * @param environment see {@linkcode HandshakeServerEnvironment}
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(
    options: HandshakeServerMachineOptions,
    { seed = 0 }: HandshakeServerEnvironment,
    now: Instant,
  ) {
    this.#leases = new LeaseTable(options, seed);
    this.#tcp = new TcpRequests(options);
    this.#idleExit = checkDuration("idleExit", options.idleExit ?? 120_000);
    this.#buckets = options.strict ? new TokenBuckets(STRICT) : undefined;
    this.#emitRequests = options.emitRequests ?? false;
    this.#askedAt = now;
    this.#idle = this.#own.add(now + this.#idleExit);
    this.#reports = this.#own.add(Infinity);
  }

  /** When `tick` is next worth calling. */
  get deadline(): Instant | undefined {
    if (this.#stopped) return undefined;
    const leases = this.#leases.next ?? Infinity, tcp = this.#tcp.next ?? Infinity;
    return Math.min(leases, tcp, this.#own.next!);
  }

  /** How many ids are leased. */
  get size(): number {
    return this.#leases.size;
  }

  /** How many requests were not answered as asked, ever, by reason. */
  rejections(): Partial<Record<HandshakeRejection, number>> {
    return this.#rejections.totals();
  }

  /** Takes one input; datagrams may come through `receive` as well. */
  handle(input: HandshakeServerInput, now: Instant): readonly HandshakeServerOutput[] {
    if (this.#stopped) return NOTHING;
    const outputs: HandshakeServerOutput[] = [];
    switch (input.type) {
      case "datagram":
        return this.receive(input.bytes, input.from, now);
      case "opened":
        this.#connect(input.connection, input.remote, now, outputs);
        break;
      case "data":
        this.#read(input.connection, input.bytes, now, outputs);
        break;
      case "drained":
        break;
      case "ended":
        // Who ends its half first has asked all, and is still answered.
        if (input.reason === "end") {
          this.#tcp.finish(input.connection, (asked) => this.#answerTcp(asked, now, outputs));
        }
        this.#tcp.forget(input.connection);
        break;
      case "accept-failed":
      case "send-failed":
        this.#say(this.#failures.count(input.type, input, now), now, outputs);
        break;
      case "overloaded":
        this.#reject("overloaded", input.from, now, outputs);
    }
    return outputs;
  }

  /**
   * Takes one datagram. This is the hot path: only strings live on, the id and the host of a new lease.
   *
   * @param bytes read during the call only
   * @param from the sender; kept only in what is returned
   * @param now the instant of receipt
   */
  receive(bytes: Uint8Array, from: Address, now: Instant): readonly HandshakeServerOutput[] {
    if (this.#stopped) return NOTHING;
    const outputs: HandshakeServerOutput[] = [];
    const id = decodeHello(bytes);
    if (id === undefined) {
      this.#reject("malformed", from, now, outputs);
      return outputs;
    }
    const room = MOST_AMPLIFIED * bytes.length;
    const reply = this.#answer(id, room, { address: from, connection: 0 }, now, outputs);
    if (reply) outputs.push({ type: "reply", to: from, bytes: reply });
    return outputs;
  }

  /** This process did not run for `by` ms: moves the deadlines that judge a peer by as much. */
  stalled(by: number): readonly HandshakeServerOutput[] {
    if (this.#stopped) return NOTHING;
    this.#tcp.stretch(by);
    this.#own.stretch(by);
    return [{ type: "stalled", by }];
  }

  /** Does what is due. */
  tick(now: Instant): readonly HandshakeServerOutput[] {
    if (this.#stopped) return NOTHING;
    const outputs: HandshakeServerOutput[] = [];
    this.#expireLeases(now, outputs);
    this.#tcp.due(now, (due) => {
      if ("silent" in due) this.#drop(due.silent, "silent", true, now, outputs);
      else this.#answerTcp(due, now, outputs);
    });
    for (let slot; (slot = this.#own.expire(now)) !== undefined;) {
      if (slot === this.#reports) this.#report(now, outputs);
      else this.#stop(now, outputs);
    }
    return outputs;
  }

  #connect(id: number, remote: Address, now: Instant, outputs: HandshakeServerOutput[]): void {
    const evicted = this.#tcp.open(id, remote, now);
    if (!evicted) return;
    this.#reject("too-many-connections", evicted.address, now, outputs);
    outputs.push({ type: "close", connection: evicted.id, within: 0 });
  }

  #read(id: number, bytes: Uint8Array, now: Instant, outputs: HandshakeServerOutput[]): void {
    const tooLong = this.#tcp.read(id, bytes, now, (asked) => this.#answerTcp(asked, now, outputs));
    if (tooLong) this.#drop(tooLong, "too-long", false, now, outputs);
  }

  #answerTcp(
    { connection, id, byteLength, line }: TcpRequest,
    now: Instant,
    outputs: HandshakeServerOutput[],
  ): void {
    if (id === undefined) return this.#drop(connection, "malformed", false, now, outputs);
    this.#tcp.asked(connection, now);
    const room = MOST_AMPLIFIED * byteLength - Number(line);
    const asker = { address: connection.address, connection: connection.id };
    const reply = this.#answer(id, room, asker, now, outputs);
    // A reply ends as its request did: simple peers compare the whole text, others wait for the LF.
    const ended = reply && line ? Uint8Array.of(...reply, LINE_FEED) : reply;
    if (ended) outputs.push({ type: "send", connection: connection.id, bytes: ended });
  }

  /** Closes a TCP connection: at once, or behind what was answered. */
  #drop(
    { id, address }: TcpConnection,
    reason: HandshakeRejection,
    atOnce: boolean,
    now: Instant,
    outputs: HandshakeServerOutput[],
  ): void {
    this.#tcp.forget(id);
    this.#reject(reason, address, now, outputs);
    outputs.push({ type: "close", connection: id, ...(atOnce && { within: 0 }) });
  }

  /** The reply to a HELLO, `undefined` if there must be none; strict, it has at most `room` bytes. */
  #answer(
    id: string,
    room: number,
    asker: Asker,
    now: Instant,
    outputs: HandshakeServerOutput[],
  ): Uint8Array | undefined {
    this.#askedAt = now;
    this.#own.arm(this.#idle, now + this.#idleExit);
    if (this.#leases.next! <= now) this.#expireLeases(now, outputs);
    const { address } = asker;
    if (this.#buckets && !this.#buckets.take(address.hostname, now)) {
      return this.#reject("rate-limited", address, now, outputs);
    }
    const current = this.#leases.get(id, now);
    const full = !current && this.#leases.full;
    if (full) this.#reject("table-full", address, now, outputs);
    if (full || (current && !isSame(current.holder, asker))) {
      this.#note("refused", id, asker, current, now, outputs);
      return this.#replies.write({ type: "reset", id });
    }
    // Asked before anything is granted: a lease that nobody hears of would only block its id.
    if (this.#buckets && formatReply({ type: "ok", id, address }).length > room) {
      return this.#reject("reply-too-long", address, now, outputs);
    }
    const lease = current ?? this.#leases.grant(id, asker, now);
    this.#note(current ? "repeated" : "granted", id, asker, lease, now, outputs);
    return this.#replies.write({ type: "ok", id, address });
  }

  #note(
    type: "granted" | "repeated" | "refused",
    id: string,
    { address, connection }: Asker,
    lease: Lease | undefined,
    now: Instant,
    outputs: HandshakeServerOutput[],
  ): void {
    if (!this.#emitRequests) return;
    const transport = connection === 0 ? "udp" : "tcp";
    const expiresIn = lease ? lease.expiresAt - now : 0;
    outputs.push({ type, id, client: formatAddress(address), transport, expiresIn });
  }

  #expireLeases(now: Instant, outputs: HandshakeServerOutput[]): void {
    for (let lease; (lease = this.#leases.expire(now)) !== undefined;) {
      if (!this.#emitRequests) continue;
      outputs.push({ type: "expired", id: lease.id, client: formatAddress(lease.holder.address) });
    }
  }

  #stop(now: Instant, outputs: HandshakeServerOutput[]): void {
    this.#report(now, outputs);
    this.#stopped = true;
    outputs.push({ type: "idle", idleFor: now - this.#askedAt });
  }

  #reject(
    reason: HandshakeRejection,
    from: Address,
    now: Instant,
    outputs: HandshakeServerOutput[],
  ): undefined {
    this.#say(this.#rejections.count(reason, from, now), now, outputs);
  }

  /** Says a report, or sees to it that what was held back is said in the end. */
  #say(
    report: HandshakeServerOutput | undefined,
    now: Instant,
    outputs: HandshakeServerOutput[],
  ): void {
    if (report) outputs.push(report);
    else if (this.#own.due(this.#reports)! > now + REPORT_DELAY) {
      this.#own.arm(this.#reports, now + REPORT_DELAY);
    }
  }

  #report(now: Instant, outputs: HandshakeServerOutput[]): void {
    outputs.push(...this.#rejections.flush(now), ...this.#failures.flush(now));
    const dues = [this.#rejections.due ?? Infinity, this.#failures.due ?? Infinity];
    this.#own.arm(this.#reports, Math.min(...dues));
  }
}

type Failure = AcceptFailedInput | Extract<HandshakeServerInput, { type: "send-failed" }>;

/** RFC 9000 section 8: what an address that proved nothing may be sent for what it sent. */
const MOST_AMPLIFIED = 3;
/** A client repeats itself three times in its first second: this is room for 25 behind one address. */
const STRICT = { rate: 100, burst: 200 };
/** Held-back reports are said after so many ms at the latest. */
const REPORT_DELAY = 1_000;
const LINE_FEED = 0x0a;
