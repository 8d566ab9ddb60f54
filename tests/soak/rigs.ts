/**
 * Every rig, in the order in which they run.
 *
 * @module
 */
import { churn } from "./churn.ts";
import { descriptors } from "./descriptors.ts";
import { fullDisk } from "./full_disk.ts";
import { pauses } from "./pauses.ts";
import type { Rig } from "./rig.ts";
import { sequences } from "./sequences.ts";

/** Each kind of strain. */
export const RIGS: readonly Rig[] = [
  ...churn,
  ...descriptors,
  ...pauses,
  ...fullDisk,
  ...sequences,
];
