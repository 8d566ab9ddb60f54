/**
 * How a fault proxy behaves, as its user says: options and defaults.
 *
 * @module
 */
import type { Faults } from "./faults.ts";
import type { ScheduleStep } from "./schedule.ts";

/** What {@linkcode ProxyMachine} does. */
export interface ProxyMachineOptions {
  /** The faults at the start. @default none */
  faults?: Faults;
  /** Faults that come and go. @default none */
  schedule?: readonly ScheduleStep[];
  /** Links at most, TCP and UDP together; so many cost up to 900 MB under faults. @default 1_000 */
  maxLinks?: number;
  /** Milliseconds without a datagram until a UDP client is forgotten. @default 60_000 */
  idle?: number;
}
