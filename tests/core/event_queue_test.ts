import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Backlog } from "../../core/backlog.ts";
import { type DroppedEvent, EventQueue } from "../../core/event_queue.ts";
import { HeartlineError } from "../../core/errors.ts";
import { collect } from "../support/collect.ts";
import { heldBytes } from "../support/held_bytes.ts";

Deno.test("events come out in order, those pushed before and during the iteration", {
  permissions: "none",
}, async () => {
  const queue = filled(2);
  const seen: unknown[] = [];
  for await (const event of queue) {
    seen.push(event);
    if (event === 2) queue.push(3);
    if (event === 3) queue.close();
  }
  assertEquals(seen, [1, 2, 3]);
});

Deno.test("a consumer that waits gets the next event as soon as it is pushed", {
  permissions: "none",
}, async () => {
  const queue = new EventQueue<number>();
  const next = queue[Symbol.asyncIterator]().next();
  queue.push(1);
  assertEquals(await next, { value: 1, done: false });
});

Deno.test("close ends the iteration after what is queued", { permissions: "none" }, async () => {
  const queue = filled(2);
  queue.close();
  queue.close();
  queue.push(3);
  assertEquals(await collect(queue), [1, 2]);
  assertEquals(await collect(queue), []);
});

Deno.test("close ends a consumer that waits", { permissions: "none" }, async () => {
  const queue = new EventQueue<number>();
  const next = queue[Symbol.asyncIterator]().next();
  queue.close();
  assertEquals(await next, { value: undefined, done: true });
});

Deno.test("fail ends the iteration after what is queued, with the error", {
  permissions: "none",
}, async () => {
  const queue = filled(1);
  queue.fail(new Error("a bug"));
  const events = queue[Symbol.asyncIterator]();
  assertEquals(await events.next(), { value: 1, done: false });
  await assertRejects(() => events.next(), Error, "a bug");
});

Deno.test("beyond the limit the oldest are dropped and counted first", {
  permissions: "none",
}, async () => {
  const queue = filled(5, 3);
  queue.close();
  assertEquals(await collect(queue), [{ type: "dropped", count: 2 }, 3, 4, 5]);
});

Deno.test("every series of drops is counted on its own", { permissions: "none" }, async () => {
  const queue = filled(3, 2);
  const events = queue[Symbol.asyncIterator]();
  assertEquals((await events.next()).value, { type: "dropped", count: 1 });
  assertEquals((await events.next()).value, 2);
  for (const event of [4, 5, 6]) queue.push(event);
  assertEquals((await events.next()).value, { type: "dropped", count: 2 });
  assertEquals((await events.next()).value, 5);
});

Deno.test("a queue must hold at least one event", { permissions: "none" }, () => {
  for (const limit of [0, -1, 1.5, NaN]) {
    assertThrows(() => new EventQueue({ limit }), HeartlineError, "Cannot use limit");
  }
});

Deno.test("break ends the loop; a later loop goes on with the next event", {
  permissions: "none",
}, async () => {
  const queue = filled(3);
  for await (const event of queue) {
    assertEquals(event, 1);
    break;
  }
  queue.close();
  assertEquals(await collect(queue), [2, 3]);
});

Deno.test(
  "a loop that is ended while it waits takes no event",
  { permissions: "none" },
  async () => {
    const queue = new EventQueue<number>();
    const events = queue[Symbol.asyncIterator]();
    const waiting = [events.next(), events.next()];
    const other = queue[Symbol.asyncIterator]().next();
    assertEquals(await events.return(), { value: undefined, done: true });
    queue.push(1);
    for (const next of waiting) assertEquals(await next, { value: undefined, done: true });
    assertEquals(await other, { value: 1, done: false });
    queue.push(2);
    assertEquals(await events.next(), { value: undefined, done: true });
    queue.close();
    assertEquals(await collect(queue), [2]);
  },
);

Deno.test(
  "an error thrown into a loop comes out of it and ends it",
  { permissions: "none" },
  async () => {
    const queue = filled(1);
    const events = queue[Symbol.asyncIterator]();
    await assertRejects(() => events.throw(new Error("enough")), Error, "enough");
    assertEquals(await events.next(), { value: undefined, done: true });
  },
);

