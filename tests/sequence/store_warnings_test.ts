import { assertEquals } from "@std/assert";
import { SequenceStory } from "../support/sequence_story.ts";

const evicts = (n: number) => ({ code: "evicts", message: `policy ${n}` }) as const;
const clock = { code: "clock", message: "3 s apart" } as const;

Deno.test("what is wrong with a store is said when it begins, and when it comes back", {
  permissions: "none",
}, async () => {
  const story = new SequenceStory();
  for (const warnings of [[], [evicts(1)], [evicts(2), clock], [clock], [evicts(3), clock], []]) {
    await story.tell({ type: "store-checked", warnings });
  }
  assertEquals(story.said, [
    { type: "store-warning", ...evicts(1) },
    { type: "store-warning", ...clock },
    { type: "store-warning", ...evicts(3) },
  ]);
});
