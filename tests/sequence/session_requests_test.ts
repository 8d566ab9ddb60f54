// Who gets a session when several want it, when the store is slow, and where there is no room.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { hashToken } from "../../sequence/secret.ts";
import { MemoryStore } from "../../store/memory.ts";
import { begun, hello, indices, resume, SequenceStory } from "../support/sequence_story.ts";

function test(name: string, body: () => Promise<void>): void {
  Deno.test(name, { permissions: "none" }, body);
}

const wrong = "0".repeat(32);

test("a resume that lost the race for an epoch looks again and wins in its turn", async () => {
  const { story, ticket } = await begun(100);
  story.held = [];
  await story.open(2, resume(ticket, 0));
  await story.open(3, resume(ticket, 0));
  // Both find epoch 1, and only one of them can raise it.
  await story.releaseOnce();
  await story.releaseOnce();
  await story.release();
  const [second, third] = [story.lines(2), story.lines(3)];
  assertMatch(second[0]!, /^RESUMED [0-9a-f]{32} 2 0$/);
  assertEquals(second.slice(1), ["REPLACED", "closed"]);
  assertMatch(third[0]!, /^RESUMED [0-9a-f]{32} 3 0$/);
  assertEquals((await story.store.load(ticket.session))?.epoch, 3);
});

for (const [gone, where] of [[false, "still there"], [true, "gone by then"]] as const) {
  test(`a resume whose answer was overtaken does not take the session, ${where}`, async () => {
    const store = new MemoryStore();
    const { story, ticket } = await begun(100, { store });
    const really = store.resume.bind(store);
    let answer = (): void => {};
    const answered = new Promise<void>((resolve) => answer = resolve);
    store.resume = async (...args) => {
      store.resume = really;
      const changed = await really(...args);
      await answered;
      return changed;
    };
    story.held = [];
    await story.open(2, resume(ticket, 0));
    await story.releaseOnce();
    const slow = story.release();
    await story.open(3, resume(ticket, 0));
    if (gone) await story.end(2);
    answer();
    await slow;
    assertEquals(story.lines(2), gone ? [] : ["REPLACED", "closed"]);
    assertEquals(story.events("replaced").length, gone ? 1 : 2);
    await story.pass(1_000);
    assertEquals(indices(story.lines(3)), [0]);
  });
}

test("one refusal does not end the time of another resume that waits for the store", async () => {
  const { story, ticket } = await begun(100);
  await story.end(1);
  await story.pass(29_999);
  story.held = [];
  await story.open(2, resume({ ...ticket, token: wrong }, 0));
  await story.open(3, resume(ticket, 0));
  const [first, second] = story.held;
  story.held = [];
  await first!();
  await story.pass(31_000);
  assertEquals(story.events("expired"), []);
  await second!();
  await story.release();
  assert(story.lines(3)[0]!.startsWith("RESUMED"));
});

test("a session that was taken over is not let go while its client is returning", async () => {
  const { story, ticket } = await begun(100);
  story.held = [];
  await story.open(2, resume(ticket, 0));
  await story.releaseOnce();
  await story.pass(5_000);
  // Meanwhile another server accepted an older attempt of the same client.
  const previousTokenHash = hashToken(ticket.token);
  await story.store.resume(ticket.session, 1, {
    tokenHash: "ab".repeat(32),
    previousTokenHash,
    expiresAt: 9e12,
  });
  const [raise, save] = story.held;
  story.held = [];
  await save!();
  // Why it was refused is not looked at now, and would tell nothing.
  assertEquals(story.held, []);
  assertEquals(story.events("moved"), []);
  await raise!();
  await story.release();
  assertMatch(story.lines(2)[0]!, /^RESUMED [0-9a-f]{32} 3 0$/);
});

test("no event tells a token", async () => {
  const story = new SequenceStory();
  await story.open(1, hello(100));
  const first = story.ticket(1);
  await story.open(2, resume(first, 0));
  const second = story.ticket(2, first.session);
  await story.end(2);
  const said = JSON.stringify(story.said);
  for (const { token } of [first, second]) assert(!said.includes(token));
});

test("sessions that the store is still making have their place", async () => {
  const story = new SequenceStory({ maxSessions: 1 });
  story.held = [];
  await story.open(1, hello(5));
  await story.open(2, hello(5));
  assert(story.lines(2)[0]!.startsWith("REJECTED BUSY"));
  await story.release();
  assert(story.lines(1)[0]!.startsWith("WELCOME"));
});

test("a session that could not be made leaves its place", async () => {
  const store = new MemoryStore();
  const story = new SequenceStory({ store, maxSessions: 1 });
  const really = store.create;
  store.create = () => Promise.reject(new HeartlineError("io", "Cannot use the store: gone"));
  await story.open(1, hello(5));
  assert(story.lines(1)[0]!.startsWith("REJECTED UNAVAILABLE"));
  store.create = really;
  await story.open(2, hello(5));
  assert(story.lines(2)[0]!.startsWith("WELCOME"));
});

