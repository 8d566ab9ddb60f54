import { assertEquals } from "@std/assert";
import { AddressIndex } from "../../core/address_index.ts";

const [DOOR, WINDOW] = ["10.0.0.7", "fe80::1"].map((hostname) => ({ hostname, port: 5001 }));

Deno.test("an address has the number that it was given last", { permissions: "none" }, () => {
  const index = new AddressIndex();
  for (const address of [DOOR!, WINDOW!]) {
    index.set(address, 3);
    index.set(address, 0.5);
    assertEquals(index.get(address), 0.5);
  }
  assertEquals(index.size, 2);
});

Deno.test("an address that is deleted gives its number back, once", { permissions: "none" }, () => {
  const index = new AddressIndex();
  for (const address of [DOOR!, WINDOW!]) {
    index.set(address, 7);
    assertEquals([index.delete(address), index.delete(address)], [7, undefined]);
    assertEquals([index.get(address), index.size], [undefined, 0]);
  }
});
