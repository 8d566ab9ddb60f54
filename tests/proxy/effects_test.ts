// That a fault which would do nothing is refused in one line that names what would do something, wherever
// faults are given.

import { assertEquals, assertThrows } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import type { ProxyTransport } from "../../proxy/effects.ts";
import { DIRECTION_FAULTS, type Faults, LINK_FAULTS } from "../../proxy/faults.ts";
import { ProxyMachine } from "../../proxy/machine.ts";
import type { ProxyMachineOptions } from "../../proxy/options.ts";

/** Defines a pure test. */
function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

function make(options: ProxyMachineOptions, transport?: ProxyTransport): ProxyMachine {
  return new ProxyMachine(options, { seed: 1, ...(transport && { transport }) });
}

const OF_TCP = "one of latency, jitter, bandwidth, slice, cutBytes, cutLines, cutBy, blackhole, " +
  "refuse, silence, or a proxy of UDP";
const OF_UDP = "one of latency, jitter, bandwidth, blackhole, loss, burst, duplicate, reorder, " +
  "corrupt, or a proxy of TCP";

/** Each row: what is carried, the options, and the complaint. */
const REFUSED: readonly (readonly [ProxyTransport, ProxyMachineOptions, string])[] = [
  ["tcp", { faults: { loss: 0.1 } }, `loss: it has no effect over TCP, wanted ${OF_TCP}`],
  [
    "tcp",
    { faults: { up: { loss: 1 } } },
    "up.loss: it has no effect over TCP, wanted one of latency",
  ],
  ["tcp", { faults: { latency: 5, burst: 5, loss: 0.1 } }, "burst: it has no effect over TCP"],
  ["tcp", { idle: 1_000 }, "idle: it has no effect over TCP, wanted a proxy of UDP"],
  ["udp", { faults: { slice: 3 } }, `slice: it has no effect over UDP, wanted ${OF_UDP}`],
  ["udp", { faults: { refuse: 1 } }, "refuse: it has no effect over UDP"],
  ["udp", { faults: { cutBy: "fin" } }, "cutBy: it has no effect over UDP"],
  ["both", { faults: { burst: 5 } }, "burst: it has no effect by itself, wanted loss beside it"],
  [
    "both",
    { faults: { up: { burst: 5 }, down: { loss: 0.1 } } },
    "up.burst: it has no effect by itself, wanted up.loss beside it",
  ],
  [
    "tcp",
    { faults: { cutBy: "fin" } },
    "cutBy: it has no effect by itself, wanted cutBytes or cutLines beside it",
  ],
  [
    "tcp",
    { schedule: [{ at: 1, set: { latency: 1 } }, { at: 1, set: { down: { reorder: 1 } } }] },
    "steps[1].set.down.reorder: it has no effect over TCP, wanted one of latency",
  ],
  [
    "udp",
    { schedule: [{ at: 1, do: "reset" }] },
    "steps[0].do reset: it has no effect over UDP, wanted cut or heal",
  ],
];

for (const [transport, options, complaint] of REFUSED) {
  test(`over ${transport}: ${complaint.slice(0, 60)}`, () => {
    const error = assertThrows(() => make(options, transport), HeartlineError, complaint);
    assertEquals(error.code, "invalid-option");
  });
}

/** Each row: what is carried, and options that do something. */
const TAKEN: readonly (readonly [string, ProxyTransport | undefined, ProxyMachineOptions])[] = [
  ["what is off claims nothing", "tcp", { faults: { loss: 0, latency: 5 } }],
  ["a burst of losses that are off for now", "udp", { faults: { loss: 0, burst: 5 } }],
  ["a burst up of losses both ways", "udp", { faults: { loss: 0.1, up: { burst: 5 } } }],
  ["a burst both ways of losses up", "udp", { faults: { up: { loss: 0.1 }, burst: 5 } }],
  ["a burst of losses that come later", "udp", {
    faults: { burst: 5 },
    schedule: [{ at: 5, set: { loss: 0.1 } }],
  }],
  ["a step that lies over losses", "udp", {
    faults: { loss: 0.1 },
    schedule: [{ at: 5, set: { burst: 5 } }],
  }],
  ["whatever, where both are carried", "both", { faults: { loss: 0.1, slice: 5 }, idle: 5 }],
  ["whatever, where it is not said", undefined, { faults: { loss: 0.1, slice: 5 } }],
  ["what is not given", "tcp", { faults: { loss: undefined } as unknown as Faults }],
  ["a cut of datagrams", "udp", { schedule: [{ at: 5, do: "cut" }, { at: 6, do: "heal" }] }],
];

for (const [name, transport, options] of TAKEN) {
  test(`taken: ${name}`, () => void make(options, transport));
}

test("every fault has an effect over TCP or UDP", () => {
  for (const name of Object.keys({ ...DIRECTION_FAULTS, ...LINK_FAULTS })) {
    const faults: Faults = {
      ...(name === "burst" && { loss: 1 }),
      ...(name === "cutBy" && { cutBytes: 1 }),
      [name]: name === "cutBy" ? "fin" : name === "blackhole" ? true : 1,
    };
    const takes = (["tcp", "udp"] as const).filter((transport) => {
      try {
        return make({ faults }, transport);
      } catch {
        return false;
      }
    });
    assertEquals(takes.length > 0, true, name);
  }
});

test("while it runs, what does nothing is refused and changes nothing", () => {
  const machine = make({ faults: { latency: 5 } }, "udp");
  machine.handle({ type: "started" }, 0);
  assertThrows(
    () => machine.handle({ type: "set", faults: { slice: 5 } }, 0),
    HeartlineError,
    "slice: it has no effect over UDP",
  );
  assertThrows(
    () => machine.handle({ type: "inject", by: "reset" }, 0),
    HeartlineError,
    "Cannot use reset: it has no effect over UDP, wanted cut or heal",
  );
  assertEquals(machine.faults, { latency: 5 });
});

test("a fault or a key of a step that there is not is refused", () => {
  const unknown = { latenci: 5 } as Faults;
  assertThrows(
    () => make({ faults: unknown }),
    HeartlineError,
    "latenci: no such fault, wanted one of",
  );
  const down = { down: { refuse: 1 } } as Faults;
  assertThrows(() => make({ faults: down }), HeartlineError, "down.refuse: no such fault");
  const step = { at: 1, sett: { latency: 5 }, do: "cut" } as const;
  assertThrows(
    () => make({ schedule: [step] }),
    HeartlineError,
    "steps[0].sett: wanted one of at, for",
  );
});
