import { assert, assertEquals } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { receiveSequence } from "../../sequence/client.ts";
import { serveSequence } from "../../sequence/server.ts";
import { answerTo } from "../../sequence/store_call.ts";
import { MemoryStore } from "../../store/memory.ts";
import { collect } from "../support/collect.ts";
import { EventLog } from "../support/event_log.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const LOAD = { type: "load", id: "0".repeat(32) } as const;

/** A store that cannot load anything. */
function failing(error: Error): MemoryStore {
  return Object.assign(new MemoryStore(), { load: () => Promise.reject(error) });
}

Deno.test("a store that fails with a typed error has answered", {
  permissions: "none",
}, async () => {
  const gone = new HeartlineError("io", "Cannot use the store: gone");
  assertEquals(await answerTo(LOAD, failing(gone)), { type: "failed", message: gone.message });
});

Deno.test("whatever a store throws is the failure of that call", {
  permissions: "none",
}, async () => {
  for (const thrown of [new TypeError("a bug\nand where"), "a bug"]) {
    const message = "The store failed: a bug";
    assertEquals(await answerTo(LOAD, failing(thrown as Error)), { type: "failed", message });
  }
});

Deno.test("a store that throws ends no service: who comes waits, and the sweep is told", {
  permissions: { net: ["127.0.0.1"] },
}, async () => {
  const store = Object.assign(new MemoryStore(), {
    create: () => {
      throw new RangeError("a bug");
    },
    expire: () => Promise.reject(new Error("a sweep")),
  });
  const clock = new VirtualClock();
  await using server = await serveSequence({ port: 0, store, clock });
  const log = new EventLog(server);
  clock.advance(10_000);
  const swept = await log.until(({ type }) => type === "store-failed");
  assert(swept.type === "store-failed" && swept.message === "The store failed: a sweep");
  const client = receiveSequence({ port: server.address.port, length: 5 });
  const tries = new EventLog(client.events);
  const ended = collect(client).catch(() => {});
  const lost = await tries.until(({ type }) => type === "disconnected");
  assert(lost.type === "disconnected" && lost.reason === "UNAVAILABLE", JSON.stringify(lost));
  const failed = await log.until((event) => {
    return event.type === "store-failed" && event.message === "The store failed: a bug";
  });
  assertEquals(failed.type, "store-failed");
  await client.close();
  await ended;
});
