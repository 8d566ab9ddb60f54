// Resumable sequences under any order of what happens.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { HeartlineError } from "../../core/errors.ts";
import { receiveSequence } from "../../sequence/client.ts";
import { serveSequence } from "../../sequence/server.ts";
import type { SessionStore } from "../../sequence/store.ts";
import { MemoryStore } from "../../store/memory.ts";
import { collect } from "../support/collect.ts";
import { valueAt } from "../support/sequence_world.ts";
import { type ScheduledWorld, underAnySchedule } from "./schedule.ts";

const LENGTH = 5;
const CHOICES = fc.record({
  breaks: fc.nat(3),
  stops: fc.constantFrom("nobody", "server", "client"),
  interval: fc.constantFrom(0, 10),
  saves: fc.boolean(),
});

Deno.test("schedules: every number comes once and in order, and nothing is left", () =>
  underAnySchedule(CHOICES, async (world, { breaks, stops, interval, saves }) => {
    const { net, clock, random, sometime, close, turn } = world;
    const options = { port: 1, net, clock, random };
    const store = new SlowStore(new MemoryStore(), turn);
    const server = await serveSequence({
      ...{ ...options, interval, source: valueAt, sessionTtl: 1e6, sendWindow: 2 },
      store,
    });
    const heard = collect(server);
    const client = receiveSequence({
      ...{ ...options, length: LENGTH, backoff: { base: 10, cap: 40 } },
      ...(saves && { save: () => turn("save") }),
    });
    const said = collect(client.events);
    const numbers: number[] = [];
    const received = (async () => {
      for await (const number of client) {
        numbers.push(number);
        await turn("take");
      }
    })().then(() => undefined, (error) => error);
    for (let i = 0; i < breaks; i++) void sometime("break", () => net.breakStreams());
    // With the server gone the client would try for ever.
    const stopServer = () => close(server, 1).then(() => client.close());
    if (stops === "server") void sometime("stop the server", stopServer);
    if (stops === "client") void sometime("stop the client", () => client.close());
    const error = await received;
    await client.close();
    await server.close();
    assertEquals(store.asked, 0, "Closed before the store had answered");

    assertEquals(numbers, Array.from({ length: numbers.length }, (_, index) => valueAt(index)));
    if (error === undefined) assertEquals(numbers.length, LENGTH);
    else assert(error instanceof HeartlineError && error.code === "closed", `${error}`);
    if (stops === "nobody") assertEquals(error, undefined);
    const lost = (await said).filter(({ type }) => type === "disconnected").length;
    if (stops !== "server") assert(lost <= breaks, "Lost without a cause");
    const completed = (await heard).filter(({ type }) => type === "completed").length;
    assert(completed <= 1, "Completed twice");
    const ends = (await said).filter(({ type }) => type === "done" || type === "failed");
    assertEquals(ends.length, error === undefined ? 1 : ends.length);
    assert(ends.length <= 1 && ends.every(({ type }) => type === "done"));
  }));

/** A store whose answers may come in any order. */
class SlowStore implements SessionStore {
  /** Calls that were not answered yet. */
  asked = 0;
  readonly #store: SessionStore;
  readonly #turn: ScheduledWorld["turn"];

  constructor(store: SessionStore, turn: ScheduledWorld["turn"]) {
    this.#store = store;
    this.#turn = turn;
  }

  create = (...args: Parameters<SessionStore["create"]>) =>
    this.#late("create", this.#store.create(...args));
  load = (...args: Parameters<SessionStore["load"]>) =>
    this.#late("load", this.#store.load(...args));
  resume = (...args: Parameters<SessionStore["resume"]>) =>
    this.#late("resume", this.#store.resume(...args));
  progress = (...args: Parameters<SessionStore["progress"]>) =>
    this.#late("progress", this.#store.progress(...args));
  finish = (...args: Parameters<SessionStore["finish"]>) =>
    this.#late("finish", this.#store.finish(...args));
  expire = (now: number) => this.#late("expire", this.#store.expire(now));
  close = () => this.#store.close();

  async #late<Result>(words: string, result: Promise<Result>): Promise<Result> {
    this.asked++;
    await this.#turn(words);
    this.asked--;
    return await result;
  }
}
