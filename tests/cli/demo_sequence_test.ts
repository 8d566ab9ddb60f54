import { assert, assertEquals } from "@std/assert";
import { cutSequence } from "../../cli/demo/sequence.ts";

Deno.test("the demo's sequence is whole, whatever is done to its connection", async () => {
  const said: string[] = [];
  const { length, received, cuts, connections, good } = await cutSequence((text) =>
    said.push(text)
  );
  assert(good, said.join("\n"));
  assertEquals([received, cuts], [length, 4]);
  assert(connections >= 5, `${connections} connections`);
});
