import { assertEquals } from "@std/assert";
import { ClientTable } from "../../udp/client_row.ts";

Deno.test({
  name: "clients in one table have a row of their own each",
  permissions: "none",
  fn() {
    const table = new ClientTable();
    const clients = [0, 1, 64];
    for (const client of clients) table.row(client).begin(1_000 + client);
    table.row(1).state = "up";
    for (const client of clients) {
      table.row(client).hear(10 * client, client);
      table.row(client).observe({ sequence: 1, sentAt: 1_000 }, 1_004 + client, 0);
    }
    const read = clients.map((client) => {
      const { state, timeout, heardAt, stalledBefore, bursts, reception } = table.row(client);
      return [state, timeout, heardAt, stalledBefore, bursts.seen, reception.report().offset];
    });
    assertEquals(read, [
      ["waiting", 1_000, 0, 0, 1, 4],
      ["up", 1_001, 10, 1, 1, 5],
      ["waiting", 1_064, 640, 64, 1, 68],
    ]);
  },
});

Deno.test({
  name: "a client that takes another's row has nothing of it",
  permissions: "none",
  fn() {
    const row = new ClientTable().row(3);
    row.begin(1_000);
    row.observe({ sequence: 1, sentAt: 1_000 }, 1_000, 0);
    row.state = "down";
    row.fallSilent();
    row.begin(2_000);
    const number = row.observe({ sequence: 7, sentAt: 5_000 }, 5_000, 4_000);
    assertEquals([row.state, row.timeout, number], ["waiting", 2_000, "next"]);
    assertEquals([row.bursts.seen, row.reception.report().received, row.reception.report().loss], [
      1,
      1,
      0,
    ]);
  },
});
