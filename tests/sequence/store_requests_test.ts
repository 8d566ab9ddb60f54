// Which answer belongs to which question.

import { assertEquals } from "@std/assert";
import { Reports } from "../../sequence/reports.ts";
import { StoreRequests } from "../../sequence/store_requests.ts";
import type { Step } from "../../sequence/step.ts";
import { Timers } from "../../sequence/timers.ts";

Deno.test("each answer goes to its question, once", { permissions: "none" }, () => {
  const requests = new StoreRequests(new Reports(new Timers()));
  const step: Step = { now: 0, outputs: [] };
  const answered: string[] = [];
  for (const id of ["a", "b"]) {
    requests.ask({ type: "load", id }, () => void answered.push(id), step);
  }
  const asked = step.outputs.map((output) => output.type === "store" ? output.request : undefined);
  assertEquals(asked, [1, 2]);
  for (const request of [2, 2, 1, 1, 3]) {
    requests.answer(request, { type: "stored", changed: true }, step);
  }
  assertEquals(answered, ["b", "a"]);
});
