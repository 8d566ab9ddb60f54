// That flags of faults which would do nothing are refused by the names that their user typed.

import { assertEquals, assertThrows } from "@std/assert";
import { givenFaults } from "../../cli/config/fault_options.ts";
import { keysOf } from "../../cli/config/proxy_keys.ts";
import { HeartlineError } from "../../core/errors.ts";
import type { ProxyTransport } from "../../proxy/effects.ts";

/** Each row: what is carried, the flags, and the complaint. */
const REFUSED: readonly (readonly [ProxyTransport, Record<string, unknown>, string])[] = [
  ["tcp", { loss: 0.1 }, "Cannot use --loss: it has no effect over TCP, wanted one of --latency"],
  ["udp", { "cut-lines": 3 }, "Cannot use --cut-lines: it has no effect over UDP"],
  ["udp", { burst: 3 }, "Cannot use --burst: it has no effect by itself, wanted --loss beside it"],
  ["tcp", { "cut-by": "fin" }, "wanted --cut-bytes or --cut-lines beside it"],
  ["tcp", { direction: "up" }, "Cannot use --direction: it has no effect by itself"],
  ["tcp", { direction: "down", refuse: 0.5 }, "Cannot use --direction: it has no effect by itself"],
];

for (const [transport, flags, complaint] of REFUSED) {
  Deno.test(`over ${transport}: ${JSON.stringify(flags)}`, { permissions: "none" }, () => {
    const given = { direction: "both" as const, ...flags };
    assertThrows(() => givenFaults(given, transport), HeartlineError, complaint);
  });
}

Deno.test("flags may lie over what a file says", { permissions: "none" }, () => {
  const given = { direction: "up" as const, burst: 5 };
  assertEquals(givenFaults(given, "udp", [{ loss: 0.1 }]), { up: { burst: 5 } });
});

Deno.test("keys that do nothing to datagrams are left out", { permissions: "none" }, () => {
  assertEquals(Object.keys(keysOf("udp")).join(""), "udblchnq");
  assertEquals(Object.keys(keysOf("both")).join(""), "rfudblschnq");
});
