/**
 * The scenarios, in order.
 *
 * @module
 */
import { PROTOCOLS } from "../protocols/mod.ts";
import type { Scenario } from "./scenario.ts";

/** All of them. */
export const SCENARIOS: readonly Scenario[] = PROTOCOLS.flatMap(({ scenario }) => scenario ?? []);
