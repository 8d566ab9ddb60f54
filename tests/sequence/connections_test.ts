// Whom a server takes, and what a connection must take from it.

import { assert, assertEquals } from "@std/assert";
import { hello, SequenceStory } from "../support/sequence_story.ts";

function test(name: string, body: () => void | Promise<void>): void {
  Deno.test(name, { permissions: "none" }, body);
}

test("a connection that is gone leaves its place to the next one of its address", async () => {
  const story = new SequenceStory({ maxPerAddress: 2 });
  await story.open(1, hello(5));
  for (let connection = 2; connection <= 4; connection++) {
    await story.open(connection, hello(5));
    assert(story.lines(connection)[0]!.startsWith("WELCOME"));
    await story.open(9, hello(5));
    assert(story.lines(9)[0]!.startsWith("REJECTED BUSY"));
    await story.end(connection);
  }
});

test("connections that say nothing are twice the sessions at most, for ten seconds", async () => {
  const story = new SequenceStory({ maxSessions: 1 });
  for (const connection of [1, 2, 3]) {
    await story.open(connection, "", `10.0.0.${connection}`);
  }
  await story.pass(9_999);
  assertEquals([story.lines(1), story.lines(2)], [[], []]);
  assert(story.lines(3)[0]!.startsWith("REJECTED BUSY"));
  await story.pass(10_000);
  assert(story.lines(1)[0]!.startsWith("REJECTED TIMEOUT"));
});

test("nothing is due any more for a connection that is gone", async () => {
  const story = new SequenceStory();
  await story.open(1, hello(5));
  await story.end(1);
  story.lines(1);
  await story.pass(20_000);
  assertEquals(story.lines(1), []);
});

test("before WELCOME there are no heartbeats, however long the store takes", async () => {
  const story = new SequenceStory();
  story.held = [];
  await story.open(1, hello(5));
  await story.pass(60_000);
  assertEquals(story.lines(1), []);
  await story.release();
  assert(story.lines(1)[0]!.startsWith("WELCOME"));
});

test("who is rejected has time to read why", () => {
  const { machine } = new SequenceStory();
  const remote = { hostname: "10.0.0.1", port: 1 };
  machine.handle({ type: "opened", connection: 1, remote, local: remote }, 0);
  const bytes = new TextEncoder().encode("NONSENSE\n");
  const outputs = machine.handle({ type: "data", connection: 1, bytes }, 0);
  const close = outputs.find(({ type }) => type === "close");
  assert(close?.type === "close" && close.linger === 500);
});

test("what follows FIN-ACK is not read, however long it is", async () => {
  const story = new SequenceStory({ interval: 0 });
  await story.open(1, hello(1));
  story.lines(1);
  await story.say(1, `ACK 1\nFIN-ACK\n${"x".repeat(10_000)}`);
  assertEquals(story.lines(1), ["closed"]);
  assertEquals(story.said.map(({ type }) => type), ["started", "completed"]);
});
