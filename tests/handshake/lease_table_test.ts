import { assert, assertEquals } from "@std/assert";
import { isSame, LeaseTable } from "../../handshake/lease_table.ts";

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

pure("the reply of each lease stays what it was, however many follow", () => {
  const table = new LeaseTable({ lease: 1_000, maxLeases: 10_000 });
  const first = Array.from({ length: 5_000 }, (_, i) => table.grant(`id-${i}`, asker(i), 0).reply);
  while (table.expire(1_000));
  for (let i = 0; i < 10_000; i++) table.grant(`other-${i}`, asker(i), 2_000);
  assert(table.full);
  for (const [i, reply] of first.entries()) {
    assertEquals(new TextDecoder().decode(reply), `OK id-${i} 10.0.0.1 ${i}`);
  }
});

pure("askers are one by connection, port and host", () => {
  assert(isSame(asker(1), asker(1)));
  assert(!isSame(asker(1), asker(2)));
  assert(!isSame(asker(1), asker(1, 1)));
  assert(!isSame(asker(1, 1), asker(1, 2)));
  assert(!isSame(asker(1), { address: { hostname: "10.0.0.2", port: 1 }, connection: 0 }));
});
