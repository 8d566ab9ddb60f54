// What becomes of sessions whose server, store or wall clock stood still or went on by itself.

import { assert, assertEquals } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { MemoryStore } from "../../store/memory.ts";
import { begun, hello, resume, SequenceStory } from "../support/sequence_story.ts";
import { WALL } from "../support/sequence_world.ts";

function test(name: string, body: () => Promise<void>): void {
  Deno.test(name, { permissions: "none" }, body);
}

/** The server does not run until `until`, and notices it. */
async function sleep(story: SequenceStory, until: number): Promise<void> {
  const by = until - story.now;
  story.now = until;
  await story.stall(by);
}

for (
  const [what, until] of [
    ["another server's, while this one was paused", WALL + 40_000],
    ["one by a wall clock that was set ahead", WALL + 86_400_000],
  ] as const
) {
  test(`a sweep takes no session within its window from who holds it: ${what}`, async () => {
    for (const [left, answer] of [[1, "RESUMED"], [0, "REJECTED EXPIRED"]] as const) {
      const { story, ticket } = await begun(100);
      await story.end(1);
      await story.pass(15_000);
      await sleep(story, 40_000);
      await story.store.expire(until);
      story.now = 55_000 - left;
      await story.open(2, resume(ticket, 0));
      assert(story.lines(2)[0]!.startsWith(answer), answer);
    }
  });
}

test("a sweep between the two questions of a resume does not refuse it", async () => {
  const { story, ticket } = await begun(100);
  await story.end(1);
  story.held = [];
  await story.open(2, resume(ticket, 0));
  await story.releaseOnce();
  await story.store.expire(WALL + 86_400_000);
  await story.release();
  assert(story.lines(2)[0]!.startsWith("RESUMED"));
  const { state, epoch, expiresAt } = (await story.store.load(ticket.session))!;
  assertEquals([state, epoch, expiresAt], ["open", 2, WALL + 35_000]);
});

test("the token before is valid after a sweep, too, until the first ACK", async () => {
  const { story, ticket } = await begun(100);
  await story.open(2, resume(ticket, 0));
  await story.end(2);
  await story.store.expire(WALL + 86_400_000);
  await story.open(3, resume(ticket, 0));
  assert(story.lines(3)[0]!.startsWith("RESUMED"));
});

test("a server that dies after a pause leaves its sessions the whole window", async () => {
  for (const [after, answer] of [[34_999, "RESUMED"], [35_000, "REJECTED EXPIRED"]] as const) {
    const store = new MemoryStore();
    const one = new SequenceStory({ store }), two = new SequenceStory({ store, seed: 2 });
    await one.open(1, hello(100));
    const ticket = one.ticket(1);
    await one.pass(4_000);
    await sleep(one, 24_000);
    await one.pass(24_000);
    two.now = 24_000 + after;
    await two.open(1, resume(ticket, 0));
    assert(two.lines(1)[0]!.startsWith(answer), answer);
  }
});

test("a pause prolongs a window also while a resume that is refused is being decided", async () => {
  const { story, ticket } = await begun(100);
  await story.end(1);
  story.held = [];
  await story.open(2, resume({ ...ticket, token: "0".repeat(32) }, 0));
  await sleep(story, 40_000);
  await story.release();
  await story.pass(69_999);
  await story.open(3, resume(ticket, 0));
  assert(story.lines(3)[0]!.startsWith("RESUMED"));
});

test("from the window on a resume is refused, whatever the record says", async () => {
  const store = new MemoryStore();
  const { story, ticket } = await begun(100, { store });
  const { progress } = store;
  const lost = new HeartlineError("io", "Cannot use the store: gone");
  // The record still has the five seconds more of a session that is connected.
  store.progress = () => Promise.reject(lost);
  await story.end(1);
  store.progress = progress;
  await story.pass(29_999);
  story.held = [];
  await story.pass(30_000);
  await story.open(2, resume(ticket, 0));
  // What became of it is asked before the resume, and answered after it.
  const [asked, ...others] = story.held;
  story.held = undefined;
  for (const call of others) await call();
  await asked!();
  assert(story.lines(2)[0]!.startsWith("REJECTED EXPIRED"));
  assertEquals([story.events("expired").length, story.machine.size], [1, 0]);
});

test("a session that comes back while the store is asked what became of it has not moved", async () => {
  const store = new MemoryStore();
  const one = new SequenceStory({ store }), two = new SequenceStory({ store, seed: 2 });
  await one.open(1, hello(100));
  const first = one.ticket(1);
  await one.end(1);
  two.now = 1_000;
  await two.open(1, resume(first, 0));
  const second = two.ticket(1, first.session);
  await one.pass(29_999);
  one.held = [];
  await one.pass(30_000);
  await one.open(2, resume(second, 0));
  // What became of it is asked before the resume, and answered after it.
  const [asked, ...others] = one.held;
  one.held = undefined;
  for (const call of others) await call();
  await asked!();
  assert(one.lines(2)[0]!.startsWith("RESUMED"));
  assertEquals([...one.events("moved"), ...one.events("expired")], []);
  assertEquals(one.machine.size, 1);
});

test("while a resume in time is being decided its session does not expire", async () => {
  const { story, ticket } = await begun(100);
  await story.end(1);
  await story.pass(29_999);
  story.held = [];
  await story.open(2, resume(ticket, 0));
  await story.pass(30_000);
  // Had the store been asked what became of it, that would be answered first.
  const calls = story.held.toReversed();
  story.held = undefined;
  for (const call of calls) await call();
  assert(story.lines(2)[0]!.startsWith("RESUMED"));
  assertEquals(story.events("expired"), []);
});

test("a resume that was decided after the window leaves a full window to the next", async () => {
  const story = new SequenceStory();
  await story.open(1, hello(100));
  const first = story.ticket(1);
  await story.end(1);
  story.held = [];
  await story.open(2, resume(first, 0));
  await story.pass(40_000);
  await story.release();
  const second = story.ticket(2, first.session);
  await story.end(2);
  await story.pass(69_999);
  await story.open(3, resume(second, 0));
  assert(story.lines(3)[0]!.startsWith("RESUMED"));
});

for (const [where, at] of [["where it is", 30_000], ["elsewhere", 29_999]] as const) {
  test(`a resume that was overtaken does not keep a session for ever: ${where}`, async () => {
    const store = new MemoryStore();
    const one = new SequenceStory({ store });
    await one.open(1, hello(100));
    const ticket = one.ticket(1);
    const story = where === "elsewhere" ? new SequenceStory({ store, seed: 2 }) : one;
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
    await story.end(3);
    await story.pass(at);
    answer();
    await slow;
    await story.pass(30_000);
    assertEquals([story.events("expired").length, story.machine.size], [1, 0]);
  });
}
