import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Backlog } from "../../core/backlog.ts";

interface Said {
  readonly from?: string;
  readonly text: string;
}

/** A backlog of payloads that weigh 100 each, and who was freed. */
function backlogOf(limit?: number) {
  const freed: string[] = [];
  const backlog = new Backlog<Said>({
    from: ({ from }) => from,
    payload: ({ text }) => text,
    freed: (from) => void freed.push(from),
    ...(limit !== undefined && { limit }),
  });
  return { backlog, freed };
}

const said = (from: string): Said => ({ from, text: "x".repeat(36) });
const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

pure("who has a part in too much must wait, and nobody else", () => {
  const { backlog, freed } = backlogOf(300);
  for (const from of ["a", "a", "b"]) {
    assertEquals(backlog.isFull(from), false);
    backlog.add(said(from));
  }
  assertEquals(["a", "b", "c"].map((from) => backlog.isFull(from)), [true, true, false]);
  backlog.remove(said("b"));
  assertEquals(freed, ["b"], "nothing of its own waits");
  backlog.remove(said("a"));
  assertEquals(freed, ["b", "a"], "less than half waits");
  backlog.remove(said("a"));
  assertEquals([freed, backlog.isFull("a")], [["b", "a"], false]);
});

pure("who waits is freed one by one, the first first", () => {
  const { backlog, freed } = backlogOf(600);
  for (const from of ["a", "a", "b", "b", "c", "c"]) backlog.add(said(from));
  for (const from of ["b", "a", "c"]) backlog.isFull(from);
  for (const from of ["c", "c", "a"]) backlog.remove(said(from));
  assertEquals(freed, ["c"]);
  backlog.remove(said("b"));
  assertEquals(freed, ["c", "b"]);
  backlog.remove(said("a"));
  assertEquals(freed, ["c", "b", "a"]);
});

pure("an empty payload weighs something, and the limit is 4,096 of them", () => {
  const { backlog } = backlogOf();
  const empty = { from: "a", text: "" };
  for (let n = 1; n <= 4_095; n++) backlog.add(empty);
  assertEquals(backlog.isFull("a"), false);
  backlog.add(empty);
  assertEquals(backlog.isFull("a"), true);
  assertEquals([backlog.has(empty), backlog.has({ text: "" })], [true, false]);
});

pure("whoever is told to wait is freed in the end, whatever is taken in between", () => {
  const step = fc.oneof(fc.constantFrom("a", "b", "c"), fc.constant("take" as const));
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const { backlog, freed } = backlogOf(400);
    const queue: string[] = [], waiting = new Set<string>();
    const take = () => {
      backlog.remove(said(queue.shift()!));
      for (const from of freed.splice(0)) assert(waiting.delete(from), "freed for nothing");
    };
    for (const step of steps) {
      if (step === "take") {
        if (queue.length > 0) take();
      } else if (backlog.isFull(step)) waiting.add(step);
      else {
        queue.push(step);
        backlog.add(said(step));
      }
      assert(queue.length <= 4 + 3, "more than the limit and one for each");
    }
    while (queue.length > 0) take();
    assertEquals(waiting.size, 0);
  }));
});
