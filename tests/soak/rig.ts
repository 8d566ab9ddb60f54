/**
 * What a rig is: real processes under one kind of strain, in rounds that may go on for hours.
 *
 * @module
 */
import type { Random } from "../../core/machine.ts";

/** One kind of strain. */
export interface Rig {
  /** What `--rig` calls it. */
  readonly name: string;
  /** What is done and must hold, in a sentence. */
  readonly summary: string;
  /** Why it cannot run on this machine, if it cannot. */
  readonly missing?: () => Promise<string | undefined>;
  /** Sets it up; what is returned runs rounds until it is disposed of. */
  readonly start: (random: Random) => Promise<Strain>;
}

/** A rig that is set up. */
export interface Strain extends AsyncDisposable {
  /** One round, of seconds; throws if something that must hold does not. Returns what to say of it. */
  readonly round: () => Promise<string>;
}
