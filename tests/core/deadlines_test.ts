import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Deadlines } from "../../core/deadlines.ts";

Deno.test("an empty queue is never due", { permissions: "none" }, () => {
  const queue = new Deadlines();
  assertEquals([queue.next, queue.expire(Infinity), queue.size], [undefined, undefined, 0]);
});

Deno.test("deadlines expire at their instant, the earliest first", { permissions: "none" }, () => {
  const queue = new Deadlines();
  const [late, early, middle] = [30, 10, 20].map((due) => queue.add(due));
  assertEquals([queue.next, queue.expire(9.999)], [10, undefined]);
  assertEquals([queue.expire(30), queue.expire(30), queue.expire(30)], [early, middle, late]);
  assertEquals([queue.next, queue.size], [undefined, 3]);
});

Deno.test("a slot that moved later is not due at its old deadline", { permissions: "none" }, () => {
  const queue = new Deadlines();
  const slot = queue.add(10);
  queue.arm(slot, 50);
  assertEquals([queue.expire(49), queue.next, queue.due(slot)], [undefined, 50, 50]);
  assertEquals(queue.expire(50), slot);
});

Deno.test("a slot that moved earlier wakes the queue earlier", { permissions: "none" }, () => {
  const queue = new Deadlines();
  queue.add(10);
  const slot = queue.add(100);
  queue.arm(slot, 5);
  assertEquals([queue.next, queue.expire(5)], [5, slot]);
});

Deno.test("an expired slot is disarmed and can be armed again", { permissions: "none" }, () => {
  const queue = new Deadlines();
  const slot = queue.add(10);
  queue.expire(10);
  assertEquals([queue.due(slot), queue.expire(10)], [undefined, undefined]);
  queue.arm(slot, 20);
  assertEquals([queue.due(slot), queue.expire(20)], [20, slot]);
});

Deno.test("a removed slot is used again", { permissions: "none" }, () => {
  const queue = new Deadlines();
  const slot = queue.add(10);
  queue.remove(slot);
  assertEquals([queue.size, queue.next], [0, undefined]);
  assertEquals([queue.add(20), queue.size, queue.next], [slot, 1, 20]);
});

Deno.test("a stretch moves every deadline, and those set afterwards stay where they are put", {
  permissions: "none",
}, () => {
  const queue = new Deadlines();
  const before = queue.add(10);
  queue.stretch(1_000);
  const after = queue.add(20);
  assertEquals([queue.due(before), queue.due(after), queue.next], [1_010, 20, 20]);
  assertEquals([queue.expire(1_009), queue.expire(1_009)], [after, undefined]);
  assertEquals(queue.expire(1_010), before);
});

Deno.test("a slot that knows itself when it is due expires as one that is armed at each move", {
  permissions: "none",
}, () => {
  const slot = fc.nat(4), by = fc.nat(50), stretch = fc.nat(5), pause = fc.nat(20);
  const steps = fc.array(fc.record({ slot, by, stretch, pause }), { maxLength: 60, size: "max" });
  fc.assert(fc.property(steps, (steps) => {
    // Their fractions stay, so that no two are ever due together.
    const due = [10, 20.125, 30.25, 40.375, 50.5];
    const armed = new Deadlines(), asked = new Deadlines((slot) => due[slot]);
    for (const at of due) assertEquals(armed.add(at), asked.add(at));
    let now = 0;
    for (const { slot, by, stretch, pause } of steps) {
      armed.stretch(stretch);
      asked.stretch(stretch);
      for (const slot of due.keys()) due[slot]! += stretch;
      armed.arm(slot, due[slot]! += by);
      assertEquals(asked.due(slot), due[slot]);
      now += pause;
      for (let one; (one = armed.expire(now)) !== undefined;) {
        assertEquals(asked.expire(now), one);
        armed.arm(one, due[one]! += 100);
        asked.arm(one, due[one]!);
      }
      assertEquals(asked.expire(now), undefined);
      assertEquals(asked.next, Math.min(...due));
    }
    assertEquals(asked.stretched, steps.reduce((sum, { stretch }) => sum + stretch, 0));
  }));
});

Deno.test("a deadline may lie beyond any timer, even never", { permissions: "none" }, () => {
  const queue = new Deadlines();
  const never = queue.add(Infinity);
  const far = queue.add(2 ** 40);
  queue.stretch(5);
  assertEquals([queue.expire(2 ** 40), queue.expire(2 ** 40 + 5)], [undefined, far]);
  assertEquals([queue.due(never), queue.next], [Infinity, Infinity]);
});

Deno.test("100,000 slots that all beat touch the heap only when they expire", {
  permissions: "none",
}, () => {
  const queue = new Deadlines();
  for (let i = 0; i < 100_000; i++) queue.add(1_000 + i);
  for (let slot = 0; slot < 100_000; slot++) queue.arm(slot, 500_000 - slot);
  assertEquals(queue.next, 1_000);
  assertEquals(queue.expire(400_000), undefined);
  assertEquals([queue.next, queue.expire(400_001)], [400_001, 99_999]);
});
