/**
 * Which state may follow which, as a table that machines obey and documents are drawn from.
 *
 * @module
 */

/** From each state those that may follow it, and what leads there. */
export type StateTable<State extends string> = {
  readonly [From in State]: { readonly [To in State]?: string };
};

/**
 * Returns `to`, if the table has a way from `from`.
 *
 * @throws an `Error` if it has none: a machine that gets there has a bug
 *
 * @example
 * ```ts
 * import { follow, type StateTable } from "@heartline/heartline/core";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const DOOR: StateTable<"open" | "shut"> = { open: { shut: "pushed" }, shut: {} };
 * assertEquals(follow(DOOR, "open", "shut"), "shut");
 * assertThrows(() => follow(DOOR, "shut", "open"), Error, "No way leads from shut to open");
 * ```
 */
export function follow<State extends string, To extends State>(
  table: StateTable<State>,
  from: State,
  to: To,
): To {
  if (table[from][to] === undefined) throw new Error(`No way leads from ${from} to ${to}`);
  return to;
}
