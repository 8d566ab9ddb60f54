// A store that lost its newest writes: what a server holds is written back, and nobody ends.

import { assert, assertEquals } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { hashToken } from "../../sequence/secret.ts";
import type { SequenceSession } from "../../sequence/store.ts";
import { RollbackStore } from "../support/rollback_store.ts";
import { hello, indices, resume, SequenceStory, type Ticket } from "../support/sequence_story.ts";
import { WALL } from "../support/sequence_world.ts";

function test(name: string, body: () => Promise<void>): void {
  Deno.test(name, { permissions: "none" }, body);
}

const wrong = "0".repeat(32);
/** How far a store goes back: to the first epoch, or to before it knew the session. */
const LOSSES = ["an earlier epoch", "nothing"] as const;
type Loss = (typeof LOSSES)[number];

interface Rolled {
  readonly store: RollbackStore;
  readonly story: SequenceStory;
  readonly ticket: Ticket;
  /** The connection that the client has. */
  readonly connection: number;
  readonly stored: () => Promise<SequenceSession | undefined>;
}

/** A session that was resumed three times and is at number 3, at 3 s, when its store goes back. */
async function rolled(loss: Loss, store = new RollbackStore()): Promise<Rolled> {
  const story = new SequenceStory({ store });
  await story.open(1, hello(100));
  let ticket = story.ticket(1);
  await story.say(1, "ACK 0\n");
  const saved = await store.snapshot();
  for (const connection of [2, 3, 4]) {
    await story.open(connection, resume(ticket, 0));
    ticket = story.ticket(connection, ticket.session);
    await story.say(connection, "ACK 0\n");
  }
  await story.pass(3_000);
  await story.say(4, "ACK 3\n");
  await store.rollBack(loss === "nothing" ? [] : saved);
  const stored = () => store.load(ticket.session);
  assertEquals((await stored())?.epoch, loss === "nothing" ? undefined : 1);
  return { store, story, ticket, connection: 4, stored };
}

