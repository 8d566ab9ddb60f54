/**
 * The instant at which the server machine works on something, and what that leads to.
 *
 * @module
 */
import type { Instant } from "../core/machine.ts";
import type { SequenceServerOutput } from "./inputs.ts";

/** One input, or one tick, as it is worked on. */
export interface Step {
  /** When it came. */
  readonly now: Instant;
  /** What it leads to, in order; whoever works on it adds to these. */
  readonly outputs: SequenceServerOutput[];
}
