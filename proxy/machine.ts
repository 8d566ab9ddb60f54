/**
 * The fault proxy without its sockets.
 *
 * This file knows which faults are in force, when and for whom. It does not know sockets, wall clocks
 * or what the bytes say.
 *
 * Laws: the same seed, schedule and inputs give the same outputs; without faults what goes in comes
 * out, at once; nothing random of one link depends on another.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import { checkDuration, checkNumber } from "../core/check.ts";
import { HeartlineError } from "../core/errors.ts";
import { type Instant, type Machine, NOTHING } from "../core/machine.ts";
import { counted, LimitedReports } from "../core/limited_reports.ts";
import type { ProxyEnvironment, ProxyInput, ProxyOutput } from "./inputs.ts";
import type { ProxyMachineOptions } from "./options.ts";
import { SharedRoom } from "./delay_queue.ts";
import { DatagramLinks } from "./datagram_links.ts";
import { checkEffects, checkInjection, checkStepEffects, type ProxyTransport } from "./effects.ts";
import type { LinkName } from "./events.ts";
import { checkFaults, type Direction, type Faults, overlaid } from "./faults.ts";
import { checkSchedule, Schedule, type ScheduleAction, type ScheduleStep } from "./schedule.ts";
import { StreamLinks } from "./stream_links.ts";

/**
 * Every link and every fault.
 *
 * @example Driven by hand
 * ```ts
 * import { ProxyMachine } from "@heartline/heartline/proxy";
 * import { assertEquals } from "@std/assert";
 *
 * // `now` is what you say it is: bytes that came at 1 s go out 200 ms later.
 * const machine = new ProxyMachine({ faults: { up: { latency: 200 } } }, { seed: 7 });
 * const client = { hostname: "127.0.0.1", port: 50_000 };
 * machine.handle({ type: "started" }, 0);
 * machine.handle({ type: "connected", link: "tcp-1", client }, 0);
 * machine.handle({ type: "reached", link: "tcp-1" }, 0); // there is a connection to the server
 * const bytes = new TextEncoder().encode("hello");
 * machine.handle({ type: "data", link: "tcp-1", direction: "up", bytes }, 1_000);
 * assertEquals(machine.deadline, 1_200);
 * assertEquals(machine.tick(1_200), [{ type: "write", link: "tcp-1", direction: "up", bytes }]);
 * ```
 */
export class ProxyMachine implements Machine<ProxyInput, ProxyOutput> {
  readonly #streams: StreamLinks;
  readonly #datagrams: DatagramLinks;
  readonly #steps: readonly ScheduleStep[];
  readonly #seed: number;
  readonly #maxLinks: number;
  readonly #transport: ProxyTransport;
  readonly #limited = new LimitedReports(counted<{ readonly type: "too-many-links" }>);
  #schedule: Schedule | undefined;
  #base: Faults;
  #faults: Faults = {};
  #isCut = false;
  #listening = true;
  #listenAgainAt: Instant | undefined;

  /**
   * Makes a proxy without links.
   *
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(
    options: ProxyMachineOptions,
    { seed, transport = "both" }: ProxyEnvironment,
  ) {
    const { faults = {}, schedule = [], maxLinks = 1_000, idle } = options;
    this.#transport = transport;
    this.#seed = checkNumber("seed", seed, { max: 2 ** 32 - 1, integer: true });
    this.#steps = checkSchedule(schedule);
    this.#base = this.#checked(faults);
    checkStepEffects(this.#steps, transport, faults);
    if (idle !== undefined && transport === "tcp") {
      throw new HeartlineError(
        "invalid-option",
        "Cannot use idle: it has no effect over TCP, wanted a proxy of UDP",
      );
    }
    this.#maxLinks = checkNumber("maxLinks", maxLinks, { min: 1, integer: true });
    const room = new SharedRoom();
    this.#streams = new StreamLinks(seed, room);
    this.#datagrams = new DatagramLinks(seed, checkDuration("idle", idle ?? IDLE), room);
  }

  /** When `tick` is next due. */
  get deadline(): Instant | undefined {
    const all = [
      this.#streams.deadline,
      this.#datagrams.deadline,
      this.#schedule?.deadline,
      this.#limited.due,
      this.#listenAgainAt,
    ].filter((at) => at !== undefined);
    return all.length === 0 ? undefined : Math.min(...all);
  }

  /** The faults given, without those of the schedule. */
  get base(): Faults {
    return this.#base;
  }

  /** The faults in force now. */
  get faults(): Faults {
    return this.#faults;
  }

  /** How many links are open. */
  get size(): number {
    return this.#streams.size + this.#datagrams.size;
  }

