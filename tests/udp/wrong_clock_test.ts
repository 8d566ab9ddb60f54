// A client that lives is up and one that is dead is down, whatever the client's clock says.

import { assert, assertEquals } from "@std/assert";
import { encodeHeartbeat } from "../../udp/message.ts";
import { PAUSE, PAUSE_LENGTH, timeoutsUntilBack, WRONG_CLOCKS } from "../support/wrong_clocks.ts";
import { A, type Bench, watching } from "../support/udp_bench.ts";

const TIMEOUT = 2_000, INTERVAL = 500;

function fresh(): Bench {
  const bench = watching({ clients: [{ address: A, timeout: TIMEOUT }] });
  bench.said();
  return bench;
}

/** Beats from `from` on to `to`, one after another. */
function beats(bench: Bench, clock: (t: number) => number, from: number, to: number): void {
  for (let t = from; t < to; t += INTERVAL) {
    bench.to(t).datagram(A, encodeHeartbeat({ sequence: 1, sentAt: clock(t) }));
  }
}

for (const [name, clock] of Object.entries(WRONG_CLOCKS)) {
  Deno.test(`a client that lives does not stay down if its clock ${name}`, {
    permissions: "none",
  }, () => {
    const bench = fresh();
    beats(bench, clock, 0, PAUSE);
    assertEquals(bench.words(), [`up ${A}`]);
    const back = PAUSE + PAUSE_LENGTH;
    assertEquals(bench.to(back - 1).words(), [`down ${A}`]);
    beats(bench, clock, back, back + 2 * TIMEOUT);
    beats(bench, clock, back + 2 * TIMEOUT, back + 600_000);
    const said = bench.words().filter((words) => words !== `clock-unusable ${A}`);
    assertEquals(said, [`recovered ${A}`], "once, and for good");
    // Another silence, and another end of it.
    assertEquals(bench.to(back + 610_000).words(), [`down ${A}`]);
    beats(bench, clock, back + 610_000, back + 610_000 + timeoutsUntilBack(name) * TIMEOUT);
    assertEquals(bench.words().slice(0, 1), [`recovered ${A}`]);
    assertEquals(bench.stateOf(A), "up");
  });
}

Deno.test("a client without a clock recovers after a timeout, and that is said with it once", {
  permissions: "none",
}, () => {
  const bench = fresh();
  const clock = WRONG_CLOCKS["stands still"]!;
  for (let from = 0; from < 100_000; from += 10_000) {
    beats(bench, clock, from, from + 7_000);
    const said = bench.words();
    if (from === 0) assertEquals(said, [`up ${A}`]);
    else {
      const extra = from === 10_000 ? [`clock-unusable ${A}`] : [];
      assertEquals(said, [`down ${A}`, `recovered ${A}`, ...extra]);
    }
  }
});

Deno.test("a client without a clock is not up before it was heard for a timeout", {
  permissions: "none",
}, () => {
  const bench = fresh();
  const clock = WRONG_CLOCKS["stands still"]!;
  beats(bench, clock, 0, 10_000);
  bench.to(15_000);
  beats(bench, clock, 15_000, 15_000 + TIMEOUT);
  assertEquals(bench.words(), [`up ${A}`, `down ${A}`]);
  beats(bench, clock, 15_000 + TIMEOUT, 15_001 + TIMEOUT);
  assertEquals(bench.words(), [`recovered ${A}`, `clock-unusable ${A}`]);
});

Deno.test("a clock that is of use is never said to be of none", { permissions: "none" }, () => {
  for (const name of ["is right", "jumps forward in the pause", "runs 10 % slow"]) {
    const bench = fresh();
    beats(bench, WRONG_CLOCKS[name]!, 0, PAUSE);
    beats(bench, WRONG_CLOCKS[name]!, PAUSE + PAUSE_LENGTH, 200_000);
    assertEquals(bench.words(), [`up ${A}`, `down ${A}`, `recovered ${A}`], name);
  }
});

/** What the network does to the beats that a client sent until it died, by the time of their arrival. */
const HELD_BACK: Readonly<Record<string, (index: number) => number>> = {
  "in one lump": (index) => index,
  "in lumps of five, each second": (index) => Math.floor(index / 5) * 1_000 + index % 5,
  "in two lumps, a timeout apart": (index) => (index < 20 ? 0 : TIMEOUT) + index,
  "in lumps of ten, a timeout apart": (index) => Math.floor(index / 10) * TIMEOUT + index % 10,
  "each 100 ms": (index) => index * 100,
  "each 250 ms": (index) => index * 250,
};

for (const [how, arrives] of Object.entries(HELD_BACK)) {
  Deno.test(`a dead client whose beats were held back and come ${how} stays down`, {
    permissions: "none",
  }, () => {
    const bench = fresh();
    const clock = WRONG_CLOCKS["is right"]!;
    beats(bench, clock, 0, 10_000);
    bench.to(60_000).said();
    for (let i = 0; i < 40; i++) {
      const sentAt = clock(10_000 + i * INTERVAL);
      bench.to(60_000 + arrives(i)).datagram(A, encodeHeartbeat({ sequence: 1, sentAt }));
    }
    assertEquals(bench.words(), []);
  });
}

Deno.test("a dead client without a clock whose beats come in a lump stays down", {
  permissions: "none",
}, () => {
  const bench = fresh();
  const clock = WRONG_CLOCKS["stands still"]!;
  beats(bench, clock, 0, 10_000);
  bench.to(60_000).said();
  for (const lump of [60_000, 61_000]) {
    for (let i = 0; i < 40; i++) {
      bench.to(lump + i).datagram(A, encodeHeartbeat({ sequence: 1, sentAt: clock(0) }));
    }
  }
  assertEquals(bench.words(), []);
});

Deno.test("a heartbeat now and then is no life: nothing may be silent for a timeout in between", {
  permissions: "none",
}, () => {
  const bench = fresh();
  const clock = WRONG_CLOCKS["stands still"]!;
  beats(bench, clock, 0, 10_000);
  bench.to(60_000).said();
  for (let t = 60_000; t < 100_000; t += TIMEOUT + 1) beats(bench, clock, t, t + 1);
  assertEquals(bench.words(), []);
});

Deno.test("whoever sends just often enough is believed as well, with the grace", {
  permissions: "none",
}, () => {
  const bench = watching({ clients: [{ address: A, timeout: TIMEOUT }], grace: 1_000 });
  const clock = WRONG_CLOCKS["stands still"]!;
  const each = TIMEOUT + 900;
  for (let t = 0; t < 20_000; t += each) bench.to(t), beats(bench, clock, t, t + 1);
  assertEquals(bench.words(), [`up ${A}`]);
  bench.to(60_000).said();
  for (let t = 60_000; t < 80_000; t += each) beats(bench, clock, t, t + 1);
  const said = bench.words();
  assert(said.includes(`recovered ${A}`), said.join());
  assertEquals(bench.stateOf(A), "up");
});
