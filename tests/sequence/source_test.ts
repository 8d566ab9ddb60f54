import { assert, assertEquals } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { receiveSequence } from "../../sequence/client.ts";
import type { SequenceSource } from "../../sequence/options.ts";
import { serveSequence } from "../../sequence/server.ts";
import { MemoryStore } from "../../store/memory.ts";
import { collect } from "../support/collect.ts";
import { deferred } from "../support/contract.ts";
import { EventLog } from "../support/event_log.ts";

const SOCKETS: { permissions: Deno.PermissionOptions } = { permissions: { net: ["127.0.0.1"] } };
const given = (value: unknown) => value as number;

/** Each row: what number 3 is, and what is said of it. */
const WRONG: readonly (readonly [name: string, three: () => number, said: string])[] = [
  ["throws", () => {
    throw new Error("no more\nand where");
  }, "no more"],
  ["throws no error", () => {
    throw "nothing left";
  }, "nothing left"],
  ["gives nothing", () => given(undefined), "current value is undefined"],
  ["gives text", () => given("7"), "current value is 7"],
  ["gives NaN", () => NaN, "current value is NaN"],
  ["gives a fraction", () => 0.5, "current value is 0.5"],
  ["gives a negative number", () => -1, "current value is -1"],
  ["gives what is too large", () => 2 ** 32, "current value is 4294967296"],
  ["gives a bigint", () => given(7n), "current value is 7"],
  ["gives a promise", () => given(Promise.resolve(7)), "current value is [object Promise]"],
  [
    "gives a promise that fails",
    () => given(Promise.reject(new Error("later"))),
    "current value is [object Promise]",
  ],
  ["gives what has no text", () => given(Object.create(null)), "current value is object"],
];

for (const interval of [0, 5]) {
  for (const [name, three, said] of WRONG) {
    Deno.test(
      `a source that ${name} ends its session at both ends, interval ${interval}`,
      SOCKETS,
      async () => {
        const source: SequenceSource = (index, { length }) =>
          index === 3 && length === 6 ? three() : index;
        await using server = await serveSequence({ port: 0, interval, source, sendWindow: 4 });
        const log = new EventLog(server);
        const { port } = server.address;
        const other = receiveSequence({ port, length: 30 });
        const all = collect(other);
        const client = receiveSequence({ port, length: 6 });
        const taken: number[] = [];
        let error: unknown;
        try {
          for await (const number of client) taken.push(number);
        } catch (thrown) {
          error = thrown;
        }
        assert(error instanceof HeartlineError && error.code === "session-ended", String(error));
        assert(error.message.includes(said), error.message);
        assertEquals(taken, [0, 1, 2]);
        const told = await log.until(({ type }) => type === "user-code");
        assert(told.type === "user-code" && told.message.includes(said), JSON.stringify(told));
        if (!name.startsWith("throws")) assert(told.message.includes("number 3"), told.message);
        assertEquals((await all).length, 30);
      },
    );
  }
}

Deno.test(
  "a checksum that needs a number which another server sent fails as a number does",
  SOCKETS,
  async () => {
    let broken = false;
    const source: SequenceSource = (index) => {
      if (broken && index === 0) throw new Error("forgotten");
      return index;
    };
    const store = new MemoryStore();
    const first = await serveSequence({ port: 0, interval: 2, source, store });
    const client = receiveSequence({
      port: first.address.port,
      length: 20,
      backoff: { base: 5, cap: 5 },
    });
    const taken: number[] = [];
    const ended = deferred<unknown>();
    const begun = new Promise<void>((resolve) => {
      (async () => {
        for await (const number of client) if (taken.push(number) === 3) resolve();
      })().then(ended.resolve, ended.resolve);
    });
    await begun;
    await first.close();
    broken = true;
    await using second = await serveSequence({
      port: first.address.port,
      interval: 2,
      source,
      store,
    });
    const told = await new EventLog(second).until(({ type }) => type === "user-code");
    assert(told.type === "user-code" && told.message === "forgotten");
    const error = await ended.promise;
    assert(error instanceof HeartlineError && error.message.includes("forgotten"), String(error));
  },
);
