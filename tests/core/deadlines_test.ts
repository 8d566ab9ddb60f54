import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Deadlines, type Slot } from "../../core/deadlines.ts";

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

Deno.test("any mix of steps agrees with a list that is searched from end to end", {
  permissions: "none",
}, () => {
  const due = fc.nat(1_000);
  const which = fc.nat(1_000);
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ act: fc.constant("add" as const), due }) },
    { weight: 4, arbitrary: fc.record({ act: fc.constant("arm" as const), which, due }) },
    fc.record({ act: fc.constant("disarm" as const), which }),
    fc.record({ act: fc.constant("remove" as const), which }),
    fc.record({ act: fc.constant("stretch" as const), due: fc.nat(50) }),
    fc.record({ act: fc.constant("expire" as const), due }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new Deadlines();
      const model = new Map<Slot, number | undefined>();
      for (const step of steps) {
        const slot = "which" in step ? [...model.keys()][step.which % model.size] : undefined;
        if (step.act === "add") {
          const added = queue.add(step.due);
          assert(!model.has(added), "a slot in use was handed out");
          model.set(added, step.due);
        } else if (step.act === "stretch") {
          queue.stretch(step.due);
          for (const [slot, due] of model) if (due !== undefined) model.set(slot, due + step.due);
        } else if (step.act === "expire") {
          expireBoth(queue, model, step.due);
        } else if (slot !== undefined) {
          if (step.act === "arm") queue.arm(slot, step.due);
          else queue[step.act](slot);
          if (step.act === "remove") model.delete(slot);
          else model.set(slot, step.act === "arm" ? step.due : undefined);
        }
        for (const [slot, due] of model) assertEquals(queue.due(slot), due);
        assertEquals(queue.size, model.size);
        assert((queue.next ?? Infinity) <= earliest(model), "the queue would wake too late");
      }
      expireBoth(queue, model, Infinity);
    }),
    { numRuns: 300 },
  );
});

/** Expires all that is due in both, and checks instants, since slots due together have no order. */
function expireBoth(queue: Deadlines, model: Map<Slot, number | undefined>, now: number): void {
  for (let slot = queue.expire(now); slot !== undefined; slot = queue.expire(now)) {
    assertEquals(model.get(slot), earliest(model));
    assert(earliest(model) <= now);
    model.set(slot, undefined);
  }
  assert(earliest(model) > now || earliest(model) === Infinity);
  assertEquals(queue.next ?? Infinity, earliest(model));
}

function earliest(model: Map<Slot, number | undefined>): number {
  return Math.min(...[...model.values()].map((due) => due ?? Infinity));
}
