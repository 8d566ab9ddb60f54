/**
 * A short view of many clients: a report of each costs microseconds, and a hundred thousand of them a
 * pause that others would notice.
 *
 * @module
 */

/**
 * How many of `clients` are in each of `states`; every state is there, with 0 if nobody is in it.
 *
 * @example
 * ```ts
 * import { countStates } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const clients = [{ state: "up" }, { state: "up" }, { state: "down" }] as const;
 * assertEquals(countStates(clients, ["waiting", "up", "down"]), { waiting: 0, up: 2, down: 1 });
 * ```
 */
export function countStates<State extends string>(
  clients: Iterable<{ readonly state: State }>,
  states: readonly State[],
): Record<State, number> {
  const counts = Object.fromEntries(states.map((state) => [state, 0])) as Record<State, number>;
  for (const { state } of clients) counts[state]++;
  return counts;
}

/**
 * At most `limit` of `clients`, those that are not `well` before the others, and else in their order.
 * Without a limit all are returned as they are.
 *
 * @example
 * ```ts
 * import { worstFirst } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const clients = [{ name: "a", state: "up" }, { name: "b", state: "down" }, { name: "c", state: "up" }];
 * assertEquals(worstFirst(clients, "up", 2).map(({ name }) => name), ["b", "a"]);
 * ```
 */
export function worstFirst<Client extends { readonly state: string }>(
  clients: Iterable<Client>,
  well: Client["state"],
  limit: number,
): Client[] {
  if (limit === Infinity) return [...clients];
  const ill: Client[] = [];
  const others: Client[] = [];
  for (const client of clients) {
    if (ill.length === limit) break;
    if (client.state !== well) ill.push(client);
    else if (others.length < limit) others.push(client);
  }
  return [...ill, ...others.slice(0, limit - ill.length)];
}
