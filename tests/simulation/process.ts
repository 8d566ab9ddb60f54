/**
 * A process: machines that run by its clock, stall with it and die with it.
 *
 * It does to a machine what an operating system and `core/drive.ts` do. The driver's two promises are
 * kept here in the same way: what waits is taken before a verdict is given, and a pause of the process is
 * told before anything else. It is not the driver itself because that one looks at the clock ten times a
 * second, which would be most of a run.
 *
 * @module
 */
import type { Slot } from "../../core/deadlines.ts";
import type { Instant, Machine, Random } from "../../core/machine.ts";
import { nameOf } from "./faults.ts";
import type { Named } from "./history.ts";
import { LocalClock } from "./local_clock.ts";
import type { World } from "./world.ts";

/** What runs: machines, and inputs that wait for them while they cannot. */
export class Process implements Named {
  readonly name: string;
  readonly who: number;
  /** The IP address of its machine. */
  readonly host: string;
  readonly clock: LocalClock;
  readonly world: World;
  /** It takes inputs now. */
  running = true;
  /** It was killed and not started again. */
  dead = false;
  /** Its machine has no power, so that not even its kernel answers. */
  unplugged = false;
  /** How often it was started. */
  life = 1;
  /** Since when it lives, in true time. */
  bornAt: Instant = 0;

  /** All pauses that were too short to be noticed, in ms. */
  unnoticed = 0;

  readonly random: Random;
  readonly #tasks: Task<never, unknown>[] = [];
  /** What its kernel holds for it. */
  #waiting: (() => void)[] = [];
  #stalledAt: Instant = 0;
  #resumeAt: Instant = 0;

  constructor(world: World, who: number) {
    this.world = world;
    this.name = nameOf(who);
    this.who = who;
    this.host = `10.${who >> 16}.${who >> 8 & 255}.${who & 255}`;
    this.clock = new LocalClock(world);
    this.random = world.random(PROCESS, who);
  }

  /** Runs a machine from now on. */
  run<Input, Output>(
    machine: Machine<Input, Output>,
    options: TaskOptions<Output>,
  ): Task<Input, Output> {
    const task = new Task(this, machine, options);
    this.#tasks.push(task as Task<never, unknown>);
    return task;
  }

  /** Something arrives: it is done now, or when the process goes on, or never. */
  arrives(act: () => void): void {
    if (this.running) act();
    else if (!this.dead) this.#waiting.push(act);
  }

  /** Does something behind all that happens at this instant, unless it was killed by then. */
  soon(act: () => void): void {
    const { life } = this;
    this.world.once(this.world.now, () => this.life === life && this.arrives(act));
  }

  /** Until when it ran, in true time: now, unless it is stalled or dead. */
  get ranUntil(): Instant {
    return this.running ? this.world.now : this.#stalledAt;
  }

  /** Whether one more datagram finds no room in the kernel's buffer. */
  get full(): boolean {
    return this.dead || this.#waiting.length >= KERNEL_ROOM;
  }

  /** The process does not run for `ms`: SIGSTOP, a blocked loop, a suspended machine. */
  stall(ms: number): void {
    if (this.dead) return;
    this.#resumeAt = Math.max(this.#resumeAt, this.world.now + ms);
    if (this.running) {
      this.running = false;
      this.#stalledAt = this.world.now;
    }
    const life = this.life;
    this.world.once(this.world.now + ms, () => {
      const goesOn = !this.running && !this.dead && this.world.now >= this.#resumeAt;
      if (this.life === life && goesOn) this.#resume();
    });
  }

