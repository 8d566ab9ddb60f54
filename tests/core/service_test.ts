import { assertEquals, assertRejects } from "@std/assert";
import type { Tagged } from "../../core/event_counts.ts";
import { Service } from "../../core/service.ts";
import { collect } from "../support/collect.ts";

/** A service whose loop runs until it is stopped, or until a test breaks it. */
class Ticker extends Service<Tagged> {
  stops = 0;
  #end!: () => void;
  #break!: (error: Error) => void;

  constructor(signal?: AbortSignal) {
    super("ticker", signal);
    this.run(
      new Promise<void>((resolve, reject) => {
        this.#end = resolve;
        this.#break = reject;
      }),
    );
  }

  get isStopped(): boolean {
    return this.stopped;
  }

  say(type: string, count?: number): void {
    this.publish(count === undefined ? { type } : { type, count });
  }

  take(bytes: number): void {
    this.countBytes(bytes);
  }

  fail(error: Error): void {
    this.#break(error);
  }

  watch(loop: Promise<unknown>): void {
    this.run(loop);
  }

  protected override stop(): void {
    this.stops++;
    this.publish({ type: "stopped" });
    this.#end();
  }
}

Deno.test("a service is iterated for its events until it is closed", {
  permissions: "none",
}, async () => {
  const service = new Ticker();
  service.say("one");
  service.say("two");
  await service.close();
  // Also what it says while it stops.
  assertEquals((await collect(service)).map(({ type }) => type), ["one", "two", "stopped"]);
});

Deno.test("close may be called again and stops once", { permissions: "none" }, async () => {
  const service = new Ticker();
  assertEquals(service.isStopped, false);
  await Promise.all([service.close(), service.close()]);
  await service.close();
  assertEquals([service.stops, service.isStopped], [1, true]);
});

Deno.test("a signal closes it", { permissions: "none" }, async () => {
  const controller = new AbortController();
  const service = new Ticker(controller.signal);
  const events = collect(service);
  controller.abort();
  assertEquals(await events, [{ type: "stopped" }]);
});

Deno.test("a service that was closed no longer listens to its signal", {
  permissions: "none",
}, async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--;
    removeEventListener.apply(signal, args);
  };
  const service = new Ticker(signal);
  assertEquals(listeners, 1);
  await service.close();
  assertEquals(listeners, 0);
});

Deno.test("the end of an await using block closes it", { permissions: "none" }, async () => {
  const service = new Ticker();
  await service[Symbol.asyncDispose]();
  assertEquals(service.stops, 1);
});

Deno.test("close waits also for a loop that begins as the last one ends", {
  permissions: "none",
}, async () => {
  const service = new Ticker();
  const ends: (() => void)[] = [];
  const loop = () => new Promise<void>((resolve) => ends.push(resolve));
  const first = loop();
  service.watch(first);
  void first.then(() => service.watch(loop()));
  let closed = false;
  const close = service.close().then(() => closed = true);
  ends[0]!();
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals([ends.length, closed], [2, false]);
  ends[1]!();
  await close;
});

Deno.test("a loop that throws closes it, and comes out of the iteration after the events", {
  permissions: "none",
}, async () => {
  const service = new Ticker();
  service.say("one");
  service.fail(new TypeError("a bug"));
  const events = service[Symbol.asyncIterator]();
  assertEquals((await events.next()).value, { type: "one" });
  await assertRejects(() => events.next(), TypeError, "a bug");
  assertEquals(service.stops, 1);
});

Deno.test("what it said is counted by type, also what nobody iterated and what was dropped", {
  permissions: "none",
}, () => {
  const service = new Ticker();
  for (let n = 0; n < 5_000; n++) service.say("beat");
  service.say("rejected", 7);
  service.say("rejected", 2);
  service.take(100);
  service.take(28);
  assertEquals(service.name, "ticker");
  assertEquals(service.counters(), { receivedBytes: 128, events: { beat: 5_000, rejected: 9 } });
});
