// The deadline queue against a list that is searched from end to end.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Deadlines, type Slot } from "../../core/deadlines.ts";
import { runSteps, type Step, step } from "./step.ts";

/** When each slot in use is due, `undefined` if it is not armed. */
type Model = Map<Slot, number | undefined>;

const DUE = fc.nat(1_000);
const WHICH = fc.nat(1_000);

const add = DUE.map((due) =>
  checked(`add(${due})`, (model, queue) => {
    const slot = queue.add(due);
    assert(!model.has(slot), "A slot in use was handed out");
    model.set(slot, due);
  })
);
const arm = fc.tuple(WHICH, DUE).map(([which, due]) =>
  ofSlot(`arm(${which}, ${due})`, which, (model, queue, slot) => {
    queue.arm(slot, due);
    model.set(slot, due);
  })
);
const disarm = WHICH.map((which) =>
  ofSlot(`disarm(${which})`, which, (model, queue, slot) => {
    queue.disarm(slot);
    model.set(slot, undefined);
  })
);
const remove = WHICH.map((which) =>
  ofSlot(`remove(${which})`, which, (model, queue, slot) => {
    queue.remove(slot);
    model.delete(slot);
  })
);
const stretch = fc.nat(50).map((by) =>
  checked(`stretch(${by})`, (model, queue) => {
    queue.stretch(by);
    for (const [slot, due] of model) if (due !== undefined) model.set(slot, due + by);
  })
);
const expire = DUE.map((now) =>
  checked(`expire(${now})`, (model, queue) => expireBoth(model, queue, now))
);

Deno.test("model: deadlines are a list that is searched from end to end", {
  permissions: "none",
}, () =>
  runSteps(
    [add, add, add, arm, arm, arm, disarm, remove, stretch, expire],
    () => ({ model: new Map() as Model, real: new Deadlines() }),
    { length: 200, end: (model, queue) => expireBoth(model, queue, Infinity) },
  ));

/** A step after which everything that can be asked is compared. */
function checked(
  words: string,
  run: (model: Model, queue: Deadlines) => void,
  may?: (model: Readonly<Model>) => boolean,
): Step<Model, Deadlines> {
  return step(words, (model, queue) => {
    run(model, queue);
    for (const [slot, due] of model) assertEquals(queue.due(slot), due);
    assertEquals(queue.size, model.size);
    assert((queue.next ?? Infinity) <= earliest(model), "The queue would wake too late");
  }, may);
}

function ofSlot(
  words: string,
  which: number,
  run: (model: Model, queue: Deadlines, slot: Slot) => void,
): Step<Model, Deadlines> {
  const act = (model: Model, queue: Deadlines) =>
    run(model, queue, [...model.keys()][which % model.size]!);
  return checked(words, act, (model) => model.size > 0);
}

/** Expires all that is due in both; instants are compared, since slots due together have no order. */
function expireBoth(model: Model, queue: Deadlines, now: number): void {
  for (let slot = queue.expire(now); slot !== undefined; slot = queue.expire(now)) {
    assertEquals(model.get(slot), earliest(model));
    assert(earliest(model) <= now);
    model.set(slot, undefined);
  }
  assert(earliest(model) > now || earliest(model) === Infinity);
  assertEquals(queue.next ?? Infinity, earliest(model));
}

function earliest(model: Model): number {
  return Math.min(...[...model.values()].map((due) => due ?? Infinity));
}
