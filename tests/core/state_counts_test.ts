import { assertEquals } from "@std/assert";
import { countStates, worstFirst } from "../../core/state_counts.ts";

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

type State = "up" | "down";
const CLIENTS = (["up", "down", "up", "up", "down"] as State[])
  .map((state, index) => ({ name: index, state }));

pure("every state is counted, also one that nobody is in", () => {
  const counts = countStates(CLIENTS, ["up", "down", "waiting" as State]);
  assertEquals<Record<string, number>>(counts, { up: 3, down: 2, waiting: 0 });
});

const CHOICES: [limit: number, names: number[]][] = [
  [0, []],
  [1, [1]],
  [2, [1, 4]],
  [4, [1, 4, 0, 2]],
  [9, [1, 4, 0, 2, 3]],
  [Infinity, [0, 1, 2, 3, 4]],
];

for (const [limit, names] of CHOICES) {
  pure(`of five clients, two of them down, a view of ${limit} shows ${names}`, () => {
    assertEquals(worstFirst(CLIENTS, "up", limit).map(({ name }) => name), names);
  });
}
