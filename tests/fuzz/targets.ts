/**
 * Everything that is fuzzed without a socket: each decoder, each stream, each server and client.
 *
 * @module
 */
import { PROTOCOLS } from "../protocols/mod.ts";
import type { Target } from "./target.ts";
import { FILE_TARGETS } from "./targets/files.ts";

/** All targets; a name is used once. */
export const TARGETS: readonly Target[] = [
  ...PROTOCOLS.flatMap(({ targets }) => targets),
  ...FILE_TARGETS,
];
