// The framer against a split of the whole text.

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Framer } from "../../core/framer.ts";
import { bytesOf } from "../fuzz/target.ts";
import { runSteps, step } from "./step.ts";

const LIMIT = 8;

/** What came since the last message ended. */
interface Model {
  open: string;
  tooLong: boolean;
}

for (const mark of ["\n", ". ", "..", "a. "]) {
  // Few different bytes, so that marks and halves of them are common.
  const text = fc.string({ unit: fc.constantFrom("a", ".", " ", "\n"), maxLength: 12 });
  const push = text.map((chunk) =>
    step<Model, Framer>(`push(${JSON.stringify(chunk)})`, (model, framer) => {
      framer.push(bytesOf(chunk));
      const found: string[] = [];
      while (framer.next()) found.push(framer.text());
      assertEquals(found, split(model, chunk, mark));
      assertEquals([framer.waiting, framer.tooLong], [model.open.length, model.tooLong]);
    })
  );
  const rest = fc.constant(
    step<Model, Framer>("rest()", (model, framer) => {
      // What waits may be longer by the part of a mark, and is then no message.
      const ends = model.open.length > 0 && model.open.length <= LIMIT;
      model.tooLong ||= model.open.length > LIMIT;
      assertEquals(framer.rest(), ends);
      if (ends) assertEquals(framer.text(), model.open);
      model.open = "";
      assertEquals([framer.waiting, framer.tooLong], [0, model.tooLong]);
    }),
  );

  Deno.test(`model: a framer is a split of the whole text at ${JSON.stringify(mark)}`, {
    permissions: "none",
  }, () =>
    runSteps(
      [push, push, push, rest],
      () => ({ model: { open: "", tooLong: false }, real: new Framer(mark, { limit: LIMIT }) }),
      { runs: 500, length: 30 },
    ));
}

/** The messages that a chunk ends, up to the first that is too long. */
function split(model: Model, chunk: string, mark: string): string[] {
  if (model.tooLong) return [];
  const messages = (model.open + chunk).split(mark);
  model.open = messages.pop()!;
  const long = messages.findIndex(({ length }) => length > LIMIT);
  if (long < 0 && model.open.length < LIMIT + mark.length) return messages;
  model.tooLong = true;
  model.open = "";
  return long < 0 ? messages : messages.slice(0, long);
}
