/**
 * The only loop: feeds a machine and wakes it at its deadlines. The other impure file of `core`.
 *
 * This file knows time, turns of the event loop and the two promises below. It does not know any
 * protocol, and it decides nothing about a peer.
 *
 * *Stall-proof.* A machine that gives verdicts about peers (one with `stalled`) is never ticked on a
 * deadline before the inputs that already wait in the kernel were taken; and when this process itself
 * was stopped or blocked, the machine is told for how long before anything else happens. What it has as
 * `schedule` is ticked in time and waits for nothing.
 *
 * *No starvation.* A flood of inputs delays a due deadline by `MOST_DRAIN` ms and no more.
 *
 * @module
 */
import type { Clock } from "./clock.ts";
import type { Instant, Machine, Ticked } from "./machine.ts";

/** What {@linkcode Driver} needs to run a machine. */
export interface DriverOptions<Output> {
  /** Where time comes from. */
  clock: Clock;
  /** Takes what the machine put out, in order. */
  deliver: (outputs: readonly Output[], now: Instant) => void;
}

/**
 * Runs one machine. Give it inputs with `handle`; or, where one input must cost next to nothing,
 * call `wake`, then the machine, then `deliver`.
 *
 * @example
 * ```ts
 * import { Driver, type Machine, systemClock } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const echo: Machine<string, string> = {
 *   handle: (input) => [input],
 *   tick: () => [],
 *   deadline: undefined,
 * };
 * const seen: string[] = [];
 * const driver = new Driver(echo, {
 *   clock: systemClock(),
 *   deliver: (outputs) => seen.push(...outputs),
 * });
 * driver.handle("hello");
 * driver.close();
 * assertEquals(seen, ["hello"]);
 * ```
 */
export class Driver<Input, Output> {
  readonly #machine: Machine<Input, Output>;
  readonly #clock: Clock;
  readonly #deliver: (outputs: readonly Output[], now: Instant) => void;
  readonly #schedule: Ticked<Output> | undefined;
  /** Whether the machine gives verdicts about peers. */
  readonly #judges: boolean;
  #cancel: (() => void) | undefined;
  /** When the armed timer should fire; Infinity if none is armed. */
  #wakeAt = Infinity;
  /** From when on an input must look at the timer: it should have fired, or the drain be over. */
  #overdueAt = Infinity;
  /** The last instant at which this process was seen running. */
  #activeAt: Instant;
  #inputs = 0;
  #drain: Drain | undefined;
  #closed = false;

  /** Starts to run `machine`; arms a timer if it already has a deadline. */
  constructor(machine: Machine<Input, Output>, options: DriverOptions<Output>) {
    this.#machine = machine;
    this.#clock = options.clock;
    this.#deliver = options.deliver;
    this.#schedule = machine.schedule;
    this.#judges = machine.stalled !== undefined;
    this.#activeAt = this.#clock.now();
    this.#arm(this.#activeAt);
  }

