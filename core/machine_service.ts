/**
 * A service that runs one machine: every server and client of a protocol is one.
 *
 * It hands inputs to the machine, wakes it at its deadlines and gives out what it puts out. What an output
 * asks of the world is done by who extends it.
 *
 * @module
 */
import { type Clock, systemClock } from "./clock.ts";
import { Driver } from "./drive.ts";
import type { Tagged } from "./event_counts.ts";
import type { Instant, Machine } from "./machine.ts";
import { Service } from "./service.ts";

/** What every service of a machine is given. */
export interface MachineServiceOptions {
  /** Closes the service when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Where time comes from. @default the system's clock */
  readonly clock?: Clock | undefined;
}

/**
 * A service around a machine whose outputs are events, unless `perform` says otherwise.
 *
 * @example
 * ```ts
 * import { type Machine, MachineService } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * type Count = { type: "count"; left: number };
 *
 * class CountdownMachine implements Machine<never, Count> {
 *   deadline: number | undefined = 0; // due at once, and then every millisecond
 *   #left = 2;
 *   handle() {
 *     return [];
 *   }
 *   tick(now: number): Count[] {
 *     this.#left--;
 *     this.deadline = this.#left > 0 ? now + 1 : undefined;
 *     return [{ type: "count", left: this.#left }];
 *   }
 * }
 *
 * class Countdown extends MachineService<Count, never, Count> {
 *   protected override perform(count: Count) {
 *     this.publish(count);
 *     if (count.left === 0) void this.close();
 *   }
 * }
 * const seen: string[] = [];
 * for await (const event of new Countdown("countdown", new CountdownMachine(), {})) {
 *   seen.push(event.type === "count" ? `${event.left} left` : event.type);
 * }
 * assertEquals(seen, ["1 left", "0 left"]);
 * ```
 */
export abstract class MachineService<Event extends Tagged, Input, Output> extends Service<Event> {
  /** Where its time comes from. */
  protected readonly clock: Clock;
  /** Runs its machine. */
  protected readonly driver: Driver<Input, Output>;

  /** Starts a service of a kind that runs `machine`. */
  constructor(name: string, machine: Machine<Input, Output>, options: MachineServiceOptions) {
    super(name, options.signal);
    this.clock = options.clock ?? systemClock();
    this.driver = new Driver(machine, {
      clock: this.clock,
      deliver: (outputs, now) => this.deliver(outputs, now),
    });
  }

  /** Does what the machine put out, in order. */
  protected deliver(outputs: readonly Output[], _now: Instant): void {
    for (const output of outputs) this.perform(output);
  }

  /** Does what one output asks for; an event is published. */
  protected perform(output: Output): void {
    this.publish(output as unknown as Event);
  }

  /** Runs the machine no more. */
  protected override stop(): void {
    this.driver.close();
  }
}
