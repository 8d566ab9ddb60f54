/**
 * A pure machine in virtual time: a test gives it inputs and lets time pass, from deadline to deadline, so
 * that no verdict is skipped.
 *
 * @module
 */
import { assert } from "@std/assert";
import type { Instant, Machine, Ticked } from "../../core/machine.ts";

/** Ticks a machine at every deadline up to and including `until`, and none before `from`. */
export function passTime<Output>(
  machine: Ticked<Output>,
  until: Instant,
  take: (outputs: readonly Output[], now: Instant) => void,
  from: Instant = -Infinity,
): void {
  let now = from, turns = 0;
  for (let due; (due = machine.deadline) !== undefined && due <= until;) {
    turns = due > now ? 0 : turns + 1;
    assert(turns < MOST_TURNS, `the machine is due at ${due} for ever`);
    now = Math.max(due, now);
    take(machine.tick(now), now);
  }
}

/** What a machine says until `until`, in lines that begin with the instant. */
export function linesUntil<Output>(
  machine: Ticked<Output>,
  until: Instant,
  words: (outputs: readonly Output[]) => readonly string[],
  from?: Instant,
): string[] {
  const lines: string[] = [];
  const take = (outputs: readonly Output[], now: Instant) => {
    lines.push(...words(outputs).map((line) => `${now} ${line}`));
  };
  passTime(machine, until, take, from);
  return lines;
}

/** A machine with the present instant, and what it said so far. */
export abstract class Story<Input, Output, M extends Machine<Input, Output>, Said = string> {
  readonly machine: M;
  readonly log: Said[] = [];
  now: Instant;

  constructor(machine: M, now: Instant = 0) {
    this.machine = machine;
    this.now = now;
  }

  /** Lets time pass up to and including `until`. */
  to(until: Instant): this {
    passTime(this.machine, until, (outputs, now) => {
      this.now = now;
      this.performAll(outputs);
    }, this.now);
    this.now = until;
    return this;
  }

  /** Gives one input now. */
  give(input: Input): this {
    return this.performAll(this.machine.handle(input, this.now));
  }

  /** Its process did not run until now, for `by` ms. */
  stall(by: number): this {
    this.now += by;
    return this.performAll(this.machine.stalled!(by, this.now));
  }

  /** Notes what the machine put out now. */
  performAll(outputs: readonly Output[]): this {
    for (const output of outputs) this.perform(output);
    return this;
  }

  /** What was said since the last call. */
  said(): Said[] {
    return this.log.splice(0);
  }

  /** Notes one output, and answers it if its adapter would. */
  protected abstract perform(output: Output): void;
}

/**
 * A story that is told in lines: `<ms> <what> <rest>`; `<ms> stalled <by>`; `<ms> late`, the one tick of a
 * host that overslept; or `<ms>` alone, which lets time pass. An input is taken before what is due at the
 * same instant, as by the driver.
 */
export abstract class ToldStory<Input, Output, M extends Machine<Input, Output>>
  extends Story<Input, Output, M> {
  tell(lines: readonly string[]): this {
    for (const line of lines) this.#tell(line);
    return this;
  }

  #tell(line: string): void {
    const [, at, what = "", rest = ""] = /^(\d+)(?: (\S+)(?: (.*))?)?$/s.exec(line)!;
    const now = Number(at), overslept = what === "stalled" || what === "late";
    if (!overslept) this.to(now - Number.EPSILON * now);
    this.now = now;
    if (what === "stalled") this.performAll(this.machine.stalled!(Number(rest), now));
    else if (what === "late") this.performAll(this.machine.tick(now));
    else if (what !== "") this.act(what, rest);
    if (!overslept) this.to(now);
  }

  /** Does what a line says now. */
  protected abstract act(what: string, rest: string): void;
}

/** Turns at one instant; a machine that wants more does not get on. */
const MOST_TURNS = 1_000;