  /** Gives the machine one input at the present instant. */
  handle(input: Input): void {
    if (this.#closed) return;
    const now = this.wake();
    // A verdict that was overdue may have made the owner close.
    if (!this.#closed) this.deliver(this.#machine.handle(input, now), now);
  }

  /**
   * Reads the clock before a direct call of the machine; every input must pass here or through
   * `handle`, because it is here that a stall is noticed and a due deadline kept from starving.
   */
  wake(): Instant {
    const now = this.#clock.now();
    if (now >= this.#overdueAt) this.#overdue(now);
    this.#activeAt = now;
    this.#inputs++;
    return now;
  }

  /** Hands on what a direct call of the machine put out, and wakes earlier if that became due. */
  deliver(outputs: readonly Output[], now: Instant): void {
    if (outputs.length > 0) this.#deliver(outputs, now);
    const due = this.#drain ? this.#scheduledAt : Math.min(this.#deadline, this.#scheduledAt);
    if (due >= this.#wakeAt) return;
    // While draining every turn looks at the schedule, but a turn may be long.
    if (this.#drain) this.#overdueAt = Math.min(this.#overdueAt, due);
    else this.#arm(now);
  }

  /** Stops: no tick and no input after this. */
  close(): void {
    this.#closed = true;
    this.#disarm();
  }

  get #deadline(): Instant {
    return this.#machine.deadline ?? Infinity;
  }

  get #scheduledAt(): Instant {
    return this.#schedule?.deadline ?? Infinity;
  }

  /** An input came before a timer that is due: we were stopped, or inputs keep it from firing. */
  #overdue(now: Instant): void {
    if (this.#noticeStall(now) || !this.#keepSchedule(now)) return;
    if (!this.#drain) this.#wakeUp(now);
    else if (now >= this.#drain.until) this.#tick(now);
    else this.#nextTurn(now);
  }

  #fired(): void {
    const now = this.#clock.now();
    const stalled = this.#noticeStall(now);
    this.#activeAt = now;
    if (stalled || !this.#keepSchedule(now)) return;
    this.#drain ? this.#turn(now) : this.#wakeUp(now);
  }

  /** Ticks what must be in time; false if that made the owner close. */
  #keepSchedule(now: Instant): boolean {
    if (this.#scheduledAt <= now) {
      const outputs = this.#schedule!.tick(now);
      // Disarmed, not armed: a deliver that comes back with an input arms for what it needs.
      this.#disarm();
      if (outputs.length > 0) this.#deliver(outputs, now);
    }
    return !this.#closed;
  }

  /** Reports a stall to the machine, which moves its deadlines, and starts over with them. */
  #noticeStall(now: Instant): boolean {
    const by = now - this.#activeAt;
    // A block as long as the drain would use it up with inputs still waiting, so there it counts.
    const stall = this.#drain ? MOST_DRAIN : STALL;
    // Idle for long is no stall while the timer is in time; nor is a late timer amid inputs.
    if (!this.#judges || now - this.#wakeAt < stall || by < stall) return false;
    this.#activeAt = now;
    this.#drain = undefined;
    const outputs = this.#machine.stalled!(by, now);
    // Armed first: an input that comes back from `deliver` must not find the old timer overdue.
    this.#arm(now);
    this.deliver(outputs, now);
    return true;
  }

  #wakeUp(now: Instant): void {
    if (this.#deadline > now) return this.#arm(now);
    if (!this.#judges) return this.#tick(now);
    this.#drain = { until: now + MOST_DRAIN, quiet: 0, turnAt: now, inputs: this.#inputs };
    this.#nextTurn(now);
  }

  /** One turn of the event loop has passed while a deadline was due. */
  #turn(now: Instant): void {
    const drain = this.#drain!;
    const taken = this.#inputs - drain.inputs;
    const few = Math.min(BUSY_INPUTS, BUSY_RATE * (now - drain.turnAt));
    drain.quiet = taken <= few ? drain.quiet + 1 : 0;
    drain.turnAt = now;
    drain.inputs = this.#inputs;
    if (drain.quiet >= QUIET_TURNS) this.#tick(now);
    else this.#nextTurn(now);
  }

  #nextTurn(now: Instant): void {
    this.#sleep(now, 0);
    this.#overdueAt = Math.min(this.#drain!.until, this.#scheduledAt);
  }

  #tick(now: Instant): void {
    this.#drain = undefined;
    const outputs = this.#machine.tick(now);
    // Disarmed for the same reason as above.
    this.#disarm();
    if (outputs.length > 0) this.#deliver(outputs, now);
    if (!this.#closed) this.#arm(now);
  }

  /** Arms the one timer for the machine's deadline, its schedule, or the next look at the clock. */
  #arm(now: Instant): void {
    const deadline = this.#deadline;
    const look = this.#judges && deadline < Infinity ? now + PULSE : Infinity;
    const wakeAt = Math.min(deadline, this.#scheduledAt, look);
    if (wakeAt === Infinity) this.#disarm();
    else this.#sleep(now, Math.max(0, wakeAt - now));
  }

  #sleep(now: Instant, delay: number): void {
    this.#disarm();
    if (this.#closed) return;
    this.#wakeAt = now + delay;
    this.#overdueAt = this.#wakeAt;
    this.#cancel = this.#clock.schedule(delay, () => this.#fired());
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#wakeAt = this.#overdueAt = Infinity;
  }
}

/** Waiting, with a deadline due, until the loop had little to do for `QUIET_TURNS` turns. */
interface Drain {
  /** The verdict is given at this instant whatever still comes. */
  readonly until: Instant;
  quiet: number;
  /** When the last turn was. */
  turnAt: Instant;
  /** `#inputs` at the last turn. */
  inputs: number;
}

/**
 * A timer this late means that we were blocked or stopped: above the pauses of garbage collection
 * and scheduling on a busy machine, well below any timeout. In milliseconds, like all here.
 */
const STALL = 100;
/**
 * The longest sleep of a machine that gives verdicts. A stall is measured from the last moment the
 * process was seen running, so this is how far the measure may be too long.
 */
const PULSE = 100;
/** At 400,000 datagrams a second this is 20,000 of them: far more than a socket buffer holds. */
const MOST_DRAIN = 50;
/** Measured on Deno 2.9 and Node 20: a timer may fire once before waiting input, never twice. */
const QUIET_TURNS = 3;
/**
 * While inputs wait, one turn of the loop takes at least so many of them (libuv 32, tokio 128): a
 * turn that took fewer has emptied the kernel, though new ones come every millisecond.
 */
const BUSY_INPUTS = 32;
/** Inputs per ms that the slowest adapter (`node:dgram` on Deno, 45) surpasses while inputs wait. */
const BUSY_RATE = 16;
