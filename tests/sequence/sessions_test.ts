// What moves a session, what ends it, and what of it is left in the store.

import { assert, assertEquals } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { MemoryStore } from "../../store/memory.ts";
import { begun, hello, indices, resume, SequenceStory } from "../support/sequence_story.ts";
import { WALL } from "../support/sequence_world.ts";

function test(name: string, body: () => Promise<void>): void {
  Deno.test(name, { permissions: "none" }, body);
}

test("an ACK that is lower than the one before moves nothing back", async () => {
  const story = new SequenceStory({ sendWindow: 2 });
  await story.open(1, hello(100));
  await story.pass(2_000);
  await story.say(1, "ACK 2\nACK 0\n");
  await story.pass(4_000);
  assertEquals(indices(story.lines(1)), [0, 1, 2, 3]);
  await story.end(1);
  const [lost] = story.events("disconnected");
  assert(lost?.type === "disconnected" && lost.next === 2);
});

test("FIN-ACK before FIN is MALFORMED and ends no session", async () => {
  const { story, ticket } = await begun(3);
  await story.pass(1_000);
  await story.say(1, "FIN-ACK\n");
  assert(story.lines(1).at(-2)!.startsWith("REJECTED MALFORMED"));
  await story.open(2, resume(ticket, 1));
  assert(story.lines(2)[0]!.startsWith("RESUMED"));
});

test("field note: FIN that may be lost is said again after every resume", async () => {
  const story = new SequenceStory({ interval: 0 });
  await story.open(1, hello(3));
  let ticket = story.ticket(1);
  for (const connection of [2, 3]) {
    await story.end(connection - 1);
    await story.open(connection, resume(ticket, 3));
    const lines = story.lines(connection);
    assertEquals(lines.map((line) => line.split(" ")[0]), ["RESUMED", "FIN"]);
    ticket = { ...ticket, token: lines[0]!.split(" ")[1]! };
  }
  await story.say(3, "ACK 3\nFIN-ACK\n");
  assertEquals(story.events("completed").length, 1);
});

test("the store learns at the drop how far the client was, and at the end that it ended", async () => {
  const { story, ticket } = await begun(3);
  const stored = () => story.store.load(ticket.session);
  await story.pass(2_500);
  await story.say(1, "ACK 1\nACK 2\n");
  await story.end(1);
  assertEquals((await stored())?.next, 2);
  await story.open(2, resume(ticket, 2));
  await story.pass(3_000);
  await story.say(2, "ACK 3\nFIN-ACK\n");
  const { state, expiresAt } = (await stored())!;
  assertEquals([state, expiresAt], ["completed", WALL + 3_000 + 600_000]);
  const { deadline, schedule: numbers } = story.machine;
  assertEquals([deadline, numbers.deadline], [undefined, undefined], "nothing is left to do");
});

test("the store learns that a session expired", async () => {
  const { story, ticket } = await begun(3);
  await story.end(1);
  await story.pass(30_000);
  const { state, expiresAt } = (await story.store.load(ticket.session))!;
  assertEquals([state, expiresAt], ["expired", WALL + 30_000 + 600_000]);
});

test("a drop while a resume is being decided begins the window, refused or not", async () => {
  const { story, ticket } = await begun(100);
  story.held = [];
  await story.open(2, resume({ ...ticket, token: "0".repeat(32) }, 0));
  await story.end(1);
  await story.release();
  await story.pass(29_999);
  assertEquals(story.events("expired"), []);
  await story.pass(30_000);
  assertEquals(story.events("expired").length, 1);
});

test("a drop while a valid resume is being decided does not end the session", async () => {
  const { story, ticket } = await begun(100);
  story.held = [];
  await story.open(2, resume(ticket, 0));
  await story.end(1);
  await story.pass(20_000);
  await story.release();
  assert(story.lines(2)[0]!.startsWith("RESUMED"));
  assertEquals([...story.events("expired"), ...story.events("moved")], []);
});

test("field note: back at 5 s, gone again at 29 s, and back just before 59 s", async () => {
  const story = new SequenceStory({ heartbeat: 60_000 });
  await story.open(1, hello(100));
  const first = story.ticket(1);
  await story.end(1);
  await story.pass(5_000);
  await story.open(2, resume(first, 0));
  const second = story.ticket(2, first.session);
  await story.pass(29_000);
  await story.end(2);
  await story.pass(58_999);
  await story.open(3, resume(second, 0));
  assert(story.lines(3)[0]!.startsWith("RESUMED"));
});

test("a session with a connection is never late, also when its save is", async () => {
  const { story, ticket } = await begun(100);
  story.now = 5_000;
  await story.open(2, resume(ticket, 0));
  assert(story.lines(2)[0]!.startsWith("RESUMED"));
});

test("a client that was resumed and is gone again gets nothing, and has its window", async () => {
  const { story, ticket } = await begun(100);
  await story.pass(1_500);
  story.held = [];
  await story.open(2, resume(ticket, 1));
  // The session is found, and its epoch is being raised.
  await story.releaseOnce();
  await story.end(2);
  await story.release();
  assertEquals(story.lines(1).slice(-2), ["REPLACED", "closed"]);
  await story.pass(31_499);
  assertEquals([story.lines(2), story.events("expired")], [[], []]);
  await story.pass(31_500);
  assertEquals(story.events("expired").length, 1);
});

test("a save of the time before a resume that fails says nothing of the time after", async () => {
  const { story, ticket } = await begun(100);
  story.held = [];
  await story.pass(5_000);
  await story.open(2, resume(ticket, 0));
  const [save, load] = story.held;
  story.held = undefined;
  await load!();
  await save!();
  assertEquals(story.events("moved"), []);
  await story.pass(6_000);
  assertEquals(indices(story.lines(2)), [0]);
});

test("a session whose record cannot be read expires here all the same", async () => {
  const store = new MemoryStore();
  const story = new SequenceStory({ store });
  await story.open(1, hello(3));
  await story.end(1);
  const gone = new HeartlineError("io", "Cannot use the store: gone");
  Object.assign(store, { load: () => Promise.reject(gone) });
  await story.pass(30_000);
  assertEquals(story.events("expired").length, 1);
  assertEquals(story.machine.size, 0);
});
