/**
 * How many ended sessions are remembered, and for how long.
 *
 * @module
 */
import { checkDuration, checkNumber } from "../core/check.ts";

/** How long ended sessions answer late returns with what became of them. */
export interface TombstoneOptions {
  /** Milliseconds an expired session is remembered. @default 600_000 */
  tombstoneLife?: number;
  /** Ended sessions remembered at most; the oldest are forgotten first. @default 100_000 */
  maxTombstones?: number;
}

/**
 * Fills in the defaults.
 *
 * @throws {HeartlineError} `invalid-option`
 */
export function completed(options: TombstoneOptions): Required<TombstoneOptions> {
  const { tombstoneLife = 600_000, maxTombstones = 100_000 } = options;
  return {
    tombstoneLife: checkDuration("tombstoneLife", tombstoneLife),
    maxTombstones: checkNumber("maxTombstones", maxTombstones, { integer: true }),
  };
}
