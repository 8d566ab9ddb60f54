import { assert, assertEquals, assertRejects } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { receiveSequence } from "../../sequence/client.ts";
import type { SequenceSnapshot } from "../../sequence/snapshot.ts";
import { serveSequence } from "../../sequence/server.ts";
import type { StoreWarning } from "../../sequence/store.ts";
import { MemoryStore } from "../../store/memory.ts";
import { collect } from "../support/collect.ts";
import { EventLog } from "../support/event_log.ts";

const SOCKETS = { permissions: { net: ["127.0.0.1"] } };
const square = (index: number): number => (index * index) >>> 0;

Deno.test("a loop that is slow holds the server back and loses nothing", SOCKETS, async () => {
  const options = { port: 0, interval: 0, source: square, sendWindow: 10 };
  await using server = await serveSequence(options);
  const receiver = receiveSequence({ port: server.address.port, length: 200 });
  const numbers: number[] = [];
  for await (const n of receiver) {
    numbers.push(n);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assertEquals(numbers.length, 200);
  assertEquals(numbers.at(-1), square(199));
});

Deno.test(
  "a break closes the client; its session goes on with the saved state",
  SOCKETS,
  async () => {
    await using server = await serveSequence({ port: 0, interval: 0, source: square });
    const { port } = server.address;
    let snapshot: SequenceSnapshot | undefined;
    const save = (now: SequenceSnapshot) => Promise.resolve(void (snapshot = now));
    const first: number[] = [];
    const receiver = receiveSequence({ port, length: 20, save });
    for await (const n of receiver) if (first.push(n) === 7) break;
    snapshot = receiver.snapshot();
    // The seventh was not come back from: it is given out again.
    assertEquals(snapshot.checksum.count, 6);
    const rest = await collect(receiveSequence({ port, snapshot, save }));
    assertEquals([...first.slice(0, 6), ...rest], Array.from({ length: 20 }, (_, i) => square(i)));
  },
);

/** A store that is away at times, and tells what is wrong with it. */
class Returning extends MemoryStore {
  readonly listeners = new Set<() => void>();
  checks = 0;

  onReturn(returned: () => void): () => void {
    this.listeners.add(returned);
    return () => void this.listeners.delete(returned);
  }

  check(): Promise<readonly StoreWarning[]> {
    if (this.checks++ === 0) return Promise.reject(new Error("away"));
    return Promise.resolve([{ code: "evicts", message: "It forgets" }]);
  }
}

Deno.test(
  "a store that is back is looked at, and not when the server is closed",
  SOCKETS,
  async () => {
    const store = new Returning();
    const server = await serveSequence({ port: 0, interval: 5, store });
    const log = new EventLog(server);
    const receiver = receiveSequence({ port: server.address.port, length: 10_000 });
    const numbers = collect(receiver).catch(() => {});
    const started = await log.until(({ type }) => type === "started");
    const { session } = started as { session: string };
    await store.finish(session, 1, { state: "expired", until: 1 });
    await store.expire(2);
    assertEquals(await store.load(session), undefined);
    for (const returned of store.listeners) returned();
    const said = await log.until(({ type }) => type === "written-back");
    assert(said.type === "written-back" && said.session === session);
    assertEquals((await store.load(session))?.state, "open");
    const warned = await log.until(({ type }) => type === "store-warning");
    assert(warned.type === "store-warning" && warned.message === "It forgets");
    await Promise.all([server.close(), receiver.close(), numbers]);
    assertEquals(store.listeners.size, 0);
    assert(!log.events.some(({ type }) => type === "store-failed"), "the first look says nothing");
  },
);

Deno.test("it never ends early: closed, expired and replaced are thrown", SOCKETS, async () => {
  await using server = await serveSequence({ port: 0, interval: 5, sessionTtl: 20 });
  const log = new EventLog(server);
  const { port } = server.address;
  const closed = receiveSequence({ port, length: 1_000 });
  const begun = new EventLog(closed.events).until(({ type }) => type === "started");
  void begun.then(() => closed.close());
  await code(collect(closed), "closed");
  await log.until(({ type }) => type === "expired");
  await code(collect(receiveSequence({ port, snapshot: closed.snapshot() })), "session-ended");
  const one = receiveSequence({ port, length: 1_000 });
  const replaced = code(collect(one), "session-ended");
  const said = new EventLog(one.events);
  await said.until(({ type }) => type === "started");
  const two = receiveSequence({ port, snapshot: one.snapshot() });
  const other = collect(two).catch(() => {});
  await replaced;
  const failed = await said.until(({ type }) => type === "failed");
  assert(failed.type === "failed" && failed.code === "REPLACED");
  await two.close();
  await other;
});

Deno.test("a save that fails comes out of the iteration", SOCKETS, async () => {
  await using server = await serveSequence({ port: 0, interval: 0 });
  const save = () => Promise.reject(new Error("the disk is full"));
  const receiver = receiveSequence({ port: server.address.port, length: 5, save });
  await assertRejects(() => collect(receiver), Error, "the disk is full");
});

Deno.test("a signal stops both ends, and closing twice does nothing", SOCKETS, async () => {
  const stop = new AbortController();
  const server = await serveSequence({ port: 0, signal: stop.signal });
  const receiver = receiveSequence({ port: server.address.port, signal: stop.signal });
  stop.abort();
  await code(collect(receiver), "closed");
  await Promise.all([server.close(), server.close(), receiver.close()]);
  const types = (await collect(server)).map(({ type }) => type);
  assertEquals(types[0], "listening");
});

Deno.test("wrong options are refused before a socket is opened", SOCKETS, async () => {
  for (const options of [{ port: -1 }, { interval: -1 }, { sessionTtl: 0 }]) {
    await code(serveSequence(options), "invalid-option");
  }
  for (const options of [{ port: 65_536 }, { length: 0 }, { length: 65_536 }]) {
    await code((async () => await collect(receiveSequence(options)))(), "invalid-option");
  }
});

async function code(failing: Promise<unknown>, wanted: string): Promise<void> {
  const error = await assertRejects(() => failing, HeartlineError);
  assertEquals((error as HeartlineError).code, wanted);
}
