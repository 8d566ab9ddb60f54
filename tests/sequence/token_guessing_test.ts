// What guessing a token costs the server and gains the guesser.

import { assert, assertEquals } from "@std/assert";
import { MemoryStore } from "../../store/memory.ts";
import { hello, indices, SequenceStory } from "../support/sequence_story.ts";

Deno.test(
  "100,000 wrong tokens: no resume, no change, the stream undisturbed",
  { permissions: "none" },
  async () => {
    const store = new MemoryStore();
    const story = new SequenceStory({ store });
    await story.open(1, hello(100));
    const { session } = story.ticket(1);
    const before = await store.load(session);
    const { machine } = story;
    const remote = { hostname: "10.6.6.6", port: 1 };
    const encoder = new TextEncoder();
    let accepted = 0;
    for (let n = 0; n < 100_000; n++) {
      const connection = n + 10;
      machine.handle({ type: "opened", connection, remote, local: remote }, 0);
      const token = n.toString(16).padStart(32, "0");
      const bytes = encoder.encode(`RESUME 1 ${session} ${token} 0\n`);
      const [ask] = machine.handle({ type: "data", connection, bytes }, 0);
      assert(ask?.type === "store" && ask.call.type === "load");
      const answer = { type: "loaded", session: before } as const;
      const outputs = machine.handle({ type: "answer", request: ask.request, answer }, 0);
      if (outputs.some(({ type }) => type === "store" || type === "resumed")) accepted++;
    }
    assertEquals(accepted, 0);
    assertEquals(await store.load(session), before);
    await story.pass(3_000);
    assertEquals(indices(story.lines(1)), [0, 1, 2]);
  },
);
