// The table of leases against a map with times.

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { LeaseTable } from "../../handshake/lease_table.ts";
import { runSteps, type Step, step } from "./step.ts";

const LEASE = 300;
const MOST = 4;

interface Model {
  now: number;
  /** When each lease ends, those that are over and were not expired yet included. */
  readonly ends: Map<string, number>;
}

const ID = fc.constantFrom("a", "b", "c", "d", "e", "f");
const MS = fc.nat(8).map((n) => n * 50);

const grant = ID.map((id) =>
  table(`grant(${id})`, ({ now, ends }, leases) => {
    const holder = { address: { hostname: "10.0.0.1", port: 1 }, connection: 0 };
    assertEquals(leases.grant(id, holder, now), { id, holder, expiresAt: now + LEASE });
    ends.set(id, now + LEASE);
  }, ({ now, ends }) => !(ends.get(id)! > now) && (ends.has(id) || ends.size < MOST))
);
const expire = fc.constant(
  table("expire()", ({ now, ends }, leases) => {
    const over: string[] = [];
    for (let lease; (lease = leases.expire(now)) !== undefined;) over.push(lease.id);
    const wanted = [...ends].filter(([, end]) => end <= now).map(([id]) => id);
    assertEquals(over.sort(), wanted.sort());
    for (const id of wanted) ends.delete(id);
  }),
);
const pass = MS.map((ms) =>
  table(`pass(${ms})`, (model) => {
    model.now += ms;
  })
);

Deno.test(
  "model: a table of leases is a map with times",
  { permissions: "none" },
  () =>
    runSteps<Model, LeaseTable>(
      [grant, grant, grant, expire, pass],
      () => ({
        model: { now: 0, ends: new Map() },
        real: new LeaseTable({ lease: LEASE, maxLeases: MOST }),
      }),
      { length: 100 },
    ),
);

function table(
  words: string,
  run: (model: Model, leases: LeaseTable) => void,
  may?: (model: Readonly<Model>) => boolean,
): Step<Model, LeaseTable> {
  return step(words, (model, leases) => {
    run(model, leases);
    const { now, ends } = model;
    assertEquals([leases.size, leases.full], [ends.size, ends.size === MOST]);
    assertEquals(leases.next ?? Infinity, Math.min(Infinity, ...ends.values()));
    for (const id of "abcdef") {
      const end = ends.get(id), valid = end !== undefined && now < end;
      assertEquals(leases.get(id, now)?.expiresAt, valid ? end : undefined, id);
    }
  }, may);
}