  /** Takes one input. */
  handle(input: ProxyInput, now: Instant): readonly ProxyOutput[] {
    switch (input.type) {
      case "started":
        this.#schedule = new Schedule(this.#steps, this.#seed, now);
        return [...this.#refresh(now), ...this.tick(now)];
      case "connected":
        return this.#connect(input.link, input.client, now);
      case "datagram":
        return this.#datagram(input.from, input.bytes, now);
      case "answer":
        return this.#datagrams.handle(input, now);
      case "reached":
      case "unreachable":
        return [...this.#streams.handle(input, now), ...this.#datagrams.handle(input, now)];
      case "set":
        this.#base = this.#checked(input.faults);
        return [{ type: "changed", faults: input.faults }, ...this.#refresh(now)];
      case "inject": {
        const { by, direction } = input;
        checkInjection(by, this.#transport);
        const said = { type: "injected", by, ...(direction && { direction }) } as const;
        return [said, ...this.#streams.inject(by, direction, now)];
      }
      case "cut":
      case "heal":
        return this.#act(input.type, now);
      case "accept-failed":
        return [input];
      case "listen-failed":
        this.#listenAgainAt = now + LISTEN_AGAIN;
        return [{ ...input, type: "accept-failed" }];
      default:
        return this.#streams.handle(input, now);
    }
  }

  /** Lets out what is due, and takes the steps of the schedule. */
  tick(now: Instant): readonly ProxyOutput[] {
    const outputs = [...this.#streams.tick(now), ...this.#datagrams.tick(now)];
    for (let due; (due = this.#schedule?.tick(now)) !== undefined;) {
      for (const output of due) {
        if (output.type === "action") outputs.push(...this.#act(output.action, now));
        else outputs.push(output);
      }
      outputs.push(...this.#refresh(now));
    }
    outputs.push(...this.#limited.flush(now));
    if (this.#listenAgainAt !== undefined && this.#listenAgainAt <= now) {
      this.#listenAgainAt = undefined;
      if (this.#listening) outputs.push({ type: "listen" });
    }
    return outputs;
  }

  /**
   * Whether `length` bytes of a TCP link may go straight on to the receiver: the way without faults,
   * which needs no copy. If so, they are counted; if not, give them to `handle`.
   */
  passes(link: LinkName, direction: Direction, length: number): boolean {
    return this.#streams.passes(link, direction, length);
  }

  /** Whether reading from the source of a direction must wait for `resume`. */
  mustWait(link: LinkName, direction: Direction): boolean {
    return this.#streams.mustWait(link, direction);
  }

  /** Bytes of an open TCP link that came from each side. */
  received(link: LinkName): Readonly<Record<Direction, number>> | undefined {
    return this.#streams.received(link);
  }

  /** Faults that there are and that do something, by themselves or beside those of the schedule. */
  #checked(faults: Faults): Faults {
    const sets = this.#steps.flatMap(({ set }) => set ? [set] : []);
    checkEffects(checkFaults(faults), this.#transport, sets);
    return faults;
  }

  #connect(link: LinkName, client: Address, now: Instant): readonly ProxyOutput[] {
    // It was on its way in when the port was closed.
    if (!this.#listening) return [{ type: "reset", link, flush: false }];
    if (this.size < this.#maxLinks) return this.#streams.connect(link, client);
    return [...this.#tooMany(now), { type: "reset", link, flush: false }];
  }

  #datagram(from: Address, bytes: Uint8Array, now: Instant): readonly ProxyOutput[] {
    if (this.#isCut) return NOTHING;
    if (this.size < this.#maxLinks || this.#datagrams.has(from)) {
      return this.#datagrams.datagram(from, bytes, now);
    }
    return this.#tooMany(now);
  }

  #act(action: ScheduleAction, now: Instant): readonly ProxyOutput[] {
    if (action === "fin" || action === "reset") {
      return this.handle({ type: "inject", by: action }, now);
    }
    if (this.#isCut === (action === "cut")) return NOTHING;
    this.#isCut = action === "cut";
    if (!this.#isCut) return [{ type: "healed" }, ...this.#listen()];
    return [
      { type: "cut" },
      ...this.#listen(),
      ...this.#streams.inject("reset", undefined, now),
      ...this.#datagrams.dropAll(),
    ];
  }

  /** Lays the schedule's faults over the given ones. */
  #refresh(now: Instant): readonly ProxyOutput[] {
    this.#faults = (this.#schedule?.overlays ?? []).reduce(overlaid, this.#base);
    return [
      ...this.#listen(),
      ...this.#streams.set(this.#faults, now),
      ...this.#datagrams.set(this.#faults, now),
    ];
  }

  /** Opens or closes the port, if that is due: a real refusal comes from the system alone. */
  #listen(): readonly ProxyOutput[] {
    const listening = !this.#isCut && (this.#faults.refuse ?? 0) < 1;
    if (listening === this.#listening) return NOTHING;
    this.#listening = listening;
    return [{ type: listening ? "listen" : "unlisten" }];
  }

  #tooMany(now: Instant): readonly ProxyOutput[] {
    const event = { type: "too-many-links" } as const;
    const report = this.#limited.count(event.type, event, now);
    return report ? [report] : NOTHING;
  }
}

/** Milliseconds without a datagram until a UDP client is forgotten, unless its user says otherwise. */
const IDLE = 60_000;
/** Milliseconds until a port that somebody else took is tried again. */
const LISTEN_AGAIN = 250;
