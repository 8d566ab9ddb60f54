/**
 * Every protocol, once: fuzzing, simulation and soak go through this list.
 *
 * @module
 */
import { handshake } from "./handshake.ts";
import { keepalive } from "./keepalive.ts";
import type { Protocol, TestedServer } from "./protocol.ts";
import { proxy } from "./proxy.ts";
import { sequence } from "./sequence.ts";
import { tcp } from "./tcp.ts";
import { udp } from "./udp.ts";

/** All of them. */
export const PROTOCOLS: readonly Protocol[] = [udp, tcp, handshake, keepalive, sequence, proxy];

/** The servers of all. */
export const SERVERS: readonly TestedServer[] = PROTOCOLS.flatMap(({ servers }) => servers);
