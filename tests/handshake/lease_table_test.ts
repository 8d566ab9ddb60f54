import { assert, assertEquals } from "@std/assert";
import { isSame } from "../../handshake/lease.ts";
import { LeaseTable } from "../../handshake/lease_table.ts";

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });
const asker = (port: number, connection = 0) => ({
  address: { hostname: "10.0.0.1", port },
  connection,
});

pure("a lease that is over is none, though nobody swept it, and its id can be leased again", () => {
  const table = new LeaseTable({ lease: 100 });
  table.grant("a", asker(1), 0);
  assertEquals(table.get("a", 99.999)?.holder, asker(1));
  assertEquals(table.get("a", 100), undefined);
  table.grant("a", asker(2), 100);
  assertEquals([table.size, table.next, table.get("a", 199)?.holder], [1, 200, asker(2)]);
  assertEquals([table.expire(199), table.expire(200)?.id, table.size], [undefined, "a", 0]);
});

pure("thousands of leases end in their order, also while others begin", () => {
  const table = new LeaseTable({ lease: 1_000, maxLeases: 10_000 });
  for (let i = 0; i < 5_000; i++) table.grant(`id-${i}`, asker(i), i / 10);
  for (let i = 0; i < 20_000; i++) {
    const now = 1_000 + i / 10, id = `id-${i}`;
    assertEquals(table.expire(now), { id, holder: asker(i), expiresAt: now });
    assertEquals(table.expire(now), undefined);
    table.grant(`id-${i + 5_000}`, asker(i + 5_000), now - 500);
    assertEquals(table.size, 5_000);
  }
});

pure("askers are one by connection, port and host", () => {
  assert(isSame(asker(1), asker(1)));
  assert(!isSame(asker(1), asker(2)));
  assert(!isSame(asker(1), asker(1, 1)));
  assert(!isSame(asker(1, 1), asker(1, 2)));
  assert(!isSame(asker(1), { address: { hostname: "10.0.0.2", port: 1 }, connection: 0 }));
});
