import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ClockOffset } from "../../core/clock_offset.ts";

const HOUR = 3_600_000;

interface Message {
  /** Instant of receipt. */
  now: number;
  transit: number;
}

Deno.test("without a message there is no offset", { permissions: "none" }, () => {
  const offset = new ClockOffset();
  assertEquals([offset.value, offset.late], [undefined, false]);
});

Deno.test("the fastest message marks the offset, whatever the clocks say", {
  permissions: "none",
}, () => {
  for (const apart of [0, HOUR, -HOUR, 1e12]) {
    const offset = new ClockOffset();
    const beyond = [7, 5, 9].map((transit, i) => offset.observe(apart + transit, i * 1_000));
    assertEquals([beyond, offset.value, offset.late], [[0, 0, 4], apart + 5, false]);
  }
});

Deno.test("the fastest message is forgotten after two minutes, so that drift is followed", {
  permissions: "none",
}, () => {
  const offset = new ClockOffset();
  offset.observe(0, 0);
  for (let now = 1_000; now <= 121_000; now += 1_000) offset.observe(10, now);
  assertEquals(offset.value, 10);
});

Deno.test("messages held back for 30 s and delivered in a lump are all late, up to the limit", {
  permissions: "none",
}, () => {
  const offset = steady();
  const lump = Array.from(
    { length: 30 },
    (_, i) => ({ now: 90_000 + i, transit: 30_003 - 1_000 * i }),
  );
  assertEquals(observeAll(offset, lump), lump.map(({ transit }) => transit - 3 > 1_000));
  assertEquals(observeAll(offset, [{ now: 91_000, transit: 3 }]), [false]);
  assertEquals(offset.value, 3);
});

Deno.test("a lump that a slow path lets out one message each 250 ms is late too", {
  permissions: "none",
}, () => {
  const offset = steady();
  const lump = Array.from(
    { length: 30 },
    (_, i) => ({ now: 90_000 + 250 * i, transit: 30_003 - 750 * i }),
  );
  assertEquals(observeAll(offset, lump), lump.map(({ transit }) => transit - 3 > 1_000));
});

Deno.test("a single message that is held back is late, whatever came before and after", {
  permissions: "none",
}, () => {
  const offset = steady();
  for (const at of [61_000, 600_000, 1_200_000]) {
    const messages = [-1_000, 0, 1_000].map((by) => ({ now: at + by, transit: by ? 3 : 30_003 }));
    assertEquals(observeAll(offset, messages), [false, true, false], `at ${at}`);
  }
});

Deno.test("the very first late message is late", { permissions: "none" }, () => {
  const offset = new ClockOffset();
  offset.observe(3, 0);
  assertEquals([offset.observe(30_003, 31_000), offset.late], [30_000, true]);
});

Deno.test("a clock that steps by an hour so that messages look late costs one message", {
  permissions: "none",
}, () => {
  const offset = steady();
  const after = [61_000, 62_000, 63_000].map((now) => ({ now, transit: HOUR + 3 }));
  assertEquals(observeAll(offset, after), [true, false, false]);
  assertEquals(offset.value, HOUR + 3);
});

Deno.test("a clock that steps by an hour the other way is followed at once", {
  permissions: "none",
}, () => {
  const offset = steady();
  const after = [61_000, 62_000].map((now) => ({ now, transit: 3 - HOUR }));
  assertEquals(observeAll(offset, after), [false, false]);
  assertEquals(offset.value, 3 - HOUR);
});

Deno.test("a step is told from a lump also if messages come ten at a time", {
  permissions: "none",
}, () => {
  const offset = steady();
  const burst = (now: number) =>
    Array.from({ length: 10 }, (_, i) => ({ now: now + i, transit: HOUR + 3 }));
  assertEquals(observeAll(offset, burst(61_000)).includes(false), false);
  assertEquals(observeAll(offset, burst(71_000)).includes(true), false);
});

Deno.test("late messages that keep arriving are believed after as long as one has patience", {
  permissions: "none",
}, () => {
  const offset = steady();
  const standing = (now: number) => (offset.observe(now - 60_000, now, 2_000), offset.late);
  const late = Array.from({ length: 5 }, (_, i) => standing(70_000 + 500 * i));
  assertEquals([late, offset.unusable], [[true, true, true, true, false], true]);
  offset.clear();
  assertEquals(offset.unusable, false);
});

Deno.test("without patience for silence none of them is believed", { permissions: "none" }, () => {
  const offset = steady();
  for (let now = 70_000; now < 1e6; now += 500) offset.observe(now - 60_000, now);
  assertEquals([offset.late, offset.unusable], [true, false]);
});

Deno.test("the limit from which a message is late can be set", { permissions: "none" }, () => {
  const offset = new ClockOffset(50);
  assertEquals(observeAll(offset, [0, 50, 51].map((transit) => ({ now: transit, transit }))), [
    false,
    false,
    true,
  ]);
});

Deno.test("below the limit the delay is always the transit beyond the fastest of two minutes", {
  permissions: "none",
}, () => {
  const apart = fc.integer({ min: -HOUR, max: HOUR });
  const transits = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 60 });
  fc.assert(fc.property(apart, transits, (apart, transits) => {
    const offset = new ClockOffset();
    transits.forEach((transit, i) => {
      const beyond = offset.observe(apart + transit, i * 1_000);
      assertEquals(beyond, transit - Math.min(...transits.slice(0, i + 1)));
      assert(!offset.late);
    });
  }));
});

/** A minute of messages that take 3 ms. */
function steady(): ClockOffset {
  const offset = new ClockOffset();
  for (let now = 0; now <= 60_000; now += 1_000) offset.observe(3, now);
  return offset;
}

function observeAll(offset: ClockOffset, messages: Message[]): boolean[] {
  return messages.map(({ now, transit }) => {
    offset.observe(transit, now);
    return offset.late;
  });
}
