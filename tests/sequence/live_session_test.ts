// One session as the server that holds it sees it: the schedule and the checksum.

import { assert, assertEquals } from "@std/assert";
import { SequenceChecksum } from "../../sequence/checksum.ts";
import { LiveSession } from "../../sequence/live_session.ts";
import type { SequenceSession } from "../../sequence/store.ts";

const PURE = { permissions: "none" } as const;
const value = (index: number): number => index * 7;

/** A session of five numbers that the store knows to be confirmed below `next`. */
function session(next: number, start = 1_000, source = value): LiveSession {
  return new LiveSession(record(1, next), source, 0, start);
}

function record(epoch: number, next: number): SequenceSession {
  return {
    ...{ id: "0".repeat(32), seed: [7, 9], length: 5, epoch, next, tokenHash: "0".repeat(64) },
    ...{ previousTokenHash: "1".repeat(64), state: "open", expiresAt: 0 },
  };
}

function wanted() {
  const checksum = new SequenceChecksum();
  for (let index = 0; index < 5; index++) checksum.add(value(index));
  return checksum.digest();
}

Deno.test("what was made before the source failed is sent, and why it failed is kept", PURE, () => {
  const source = (index: number): number => {
    if (index === 3) throw new Error("no three");
    return value(index);
  };
  const held = session(1, 1_000, source);
  assertEquals([held.take(9), held.sent, held.fault], [[7, 14], 3, "no three"]);
  assertEquals([held.take(1), held.sent, held.digest()], [[], 3, undefined]);
});

Deno.test("the checksum covers what another server sent", PURE, () => {
  const held = session(3);
  assertEquals([held.take(1), held.take(9), held.take(9)], [[21], [28], []]);
  assertEquals(held.digest(), wanted());
});

Deno.test("the checksum counts what is sent again once", PURE, () => {
  const held = session(0);
  held.take(4);
  held.restart(record(2, 0), 1);
  held.take(5);
  assertEquals(held.digest(), wanted());
});

Deno.test("who resumes at an index has everything below it", PURE, () => {
  const held = session(0);
  held.restart(record(2, 1), 4);
  assertEquals([held.sent, held.confirmed], [4, 4]);
});

Deno.test("what a store should have is what it had, and what was confirmed since", PURE, () => {
  const held = session(0);
  assertEquals(held.record(77), { ...record(1, 0), expiresAt: 77 });
  held.restart({ ...record(2, 0), tokenHash: "2".repeat(64) }, 3);
  const resumed = { ...record(2, 3), tokenHash: "2".repeat(64) };
  assertEquals(held.record(0), resumed);
  held.trusted = true;
  assertEquals(held.record(0), { ...resumed, previousTokenHash: undefined });
});

/** Each row: what is found of a session of epoch 2, and how it stands to that. */
const STANDINGS = [
  ["nothing", undefined, "behind"],
  ["an earlier epoch", record(1, 4), "behind"],
  ["the same", record(2, 0), "same"],
  ["the same, renewed", { ...record(2, 4), expiresAt: 9 }, "same"],
  ["the epoch under another token", { ...record(2, 0), tokenHash: "2".repeat(64) }, "ahead"],
  ["a later epoch", record(3, 0), "ahead"],
] as const;

for (const [what, found, standing] of STANDINGS) {
  Deno.test(`a store that has ${what} is ${standing}`, PURE, () => {
    const held = session(0);
    held.restart(record(2, 1), 0);
    assertEquals(held.standing(found), standing);
  });
}

/** Each row: now, and when the next number is due at an interval of a second from 1,000 on. */
for (
  const [now, due] of [
    [0, 1_000],
    [999, 1_000],
    [1_000, 2_000],
    [1_001, 2_000],
    [59_999.5, 60_000],
  ] as const
) {
  Deno.test(`at ${now} the next number is due at ${due}`, PURE, () => {
    assertEquals(session(0).dueAfter(now, 1_000), due);
  });
}

Deno.test("the first number is due an interval after WELCOME, also at an odd instant", PURE, () => {
  const now = 304.2848354163019, start = now + 1_000;
  assert(now - start < -1_000, "it is rounded");
  assertEquals(session(0, start).dueAfter(now, 1_000), start);
});
