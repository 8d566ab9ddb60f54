/**
 * Which events are verdicts: what a user must hear about a client, a session, a group or the service itself,
 * however slowly they read. They have the same names in all protocols; see docs/GLOSSARY.md.
 *
 * @module
 */
import type { Tagged } from "./event_counts.ts";

/**
 * About whom an event is a verdict; `undefined` for one that may be left out when there are too many, such as a
 * heartbeat, a connection or what was rejected.
 *
 * @example
 * ```ts
 * import { verdictAbout } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const down = { type: "down", client: "10.0.0.7:5001" };
 * assertEquals(verdictAbout(down), "10.0.0.7:5001");
 * assertEquals(verdictAbout({ type: "listening" }), "listening");
 * assertEquals(verdictAbout({ type: "beat" }), undefined);
 * ```
 */
export function verdictAbout(event: Tagged): string | undefined {
  if (!VERDICTS.has(event.type)) return undefined;
  const { session, id, client, group } = event as Tagged & Partial<Record<string, unknown>>;
  // An address is no name of a group.
  return String(session ?? id ?? client ?? (group === undefined ? event.type : groupKey(group)));
}

/**
 * What a verdict about a group is kept under.
 *
 * @example
 * ```ts
 * import { groupKey, verdictAbout } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const down = { type: "group-down", group: "rack 7" };
 * assertEquals(verdictAbout(down), groupKey("rack 7"));
 * ```
 */
export function groupKey(group: unknown): string {
  return `group ${group}`;
}

const VERDICTS: ReadonlySet<string> = new Set([
  ...["listening", "up", "down", "group-down", "recovered", "disconnected", "expired", "completed"],
  ...["done", "failed", "established", "error", "failure", "idle"],
]);