test("a full server takes back its own sessions, and none of another server", async () => {
  const store = new MemoryStore();
  const one = new SequenceStory({ store, maxSessions: 1 });
  const two = new SequenceStory({ store, maxSessions: 1, seed: 2 });
  await one.open(1, hello(5));
  await two.open(1, hello(5));
  const ticket = one.ticket(1);
  await two.open(2, resume(ticket, 0));
  assert(two.lines(2)[0]!.startsWith("REJECTED BUSY"));
  await one.open(2, resume(ticket, 0));
  assert(one.lines(2)[0]!.startsWith("RESUMED"));
});

test("a connection asks for a session once", async () => {
  const { story, ticket } = await begun(5);
  await story.open(2, resume(ticket, 0) + resume(ticket, 0));
  assert(story.lines(2)[0]!.startsWith("REJECTED MALFORMED"));
});

test("field note: values that repeat do not matter, because the index says where to go on", async () => {
  const { story, ticket } = await begun(100, { source: (index) => index % 2 });
  await story.pass(5_000);
  await story.end(1);
  await story.open(2, resume(ticket, 4));
  await story.pass(6_000);
  assertEquals(indices(story.lines(2)), [4]);
});

for (const [after, answer] of [[29_999, "RESUMED"], [30_000, "REJECTED EXPIRED"]] as const) {
  test(`${after} ms after the drop another server says ${answer}`, async () => {
    const store = new MemoryStore();
    const one = new SequenceStory({ store }), two = new SequenceStory({ store, seed: 2 });
    await one.open(1, hello(100));
    const ticket = one.ticket(1);
    await one.pass(500);
    await one.end(1);
    two.now = 500 + after;
    await two.open(1, resume(ticket, 0));
    assert(two.lines(1)[0]!.startsWith(answer));
  });
}

/** Each row: what a server wrote last, and when. */
for (
  const [last, lines, at] of [
    ["WELCOME", "", 0],
    ["the first ACK", "ACK 0\n", 0],
    ["what it saves every five seconds", "ACK 0\n", 5_000],
  ] as const
) {
  test(`a server that crashed leaves its sessions the whole window: after ${last}`, async () => {
    for (const [after, answer] of [[34_999, "RESUMED"], [35_000, "REJECTED EXPIRED"]] as const) {
      const store = new MemoryStore();
      const one = new SequenceStory({ store }), two = new SequenceStory({ store, seed: 2 });
      await one.open(1, hello(100));
      await one.say(1, lines);
      const ticket = one.ticket(1);
      await one.pass(at);
      // It may have served for five seconds more, until just before the next save.
      two.now = at + after;
      await two.open(1, resume(ticket, 0));
      assert(two.lines(1)[0]!.startsWith(answer), answer);
    }
  });
}

test("a client that loses every race is asked to try again later", async () => {
  const store = new MemoryStore();
  const { story, ticket } = await begun(100, { store });
  let races = 0;
  store.resume = () => Promise.resolve(++races > 100);
  await story.open(2, resume(ticket, 0));
  assert(story.lines(2)[0]!.startsWith("REJECTED UNAVAILABLE"));
  assertEquals(races, 3);
});

test("field note: a quiet session can be resumed elsewhere after hours", async () => {
  const store = new MemoryStore();
  const quiet = { store, interval: 36_000_000 };
  const one = new SequenceStory(quiet), two = new SequenceStory({ ...quiet, seed: 2 });
  await one.open(1, hello(100));
  const ticket = one.ticket(1);
  for (let now = 0; now <= 7_200_000; now += 5_000) {
    await one.pass(now);
    await one.say(1, "PONG 1\n");
  }
  two.now = 7_230_000;
  await two.open(1, resume(ticket, 0));
  assert(two.lines(1)[0]!.startsWith("RESUMED"));
});

test("who left before the refusal is not told, nor told of", async () => {
  const { story, ticket } = await begun(5);
  story.held = [];
  await story.open(2, resume({ ...ticket, token: wrong }, 0));
  await story.end(2);
  await story.release();
  assertEquals([story.lines(2), story.events("rejected")], [[], []]);
});

test("each session has a seed of 64 bits of its own", async () => {
  const story = new SequenceStory();
  const lows = new Set<number>(), highs = new Set<number>();
  for (let connection = 1; connection <= 20; connection++) {
    await story.open(connection, hello(5));
    const { seed } = (await story.store.load(story.ticket(connection).session))!;
    lows.add(seed[0]);
    highs.add(seed[1]);
  }
  assertEquals([lows.size, highs.size], [20, 20]);
});

test("an attempt that its client gave up while the store was asked raises no epoch", async () => {
  const { story, ticket } = await begun(100);
  await story.end(1);
  story.held = [];
  await story.open(2, resume(ticket, 0));
  await story.end(2);
  await story.release();
  assertEquals((await story.store.load(ticket.session))?.epoch, 1);
  assertEquals(story.events("resumed"), []);
  await story.open(3, resume(ticket, 0));
  assert(story.lines(3)[0]!.startsWith("RESUMED"));
});
