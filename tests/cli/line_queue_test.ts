/**
 * What waits for a slow reader, and what is left out where there is no room.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { LineQueue, type Weight } from "../../cli/command/line_queue.ts";

interface Row {
  readonly why: string;
  readonly limit: number;
  readonly added: readonly (readonly [string, Weight])[];
  readonly taken: string;
}

const ROWS: readonly Row[] = [
  { why: "nothing waits", limit: 9, added: [], taken: "" },
  {
    why: "there is room: all, in order",
    limit: 9,
    added: [["a.", "chatter"], ["B.", "kept"], ["c.", "chatter"]],
    taken: "a.B.c.",
  },
  {
    why: "chatter is left out before anything that is kept",
    limit: 4,
    added: [["A.", "kept"], ["b.", "chatter"], ["C.", "kept"]],
    taken: "(1)A.C.",
  },
  {
    why: "the oldest chatter goes first",
    limit: 4,
    added: [["a.", "chatter"], ["b.", "chatter"], ["c.", "chatter"], ["d.", "chatter"]],
    taken: "(2)c.d.",
  },
  {
    why: "all are kept: the newest stay",
    limit: 4,
    added: [["A.", "kept"], ["B.", "kept"], ["C.", "kept"]],
    taken: "(1)B.C.",
  },
  {
    why: "no line is as long as the limit",
    limit: 4,
    added: [["longer.", "kept"], ["B.", "kept"]],
    taken: "(1)B.",
  },
  {
    why: "of frames the newest waits, in its place, and none is counted",
    limit: 4,
    added: [["one", "frame"], ["A.", "kept"], ["a longer two", "frame"], ["B.", "kept"]],
    taken: "A.a longer twoB.",
  },
];

for (const { why, limit, added, taken } of ROWS) {
  Deno.test({
    name: `lines that wait: ${why}`,
    permissions: "none",
    fn() {
      const queue = new LineQueue(limit);
      for (const [text, weight] of added) queue.add(text, weight);
      assertEquals(queue.take((count) => `(${count})`), taken);
      assertEquals([queue.length, queue.take(() => "again")], [0, ""]);
    },
  });
}

Deno.test({
  name: "lines that wait are taken in parts, and dropped where nobody reads",
  permissions: "none",
  fn() {
    const queue = new LineQueue();
    for (const text of ["a.", "b.", "c.", "d."]) queue.add(text, "chatter");
    queue.add("frame", "frame");
    assertEquals([queue.length, queue.take(String, 3), queue.length], [13, "a.b.", 9]);
    queue.clear();
    assertEquals([queue.length, queue.take(String)], [0, ""]);
  },
});