for (const loss of LOSSES) {
  test(`a store that has ${loss}: the next save writes back, the client notices nothing`, async () => {
    const { story, ticket, connection, stored } = await rolled(loss);
    await story.pass(9_500);
    const { epoch, tokenHash, previousTokenHash, next, state, expiresAt } = (await stored())!;
    assertEquals([epoch, next, state], [4, 3, "open"]);
    assertEquals(tokenHash, hashToken(ticket.token));
    assertEquals(previousTokenHash, undefined, "it was void already");
    assert(expiresAt >= WALL + 35_000, `${expiresAt - WALL}`);
    assertEquals(indices(story.lines(connection)), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    assertEquals(story.events("written-back"), [
      { type: "written-back", session: ticket.session, count: 1 },
    ]);
    assertEquals([...story.events("moved"), ...story.events("expired")], []);
  });

  test(`a store that has ${loss}: the newest token is good, and others are not`, async () => {
    const { story, ticket, stored } = await rolled(loss);
    await story.end(4);
    await story.open(5, resume({ ...ticket, token: wrong }, 3));
    assert(story.lines(5)[0]!.startsWith("REJECTED UNAVAILABLE"), "another server may know it");
    await story.open(6, resume(ticket, 3));
    const greeting = story.lines(6)[0]!;
    assert(greeting.startsWith("RESUMED") && greeting.endsWith(" 5 3"), greeting);
    assertEquals((await stored())?.epoch, 5);
    await story.pass(13_000);
    await story.open(7, resume({ ...ticket, token: wrong }, 3));
    assert(story.lines(7)[0]!.startsWith("REJECTED UNKNOWN"), "ten seconds later that is known");
    assertEquals(story.events("moved"), []);
  });

  test(`a store that has ${loss}: the token before the newest is good until the first ACK`, async () => {
    const store = new RollbackStore();
    const story = new SequenceStory({ store });
    await story.open(1, hello(100));
    const first = story.ticket(1);
    const saved = await store.snapshot();
    // RESUMED is lost on its way, twice.
    for (const connection of [2, 3]) await story.open(connection, resume(first, 0));
    await store.rollBack(loss === "nothing" ? [] : saved);
    await story.open(4, resume(first, 0));
    assert(story.lines(4)[0]!.startsWith("RESUMED"));
    assertEquals((await store.load(first.session))?.epoch, 4);
  });

  test(`a store that has ${loss}: a window is a window, no shorter and no longer`, async () => {
    for (const [after, answer] of [[29_999, "RESUMED"], [30_000, "REJECTED EXPIRED"]] as const) {
      const { story, ticket } = await rolled(loss);
      await story.end(4);
      story.now += after;
      await story.open(5, resume(ticket, 3));
      assert(story.lines(5)[0]!.startsWith(answer), answer);
    }
  });

  test(`a store that has ${loss}: it learns how a session ended`, async () => {
    const { story, ticket, stored } = await rolled(loss);
    await story.end(4);
    await story.pass(33_000);
    assertEquals(story.events("expired").length, 1);
    assertEquals((await stored())?.state, "expired");
    await story.open(5, resume(ticket, 3));
    assert(story.lines(5)[0]!.startsWith("REJECTED EXPIRED"));
    const store = new RollbackStore(), short = new SequenceStory({ store, interval: 0 });
    await short.open(1, hello(3));
    const first = short.ticket(1);
    const saved = await store.snapshot();
    await short.open(2, resume(first, 3));
    await store.rollBack(loss === "nothing" ? [] : saved);
    await short.say(2, "ACK 3\nFIN-ACK\n");
    assertEquals((await store.load(first.session))?.state, "completed");
    assertEquals([...short.events("moved"), ...short.events("expired")], []);
  });

  test(`a store that has ${loss}: what is saved at a drop writes back, too`, async () => {
    const { story, stored } = await rolled(loss);
    await story.end(4);
    assertEquals((await stored())?.epoch, 4);
  });

  test(`a store that goes back to ${loss} while nobody is connected: found when it is back`, async () => {
    const store = new RollbackStore();
    const { story, ticket } = await rolled("nothing", store);
    await story.pass(9_000);
    await story.end(4);
    await story.pass(10_000);
    const saved = (await store.snapshot()).map((session) => ({ ...session, epoch: 2 }));
    await store.rollBack(loss === "nothing" ? [] : saved);
    await story.tell({ type: "store-returned" });
    const { epoch, expiresAt } = (await store.load(ticket.session))!;
    assertEquals([epoch, expiresAt], [4, WALL + 9_000 + 30_000], "for what is left of its window");
  });

  test(`a store that is back with ${loss}: another server takes the newest token, a little later`, async () => {
    const { store, story, ticket } = await rolled(loss);
    const other = new SequenceStory({ store, seed: 2 });
    await story.end(4);
    await store.rollBack([]);
    other.now = story.now;
    await other.tell({ type: "store-returned" });
    await other.open(1, resume(ticket, 3));
    assert(other.lines(1)[0]!.startsWith("REJECTED UNAVAILABLE"), "and not for good");
    await story.tell({ type: "store-returned" });
    await other.open(2, resume(ticket, 3));
    assert(other.lines(2)[0]!.startsWith("RESUMED"));
    other.now += 10_000;
    await other.open(3, resume({ ...ticket, token: wrong }, 3));
    assert(other.lines(3)[0]!.startsWith("REJECTED UNKNOWN"), "ten seconds later that is known");
  });
}

test("one session that was lost leads to all others, also to those without a connection", async () => {
  const store = new RollbackStore(), story = new SequenceStory({ store });
  const tickets: Ticket[] = [];
  for (let connection = 1; connection <= 1_200; connection++) {
    await story.open(connection, hello(100));
    tickets.push(story.ticket(connection));
    if (connection > 1) await story.end(connection);
  }
  await store.rollBack([]);
  await story.pass(5_000);
  const found = await Promise.all(tickets.map(({ session }) => store.load(session)));
  assertEquals(found.filter((session) => session?.epoch === 1).length, 1_200);
  await story.pass(6_000);
  const counts = story.events("written-back").map((event) => "count" in event ? event.count : 0);
  assertEquals(counts.reduce((sum, count) => sum + count), 1_200);
  assert(counts.length <= 3, "told once a second");
});

test("a store that is back is asked 500 things at a time", async () => {
  const story = new SequenceStory({ store: new RollbackStore() });
  for (let connection = 1; connection <= 600; connection++) {
    await story.open(connection, hello(100));
    await story.end(connection);
  }
  story.held = [];
  await story.tell({ type: "store-returned" });
  assertEquals(story.held.length, 500);
  await story.releaseOnce();
  assertEquals(story.held.length, 100);
  await story.release();
});

test("a store that is back is told nothing of sessions that ended meanwhile", async () => {
  const { story, store, ticket } = await rolled("an earlier epoch");
  await story.end(4);
  await story.pass(32_999);
  story.held = [];
  await story.open(5, resume({ ...ticket, token: wrong }, 3));
  await story.pass(33_001);
  // Its window is over, and it is kept for the one that waits for the store.
  await store.rollBack([]);
  const asked = story.held.length;
  await story.tell({ type: "store-returned" });
  assertEquals(story.held.length, asked);
  await story.release();
});

test("who comes with a token of another server, before that has written back, waits for it", async () => {
  const store = new RollbackStore();
  const one = new SequenceStory({ store }), two = new SequenceStory({ store, seed: 2 });
  await one.open(1, hello(100));
  const first = one.ticket(1);
  await one.open(2, resume(first, 0));
  const saved = await store.snapshot();
  const second = one.ticket(2, first.session);
  await two.open(1, resume(second, 0));
  const third = two.ticket(1, first.session);
  // The first server has not heard yet that it has moved, and holds more than the store has now.
  await store.rollBack(saved.map((session) => ({ ...session, epoch: 1 })));
  await one.open(3, resume(third, 0));
  assert(one.lines(3)[0]!.startsWith("REJECTED UNAVAILABLE"));
  await two.pass(5_000);
  await one.open(4, resume(third, 0));
  assert(one.lines(4)[0]!.startsWith("RESUMED"));
});

test("a takeover is still one: a higher epoch wins over all that is written back", async () => {
  const { store, story, ticket } = await rolled("an earlier epoch");
  const [found] = await store.snapshot();
  await store.rollBack([{ ...found!, epoch: 5, tokenHash: "cd".repeat(32) }]);
  await story.pass(10_000);
  assertEquals(story.lines(4).slice(-2), ["REPLACED", "closed"]);
  assertEquals(story.events("moved").length, 1);
  assertEquals((await store.load(ticket.session))?.epoch, 5);
});

test("our epoch under another token is a takeover, after which nothing is ended", async () => {
  const { store, story, ticket } = await rolled("an earlier epoch");
  const [found] = await store.snapshot();
  await story.end(4);
  await store.rollBack([{ ...found!, epoch: 4, tokenHash: "cd".repeat(32) }]);
  await story.pass(40_000);
  assertEquals(story.events("moved").length, 1);
  assertEquals(story.events("expired"), []);
  assertEquals((await store.load(ticket.session))?.state, "open");
});

test("two servers that write back at once end with the higher epoch", async () => {
  const store = new RollbackStore();
  const one = new SequenceStory({ store }), two = new SequenceStory({ store, seed: 2 });
  await one.open(1, hello(100));
  let ticket = one.ticket(1);
  await one.end(1);
  for (const connection of [1, 2, 3]) {
    await two.open(connection, resume(ticket, 0));
    ticket = two.ticket(connection, ticket.session);
  }
  await store.rollBack([]);
  for (const story of [one, two]) {
    story.held = [];
    await story.tell({ type: "store-returned" });
  }
  for (let turn = 0; turn < 8; turn++) {
    for (const story of [one, two]) await story.releaseOnce();
  }
  for (const story of [one, two]) await story.release();
  await two.pass(6_000);
  assertEquals((await store.load(ticket.session))?.epoch, 4);
  assertEquals(two.events("moved"), []);
  await one.pass(31_000);
  assertEquals([one.events("moved").length, one.events("expired").length], [1, 0]);
});

test("a session that a sweep ended in the restored snapshot is opened again", async () => {
  const { store, story, stored } = await rolled("an earlier epoch");
  await store.expire(Number.MAX_SAFE_INTEGER / 2);
  assertEquals((await stored())?.state, "expired");
  await story.pass(9_000);
  const { epoch, state } = (await stored())!;
  assertEquals([epoch, state], [4, "open"]);
});

const gone = new HeartlineError("io", "Cannot use the store: gone");

/** Each row: what fails, what a resume is answered meanwhile, and the epoch after that. */
const FAILURES = [
  ["load", "REJECTED UNAVAILABLE", 4],
  ["create", "REJECTED UNAVAILABLE", 4],
  ["resume", "REJECTED UNAVAILABLE", 4],
  // All epochs were raised before this one was needed.
  ["progress", "RESUMED", 5],
] as const;

for (const [method, answer, epoch] of FAILURES) {
  test(`a store that fails at ${method} meanwhile is asked again, and nobody ends`, async () => {
    const loss = method === "create" ? "nothing" : "an earlier epoch";
    const { store, story, ticket, stored } = await rolled(loss);
    const really = store[method].bind(store) as (...args: unknown[]) => Promise<unknown>;
    // The first change of a save must be refused, not fail, for anything to be written back.
    let calls = method === "progress" ? -1 : 0;
    const fails = (...args: unknown[]) => ++calls > 0 ? Promise.reject(gone) : really(...args);
    Object.assign(store, { [method]: fails });
    await story.pass(9_000);
    assertEquals(story.events("moved"), []);
    assert(calls > 0);
    await story.open(5, resume(ticket, 3));
    assert(story.lines(5)[0]!.startsWith(answer));
    Object.assign(store, { [method]: really });
    await story.say(4, "PONG 1\n");
    await story.pass(14_900);
    assertEquals((await stored())?.epoch, epoch);
    assertEquals(story.events("moved"), []);
  });
}

test("a store that always refuses is left alone after three tries, until the next save", async () => {
  const { store, story, ticket } = await rolled("an earlier epoch");
  let tries = 0;
  store.resume = () => Promise.resolve(++tries < 0);
  await story.open(5, resume(ticket, 3));
  assert(story.lines(5)[0]!.startsWith("REJECTED UNAVAILABLE"));
  assert(tries > 0 && tries <= 9, `${tries} tries`);
  assertEquals(story.events("moved"), []);
});

test("a session that its client ends or resumes meanwhile is not touched by what was under way", async () => {
  const { story, ticket, stored } = await rolled("an earlier epoch");
  await story.pass(4_999);
  story.held = [];
  await story.pass(5_500);
  // The save was refused, and the record is being looked at, when the client comes on another connection.
  await story.releaseOnce();
  await story.open(5, resume(ticket, 3));
  await story.release();
  assert(story.lines(5)[0]!.startsWith("RESUMED"));
  assertEquals((await stored())?.epoch, 5);
  assertEquals(story.events("moved"), []);
});

test("what was written back while another save was looking is not taken for moved", async () => {
  const { story, stored } = await rolled("nothing");
  story.held = [];
  for (let time = 0; time < 2; time++) await story.tell({ type: "store-returned" });
  await story.releaseOnce();
  // Both saves were refused. The first one finds nothing and writes back before the other looks.
  const [first, second] = story.held;
  story.held = undefined;
  await first!();
  assertEquals((await stored())?.epoch, 4);
  await second!();
  assertEquals([story.events("moved").length, story.events("written-back").length], [0, 1]);
});

test("a session that was taken over while its end was told is not ended", async () => {
  const { store, story, ticket, stored } = await rolled("an earlier epoch");
  await story.pass(5_000);
  await story.end(4);
  await story.pass(34_999);
  story.held = [];
  await story.pass(35_000);
  // Its record is as we hold it; then another server accepts the client, before we say that it expired.
  await story.releaseOnce();
  const [found] = await store.snapshot();
  await store.rollBack([{ ...found!, epoch: 5, tokenHash: "cd".repeat(32) }]);
  await story.release();
  const { epoch, state } = (await stored())!;
  assertEquals([epoch, state, ticket.session], [5, "open", found!.id]);
});

/** Each row: what is found when an epoch could not be raised because somebody else did. */
for (const found of ["a later epoch", "no store"] as const) {
  test(`who finds ${found} while it writes back lets go of the session`, async () => {
    const { store, story, ticket, stored } = await rolled("an earlier epoch");
    const [lost] = await store.snapshot();
    const taken = { ...lost!, epoch: 9, tokenHash: "cd".repeat(32) };
    const really = store.load.bind(store);
    store.resume = async () => {
      await store.rollBack([taken]);
      if (found === "no store") store.load = () => Promise.reject(gone);
      return false;
    };
    await story.pass(5_000);
    store.load = really;
    assertEquals(story.events("moved").length, found === "no store" ? 0 : 1);
    await story.say(4, "PONG 1\n");
    await story.pass(10_000);
    assertEquals(story.events("written-back"), []);
    assertEquals(story.events("moved").length, 1, "at the latest by the next save");
    assertEquals([(await stored())?.epoch, ticket.session], [9, taken.id]);
  });
}

test("a resume whose change of the epoch failed may be tried again", async () => {
  const store = new RollbackStore(), story = new SequenceStory({ store });
  await story.open(1, hello(5));
  const ticket = story.ticket(1), really = store.resume.bind(store);
  store.resume = () => Promise.reject(gone);
  await story.open(2, resume(ticket, 0));
  assert(story.lines(2)[0]!.startsWith("REJECTED UNAVAILABLE"));
  store.resume = really;
  await story.open(3, resume(ticket, 0));
  assert(story.lines(3)[0]!.startsWith("RESUMED"));
});
