import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Address, formatAddress } from "../../core/address.ts";
import { AddressMap } from "../../core/address_map.ts";

/** Addresses, names, and texts that only look like an IPv4 address: no two of them are the same host. */
const HOSTS = [
  "0.0.0.0",
  "10.0.0.1",
  "0.10.0.1",
  "1.0.0.10",
  "255.255.255.255",
  "010.0.0.1",
  "10.0.0.01",
  "256.0.0.1",
  "10.0.0.1.0",
  "10.0.1",
  "10.0.0.",
  ".10.0.0.1",
  "10..0.1",
  "10.0.0.1 ",
  "10.0.0.1x",
  "::1",
  "fe80::1%eth0",
  "door",
  "",
];

Deno.test("an address map agrees with a map keyed by the written address", {
  permissions: "none",
}, () => {
  const address = fc.record({
    hostname: fc.constantFrom(...HOSTS),
    port: fc.constantFrom(0, 1, 65_535),
  });
  const step = fc.oneof(
    {
      weight: 2,
      arbitrary: fc.record({ act: fc.constant("set" as const), address, value: fc.nat() }),
    },
    { weight: 1, arbitrary: fc.record({ act: fc.constant("delete" as const), address }) },
  );
  const steps = fc.array(step, { maxLength: 200, size: "max" });
  fc.assert(fc.property(steps, address, fc.integer(), (steps, other, seed) => {
    const map = new AddressMap<number>(seed);
    const model = new Map<string, number>();
    for (const step of steps) {
      const key = formatAddress(step.address);
      if (step.act === "set") {
        map.set(step.address, step.value);
        model.set(key, step.value);
      } else {
        assertEquals(map.delete(step.address), model.delete(key));
      }
    }
    assertEquals(map.size, model.size);
    assertEquals(map.get(other), model.get(formatAddress(other)));
    assertEquals([...map.values()].sort(), [...model.values()].sort());
  }));
});

Deno.test("every host of an address map is another one", { permissions: "none" }, () => {
  const map = new AddressMap<string>();
  for (const hostname of HOSTS) map.set({ hostname, port: 1 }, hostname);
  assertEquals(HOSTS.map((hostname) => map.get({ hostname, port: 1 })), HOSTS);
  assertEquals([...map.values()], HOSTS);
});

Deno.test("an address map finds all that stay while thousands come and go", {
  permissions: "none",
}, () => {
  const map = new AddressMap<number>(7);
  const at = (i: number): Address => ({ hostname: `10.0.${i >> 8}.${i & 255}`, port: 1 + i % 3 });
  const numbers = Array.from({ length: 10_000 }, (_, i) => i);
  for (const i of numbers) map.set(at(i), i);
  for (const i of numbers) if (i % 3 > 0) assertEquals(map.delete(at(i)), true);
  assertEquals(map.size, 3_334);
  assertEquals(numbers.filter((i) => map.get(at(i)) === i), numbers.filter((i) => i % 3 === 0));
});

Deno.test("an address that is added takes the place of one that was deleted", {
  permissions: "none",
}, () => {
  const map = new AddressMap<string>();
  const [one, two, three] = [1, 2, 3].map((port) => ({ hostname: "10.0.0.7", port }));
  map.set(one!, "one");
  map.set(two!, "two");
  map.delete(one!);
  map.set(three!, "three");
  assertEquals([...map.values()], ["three", "two"]);
});

Deno.test("an address map keeps nothing of an address that was deleted", {
  permissions: "none",
}, () => {
  const map = new AddressMap<string>();
  const address: Address = { hostname: "10.0.0.7", port: 1 };
  map.set(address, "sensor");
  assertEquals([map.delete(address), map.delete(address)], [true, false]);
  assertEquals([map.get(address), map.size, [...map.values()]], [undefined, 0, []]);
});
