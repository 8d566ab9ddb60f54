import { assertEquals } from "@std/assert";
import { KEYS, pressed } from "../../cli/config/proxy_keys.ts";
import type { Faults } from "../../proxy/faults.ts";
import type { FaultProxy } from "../../proxy/server.ts";

/** A proxy that writes down what it is asked for. */
function recorder(): { told: string[]; press: (keys: string) => boolean[]; given: () => Faults } {
  const told: string[] = [];
  let given: Faults = {};
  const proxy = {
    get given() {
      return given;
    },
    set: (faults: Faults) => void (given = faults),
    inject: (by: string) => void told.push(by),
    cut: () => void told.push("cut"),
    heal: () => void told.push("heal"),
  } as unknown as FaultProxy;
  const press = (keys: string) =>
    [...keys].map((key) => pressed(key, proxy, () => told.push("quit")));
  return { told, press, given: () => given };
}

/** Which directions are a blackhole. */
const holes = ({ up, down }: Faults) => [up?.blackhole, down?.blackhole];

/** Each row: keys, and which directions are a blackhole then. */
const BLACKHOLES: readonly (readonly [string, boolean, boolean])[] = [
  ["u", true, false],
  ["uu", false, false],
  ["d", false, true],
  ["dd", false, false],
  ["ud", true, true],
  ["b", true, true],
  ["bb", false, false],
  ["ub", true, true],
  ["bd", true, false],
];

for (const [keys, up, down] of BLACKHOLES) {
  Deno.test(`keys: ${keys} makes a blackhole of up ${up}, down ${down}`, {
    permissions: "none",
  }, () => {
    const { press, given } = recorder();
    press(keys);
    assertEquals(holes(given()), [up, down]);
  });
}

Deno.test("a blackhole that was given for both ways is undone in one", {
  permissions: "none",
}, () => {
  const { press, given } = recorder();
  press("n");
  Object.assign(given(), { blackhole: true });
  press("u");
  assertEquals([...holes(given()), given().blackhole], [false, true, undefined]);
});

Deno.test("keys: latency adds up, refusing is on and off, and n undoes both", {
  permissions: "none",
}, () => {
  const { press, given } = recorder();
  press("lls");
  assertEquals(given(), { latency: 200, refuse: 1 });
  press("s");
  assertEquals(given().refuse, 0);
  press("n");
  assertEquals(given(), {});
});

Deno.test("every key of the list does something, any other nothing", {
  permissions: "none",
}, () => {
  const { press, told } = recorder();
  assertEquals(press(Object.keys(KEYS).join("")).includes(false), false);
  assertEquals(told, ["reset", "fin", "cut", "heal", "quit"]);
  assertEquals([press("\x03"), press("x")], [[true], [false]]);
});
