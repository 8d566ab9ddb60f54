import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Backlog } from "../../core/backlog.ts";
import { EventStore } from "../../core/event_store.ts";

interface Event {
  readonly n: number;
  readonly about?: string;
  readonly from?: string;
}

const storeOf = (limit: number, mostVerdicts = 1_000) =>
  new EventStore<Event>({ limit, mostVerdicts, about: ({ about }) => about });

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

pure("what is no verdict makes room, the oldest first", () => {
  const store = storeOf(3);
  for (const event of [{ n: 1 }, { n: 2, about: "a" }, { n: 3 }]) {
    assertEquals(store.push(event), 0);
  }
  assertEquals([store.push({ n: 4, about: "b" }), store.push({ n: 5, about: "a" })], [1, 1]);
  assertEquals([store.push({ n: 6 }), store.size], [1, 3]);
  assertEquals([1, 2, 3].map(() => store.shift().n), [2, 4, 5]);
});

pure("where only verdicts wait, a new one replaces those before it about the same", () => {
  const store = storeOf(2);
  for (const n of [1, 2]) store.push({ n, about: "a" });
  assertEquals([store.push({ n: 3, about: "b" }), store.push({ n: 4, about: "a" })], [0, 2]);
  assertEquals([store.owes("a"), store.owes("b"), store.owes("c")], [true, true, false]);
  assertEquals([store.shift(), store.shift()].map(({ n }) => n), [3, 4]);
  assertEquals([store.size, store.owes("a")], [0, false]);
});

pure("verdicts about more than can be remembered lose the oldest", () => {
  const store = storeOf(2, 3);
  const left = ["a", "b", "c", "d"].map((about, n) => store.push({ n, about }));
  assertEquals([left, store.size, store.owes("a")], [[0, 0, 0, 1], 3, false]);
});

pure("several verdicts about one stay in their places when what went between is cut off", () => {
  const store = storeOf(4);
  for (const n of [1, 2]) store.push({ n, about: "a" });
  for (let n = 3; n <= 200; n++) store.push({ n });
  assertEquals([store.shift().n, store.owes("a"), store.shift().n, store.owes("a")], [
    1,
    true,
    2,
    false,
  ]);
  assertEquals([store.shift().n, store.shift().n, store.size], [199, 200, 0]);
});

pure("the newest verdict about everybody comes out, in order, and all else is counted", () => {
  const about = fc.constantFrom(undefined, undefined, "a", "b", "c");
  const step = fc.oneof({ weight: 3, arbitrary: about }, {
    weight: 1,
    arbitrary: fc.constant("take" as const),
  });
  fc.assert(fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step), (limit, steps) => {
    const store = storeOf(limit);
    const newest = new Map<string, number>();
    let pushed = 0, left = 0, taken = 0, last = 0;
    const take = () => {
      const { n, about } = store.shift();
      assert(n > last, "out of order");
      last = n;
      taken++;
      if (about !== undefined && newest.get(about) === n) newest.delete(about);
    };
    for (const step of steps) {
      if (step === "take") {
        if (store.size > 0) take();
        continue;
      }
      const n = ++pushed;
      left += store.push(step === undefined ? { n } : { n, about: step });
      if (step !== undefined) newest.set(step, n);
      assert(store.size <= limit + 3, "more waits than the limit and one for each");
      for (const about of newest.keys()) assert(store.owes(about));
    }
    while (store.size > 0) take();
    assertEquals([newest.size, taken + left], [0, pushed]);
  }));
});

pure("a flood does not push out who fell silent before and during it", () => {
  const store = storeOf(4_096);
  let left = 0;
  for (let n = 0; n < 1_000_000; n++) {
    left += store.push(n % 50_000 === 7 ? { n, about: `client ${n}` } : { n });
  }
  assertEquals([store.size, left], [4_096, 1_000_000 - 4_096]);
  const verdicts = Array.from({ length: store.size }, () => store.shift())
    .filter(({ about }) => about);
  assertEquals(verdicts.length, 20);
});

const backlogOf = () =>
  new Backlog<Event>({ from: ({ from }) => from, payload: () => "", freed: () => {}, limit: 128 });

pure("payloads are left out like all else until they are kept, and then never", () => {
  const store = storeOf(3), backlog = backlogOf();
  for (let n = 1; n <= 5; n++) store.push({ n, from: "a" });
  store.push({ n: 6, about: "b" });
  assertEquals(store.size, 3);
  assertEquals(backlog.isFull("a"), false);
  store.keep(backlog);
  assertEquals([store.size, backlog.isFull("a")], [3, true]);
  for (let n = 7; n <= 20; n++) assertEquals(store.push({ n, from: "a" }), 0);
  const left = [21, 22, 23, 24, 25].map((n) => store.push({ n }));
  assertEquals(left, [0, 0, 1, 1, 1]);
  store.push({ n: 26, about: "b" });
  const all = Array.from({ length: store.size }, () => store.shift().n);
  assertEquals(all, [4, 5, 6, ...Array.from({ length: 14 }, (_, i) => i + 7), 25, 26]);
  assertEquals([store.size, backlog.isFull("a"), store.owes("b")], [0, false, false]);
});

pure("a flood of other events moves no payload from its place", () => {
  const store = storeOf(8);
  store.keep(backlogOf());
  for (let n = 0; n < 10_000; n++) store.push(n % 1_000 === 0 ? { n, from: "a" } : { n });
  const taken = Array.from({ length: store.size }, () => store.shift());
  assertEquals(taken.map(({ n }) => n), taken.map(({ n }) => n).sort((a, b) => a - b));
  assertEquals(taken.filter(({ from }) => from).length, 10);
});
