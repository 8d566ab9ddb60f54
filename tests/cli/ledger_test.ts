import { assert, assertEquals } from "@std/assert";
import { Ledger } from "../../cli/demo/ledger.ts";

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

const killed = { client: "a", what: "killed", expected: "lost", at: 1_000 } as const;

pure("an injected failure that is noticed is good, with the time it took", () => {
  const ledger = new Ledger();
  ledger.inject(killed);
  assert(!ledger.good);
  ledger.observe("a", "lost", 3_500);
  assert(ledger.good);
  assertEquals(ledger.outcomes, [{ ...killed, after: 2_500 }]);
});

pure("a failure that is not noticed is not good", () => {
  const ledger = new Ledger();
  ledger.inject(killed);
  ledger.observe("b", "lost", 3_500);
  assert(!ledger.settled);
  assertEquals(ledger.outcomes, [{ ...killed, after: undefined }]);
});

pure("an alarm without a cause is not good, nor is a second one for the same cause", () => {
  const ledger = new Ledger();
  ledger.inject(killed);
  ledger.observe("a", "lost", 3_500);
  ledger.observe("a", "lost", 4_000);
  assert(ledger.settled && !ledger.good);
  assertEquals(ledger.unexplained, ["a was reported lost without a cause"]);
});
