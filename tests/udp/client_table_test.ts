import { assertEquals } from "@std/assert";
import { ClientTable } from "../../udp/client_table.ts";

Deno.test({
  name: "clients in one table have bursts and a link of their own",
  permissions: "none",
  fn() {
    const table = new ClientTable();
    const clients = [0, 1, 64];
    for (const client of clients) {
      table.bursts(client).clear();
      table.link(client).clear();
    }
    const numbers = clients.map((client, i) => table.bursts(client).observe(1 + i, 1_000, i));
    for (const [i, client] of clients.entries()) table.link(client).observe(i, 1_000, 1_004 + i, 0);
    assertEquals(numbers, [0, 1, 2]);
    assertEquals(clients.map((client) => table.bursts(client).seen), [1, 1, 1]);
    assertEquals(clients.map((client) => table.link(client).report().offset), [4, 5, 6]);
  },
});

Deno.test({
  name: "a client that takes another's place has nothing of it",
  permissions: "none",
  fn() {
    const table = new ClientTable();
    table.bursts(3).clear();
    table.link(3).clear();
    table.bursts(3).observe(1, 1_000, 0);
    table.link(3).observe(1, 1_000, 1_000, 0);
    table.bursts(3).clear();
    table.link(3).clear();
    assertEquals(table.bursts(3).seen, 0);
    assertEquals(table.link(3).report().received, 0);
  },
});
