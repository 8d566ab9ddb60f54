/**
 * Everything that is fuzzed without a socket: each decoder, each stream, each server and client.
 *
 * @module
 */
import type { Target } from "../target.ts";
import { FILE_TARGETS } from "./files.ts";
import { HANDSHAKE_TARGETS } from "./handshake.ts";
import { KEEPALIVE_TARGETS } from "./keepalive.ts";
import { SEQUENCE_TARGETS } from "./sequence.ts";
import { TCP_TARGETS } from "./tcp.ts";
import { UDP_TARGETS } from "./udp.ts";

/** All targets; a name is used once. */
export const TARGETS: readonly Target[] = [
  ...UDP_TARGETS,
  ...TCP_TARGETS,
  ...HANDSHAKE_TARGETS,
  ...KEEPALIVE_TARGETS,
  ...SEQUENCE_TARGETS,
  ...FILE_TARGETS,
];