Deno.test("the end of an await using block ends a loop, and not the queue", {
  permissions: "none",
}, async () => {
  const queue = filled(2);
  const events = queue[Symbol.asyncIterator]();
  {
    await using used = events;
    assertEquals((await used.next()).value, 1);
  }
  assertEquals((await events.next()).done, true);
  assertEquals((await queue[Symbol.asyncIterator]().next()).value, 2);
});

Deno.test("a loop may be iterated itself", { permissions: "none" }, async () => {
  const queue = filled(2);
  queue.close();
  assertEquals(await collect(queue[Symbol.asyncIterator]()), [1, 2]);
});

Deno.test("the error of a queue that failed comes out once of each loop", {
  permissions: "none",
}, async () => {
  const queue = new EventQueue<number>();
  const waiting = queue[Symbol.asyncIterator](), later = queue[Symbol.asyncIterator]();
  const next = waiting.next();
  queue.fail(new Error("a bug"));
  await assertRejects(() => next, Error, "a bug");
  await assertRejects(() => later.next(), Error, "a bug");
  for (const loop of [waiting, later]) assertEquals((await loop.next()).done, true);
});

Deno.test("several consumers share the events, each event going to one", {
  permissions: "none",
}, async () => {
  const queue = new EventQueue<number>();
  const both = Promise.all([collect(queue), collect(queue)]);
  for (let event = 1; event <= 100; event++) {
    queue.push(event);
    if (event % 7 === 0) await Promise.resolve();
  }
  queue.close();
  const seen = (await both).flat() as number[];
  assertEquals(seen.toSorted((a, b) => a - b), Array.from({ length: 100 }, (_, i) => i + 1));
});

Deno.test("what was dropped is not kept", { permissions: "none" }, () => {
  const queue = new EventQueue<Uint8Array>({ limit: 100 });
  const before = heldBytes();
  for (let event = 0; event < 20_000; event++) queue.push(new Uint8Array(100_000));
  assert(heldBytes() - before < 1e9, "most of 2 GB is still held");
});

Deno.test("any mix of pushing and taking loses nothing that is not counted", {
  permissions: "none",
}, async () => {
  const steps = fc.array(fc.oneof(fc.constant("take" as const), fc.nat(20)));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 8 }), steps, async (limit, steps) => {
      const queue = new EventQueue<number>({ limit });
      const events = queue[Symbol.asyncIterator]();
      const model: number[] = [];
      let pushed = 0, dropped = 0;
      const expectNext = async (): Promise<void> => {
        const value = dropped > 0 ? { type: "dropped", count: dropped } as const : model.shift();
        dropped = 0;
        assertEquals((await events.next()).value, value as number | DroppedEvent);
      };
      for (const step of steps) {
        if (step === "take") {
          if (dropped > 0 || model.length > 0) await expectNext();
          continue;
        }
        for (let i = 0; i < step; i++) {
          queue.push(++pushed);
          model.push(pushed);
          if (model.length > limit) dropped += model.splice(0, 1).length;
        }
      }
      queue.close();
      while (dropped > 0 || model.length > 0) await expectNext();
      assertEquals((await events.next()).done, true);
    }),
  );
});

/** A queue that was given the events 1 to `count`. */
function filled(count: number, limit = 100): EventQueue<number> {
  const queue = new EventQueue<number>({ limit });
  for (let event = 1; event <= count; event++) queue.push(event);
  return queue;
}

Deno.test("payloads are kept from the first reader on, also while nobody reads", {
  permissions: "none",
}, async () => {
  const queue = new EventQueue<number>({ limit: 3 });
  const freed: string[] = [];
  const payloads = new Backlog<number>({
    from: (n) => n % 2 === 0 ? "a" : undefined,
    payload: () => "",
    freed: (from) => void freed.push(from),
    limit: 64 * 8,
  });
  queue.keep(payloads);
  for (let n = 2; n <= 12; n += 2) queue.push(n);
  const seen: unknown[] = [];
  for await (const event of queue) {
    seen.push(event);
    if (event === 8) break;
  }
  for (let n = 13; n <= 28; n++) queue.push(n);
  assertEquals(payloads.isFull("a"), true);
  queue.close();
  for await (const event of queue) seen.push(event);
  assertEquals(seen.map((event) => typeof event === "number" ? event : "dropped"), [
    ...["dropped", 8, "dropped", 10, 12, 14, 16, 18, 20, 22, 23, 24, 25, 26, 27, 28],
  ]);
  assertEquals(freed, ["a"]);
});
