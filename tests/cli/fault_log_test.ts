import { assert, assertEquals } from "@std/assert";
import { FaultLog } from "../../cli/demo/fault_log.ts";

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

const killed = { client: "a", what: "killed", expected: "lost", at: 1_000 } as const;

pure("an injected failure that is noticed is good, with the time it took", () => {
  const faults = new FaultLog();
  faults.inject(killed);
  assert(!faults.good);
  faults.observe("a", "lost", 3_500);
  assert(faults.good);
  assertEquals(faults.outcomes, [{ ...killed, after: 2_500 }]);
});

pure("a failure that is not noticed is not good", () => {
  const faults = new FaultLog();
  faults.inject(killed);
  faults.observe("b", "lost", 3_500);
  assert(!faults.settled);
  assertEquals(faults.outcomes, [{ ...killed, after: undefined }]);
});

pure("an alarm without a cause is not good, nor is a second one for the same cause", () => {
  const faults = new FaultLog();
  faults.inject(killed);
  faults.observe("a", "lost", 3_500);
  faults.observe("a", "lost", 4_000);
  assert(faults.settled && !faults.good);
  assertEquals(faults.unexplained, ["a was reported lost without a cause"]);
});
