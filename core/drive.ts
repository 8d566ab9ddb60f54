/**
 * The only loop: feeds a machine and wakes it at its deadlines. The other impure file of `core`.
 *
 * This file knows time, turns of the event loop and the two promises below. It does not know any
 * protocol, and it decides nothing about a peer.
 *
 * *Stall-proof.* A machine that gives verdicts about peers (one with `stalled`) is never ticked on a
 * deadline before the inputs that already wait in the kernel were taken; and when this process itself
 * was stopped or blocked, the machine is told for how long before anything else happens.
 *
 * *No starvation.* A flood of inputs delays a due deadline by `MOST_DRAIN` ms and no more.
 *
 * @module
 */
import type { Clock } from "./clock.ts";
import type { Instant, Machine } from "./machine.ts";

/** What {@linkcode Driver} needs to run a machine. */
export interface DriverOptions<Input, Output> {
  /** Where time comes from. */
  clock: Clock;
  /** Takes what the machine put out, in order. */
  deliver: (outputs: readonly Output[], now: Instant) => void;
  /**
   * Makes the input that tells the machine that this process did not run for `by` milliseconds. A
   * machine that declares peers dead must have it and move its deadlines; leave it out for one that
   * only keeps a schedule: its ticks then come without waiting for inputs.
   */
  stalled?: (by: number) => Input;
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
  readonly #stalled: ((by: number) => Input) | undefined;
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
  constructor(machine: Machine<Input, Output>, options: DriverOptions<Input, Output>) {
    this.#machine = machine;
    this.#clock = options.clock;
    this.#deliver = options.deliver;
    this.#stalled = options.stalled;
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
    const deadline = this.#machine.deadline;
    if (deadline !== undefined && deadline < this.#wakeAt && !this.#drain) this.#arm(now);
  }

  /** Stops: no tick and no input after this. */
  close(): void {
    this.#closed = true;
    this.#disarm();
  }

  /** An input came before a timer that is due: we were stopped, or inputs keep it from firing. */
  #overdue(now: Instant): void {
    if (!this.#noticeStall(now)) this.#drain ? this.#verdictOrArm(now) : this.#wakeUp(now);
  }

  #fired(): void {
    const now = this.#clock.now();
    const stalled = this.#noticeStall(now);
    this.#activeAt = now;
    if (!stalled) this.#drain ? this.#turn(now) : this.#wakeUp(now);
  }

  /** Reports a stall to the machine, which moves its deadlines, and starts over with them. */
  #noticeStall(now: Instant): boolean {
    const by = now - this.#activeAt;
    // A block as long as the drain would use it up with inputs still waiting, so there it counts.
    const stall = this.#drain ? MOST_DRAIN : STALL;
    // Idle for long is no stall while the timer is in time; nor is a late timer amid inputs.
    if (!this.#stalled || now - this.#wakeAt < stall || by < stall) return false;
    this.#activeAt = now;
    this.#drain = undefined;
    const outputs = this.#machine.handle(this.#stalled(by), now);
    // Armed first: an input that comes back from `deliver` must not find the old timer overdue.
    this.#arm(now);
    this.deliver(outputs, now);
    return true;
  }

  #wakeUp(now: Instant): void {
    const deadline = this.#machine.deadline;
    if (deadline === undefined || deadline > now || !this.#stalled) return this.#verdictOrArm(now);
    this.#drain = { until: now + MOST_DRAIN, quiet: 0, turnAt: now, inputs: this.#inputs };
    this.#sleep(now, 0);
    this.#overdueAt = this.#drain.until;
  }

  /** One turn of the event loop has passed while a deadline was due. */
  #turn(now: Instant): void {
    const drain = this.#drain!;
    const taken = this.#inputs - drain.inputs;
    const few = Math.min(BUSY_INPUTS, BUSY_RATE * (now - drain.turnAt));
    drain.quiet = taken <= few ? drain.quiet + 1 : 0;
    drain.turnAt = now;
    drain.inputs = this.#inputs;
    if (drain.quiet >= QUIET_TURNS) return this.#verdictOrArm(now);
    this.#sleep(now, 0);
    this.#overdueAt = drain.until;
  }

  #verdictOrArm(now: Instant): void {
    this.#drain = undefined;
    const outputs = this.#machine.tick(now);
    // Disarmed, not armed: a deliver that comes back with an input arms for what it needs.
    this.#disarm();
    if (outputs.length > 0) this.#deliver(outputs, now);
    if (!this.#closed) this.#arm(now);
  }

  /** Arms the one timer for the machine's deadline, or for the next look at the clock. */
  #arm(now: Instant): void {
    const deadline = this.#machine.deadline;
    if (deadline === undefined) return this.#disarm();
    const delay = Math.max(0, deadline - now);
    this.#sleep(now, this.#stalled ? Math.min(delay, PULSE) : delay);
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
/** Inputs per ms that the slowest door (`node:dgram` on Deno, 45) surpasses while inputs wait. */
const BUSY_RATE = 16;