  /** Its clock is fast by so many millionths from now on; its timers run by it. */
  drift(ppm: number): void {
    this.clock.drift(ppm);
    for (const task of this.#tasks) task.wake();
  }

  /** The process is killed: nothing of it is left but what it stored. */
  kill(unplugged = false): void {
    this.unplugged = unplugged;
    if (this.running) this.#stalledAt = this.world.now;
    this.running = false;
    this.dead = true;
    this.#waiting = [];
    for (const task of this.#tasks.splice(0)) task.end();
  }

  /** It is started again in `ms`; `begin` runs new machines in it then. */
  restartIn(ms: number, begin: () => void): void {
    this.world.once(this.world.now + ms, () => {
      this.restart();
      begin();
    });
  }

  /** It is started again; whoever calls this runs new machines in it. */
  restart(): void {
    this.running = true;
    this.dead = this.unplugged = false;
    this.life++;
    this.bornAt = this.world.now;
    this.#resumeAt = 0;
  }

  /** A machine has ended. */
  forget(task: unknown): void {
    const at = this.#tasks.indexOf(task as Task<never, unknown>);
    if (at >= 0) this.#tasks.splice(at, 1);
  }

  #resume(): void {
    this.running = true;
    // The driver looks at the clock every PULSE ms: this is when it last did so.
    const unseen = this.random() * Math.min(PULSE, this.#stalledAt - this.bornAt);
    const by = (this.world.now - this.#stalledAt) + unseen;
    if (by < NOTICED) this.unnoticed += by;
    else [...this.#tasks].forEach((task) => task.lag(by));
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const act of waiting) this.arrives(act);
    for (const task of [...this.#tasks]) task.wake();
  }
}

/** How a machine is run. */
export interface TaskOptions<Output> {
  /** Does what a machine put out, at a local instant. */
  take: (output: Output, now: Instant) => void;
}

/** One machine in a process. */
export class Task<Input, Output> {
  readonly machine: Machine<Input, Output>;
  readonly #process: Process;
  readonly #options: TaskOptions<Output>;
  readonly #slot: Slot;
  #armedFor: Instant | undefined;
  #ended = false;

  constructor(
    process: Process,
    machine: Machine<Input, Output>,
    options: TaskOptions<Output>,
  ) {
    this.#process = process;
    this.machine = machine;
    this.#options = options;
    this.#slot = process.world.place(() => this.#due());
    this.wake();
  }

  /** Gives the machine an input; the process must be running. */
  handle(input: Input): void {
    if (this.#ended) return;
    const now = this.#process.clock.now();
    this.deliver(this.machine.handle(input, now), now);
  }

  /** Hands on what a direct call of the machine put out. */
  deliver(outputs: readonly Output[], now: Instant): void {
    for (const output of outputs) this.#options.take(output, now);
    if (this.machine.deadline !== this.#armedFor) this.wake();
  }

  /** Sees to it that the machine is ticked when it wants. */
  wake(): void {
    if (this.#ended) return;
    const { deadline } = this.machine;
    this.#armedFor = deadline;
    const { world, clock, random } = this.#process;
    if (deadline === undefined || deadline === Infinity) return world.arm(this.#slot, Infinity);
    // A timer is late by up to one of its steps, and a verdict waits for what the kernel holds.
    const late = SHORTEST + random() * TIMER + (this.machine.stalled ? DRAIN : 0);
    world.arm(this.#slot, Math.max(world.now, clock.trueTime(deadline)) + late);
  }

  /** Tells the machine of a pause, if it wants to know. */
  lag(by: number): void {
    if (this.#ended || !this.machine.stalled) return;
    const now = this.#process.clock.now();
    this.deliver(this.machine.stalled(by, now), now);
  }

  /** Does nothing any more. */
  end(): void {
    this.#ended = true;
    this.#process.forget(this);
    this.#process.world.arm(this.#slot, Infinity);
  }

  #due(): void {
    if (!this.#process.running || this.#ended) return;
    const now = this.#process.clock.now();
    this.#armedFor = undefined;
    this.deliver(this.machine.tick(now), now);
    // What the tick left as it was is armed no more.
    if (this.#armedFor === undefined) this.wake();
  }
}

/** How late a verdict may be, in ms: the timer's step, the drain, and a pause too short to be noticed. */
export const TICK = 210;
/** A timer of Deno or Node is up to so much late, in ms. */
const TIMER = 1;
/** So that a timer never comes early by a rounding error. */
const SHORTEST = 0.001;
/** Three turns of the loop, of a millisecond each: see `QUIET_TURNS` in core/drive.ts. */
const DRAIN = 3;
/** See `PULSE` and `STALL` in core/drive.ts; both together are the least pause that is noticed. */
const PULSE = 100;
const NOTICED = 200;
/** A default socket buffer holds about so many small datagrams. */
const KERNEL_ROOM = 256;
const PROCESS = 1;
