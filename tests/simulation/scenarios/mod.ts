/**
 * The scenarios, in order.
 *
 * @module
 */
import type { Scenario } from "../scenario.ts";
import { handshake } from "./handshake.ts";
import { keepalive } from "./keepalive.ts";
import { sequence } from "./sequence.ts";
import { tcp } from "./tcp.ts";
import { udp } from "./udp.ts";

/** All of them. */
export const SCENARIOS: readonly Scenario[] = [udp, tcp, handshake, keepalive, sequence];
