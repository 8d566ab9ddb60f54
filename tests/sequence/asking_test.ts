// When a server asks: whoever was silent for a heartbeat, and whoever could let a small window run full.

import { assert, assertEquals } from "@std/assert";
import { CONFIRM_EVERY } from "../../sequence/ack_rules.ts";
import { seededRandom } from "../support/random.ts";
import { begun, hello, indices, resume, SequenceStory } from "../support/sequence_story.ts";
import { SequenceWorld, valueAt } from "../support/sequence_world.ts";

function test(name: string, body: () => Promise<void>): void {
  Deno.test(name, { permissions: "none" }, body);
}

const pings = (lines: readonly string[]): string[] => lines.filter((line) => /^PING/.test(line));

test("who says something within each heartbeat is never asked", async () => {
  const story = new SequenceStory({ sendWindow: 2 * CONFIRM_EVERY });
  await story.open(1, hello(100));
  story.lines(1);
  for (let at = 4_999; at < 90_000; at += 4_999) {
    await story.pass(at);
    await story.say(1, `ACK ${Math.floor(at / 1_000)}\n`);
  }
  assertEquals(pings(story.lines(1)), []);
});

test("a heartbeat counts from the last word, and three unanswered from there are a loss", async () => {
  const story = new SequenceStory();
  await story.open(1, hello(100));
  await story.pass(4_000);
  await story.say(1, "ACK 4\n");
  story.lines(1);
  for (const [until, wanted] of [[8_999, 0], [9_000, 1], [14_000, 2], [19_000, 3]] as const) {
    await story.pass(until);
    assertEquals(pings(story.lines(1)).length, wanted === 0 ? 0 : 1, `until ${until}`);
  }
  await story.pass(23_999);
  assertEquals(story.events("disconnected"), []);
  await story.pass(24_000);
  const [lost] = story.events("disconnected");
  assert(lost?.type === "disconnected" && lost.reason === "silent");
});

test("a word before WELCOME begins no heartbeats", async () => {
  const story = new SequenceStory({ heartbeat: 1_000 });
  story.held = [];
  await story.open(1, hello(5));
  await story.pass(20_000);
  assertEquals(story.lines(1), []);
});

test("a pause of the server is not the silence of a client", async () => {
  const story = new SequenceStory({ interval: 100_000 });
  await story.open(1, hello(100));
  await story.pass(4_000);
  await story.say(1, "ACK 0\n");
  story.lines(1);
  await story.stall(60_000);
  await story.pass(68_999);
  assertEquals(story.lines(1), []);
  await story.pass(69_000);
  assertEquals(story.lines(1), ["PING 1"]);
});

/** A window, and at which numbers a client that does not confirm is asked. */
for (
  const [sendWindow, asked] of [
    [1, ["NUMBER 0", "PING 1"]],
    [2, ["NUMBER 0", "NUMBER 1", "PING 1"]],
    [3, ["NUMBER 0", "NUMBER 1", "PING 1", "NUMBER 2"]],
    [4, ["NUMBER 0", "NUMBER 1", "NUMBER 2", "PING 1", "NUMBER 3"]],
  ] as const
) {
  test(`with a window of ${sendWindow} it is asked once, before it can be late`, async () => {
    const story = new SequenceStory({ sendWindow, heartbeat: 60_000 });
    await story.open(1, hello(100));
    story.lines(1);
    await story.pass(50_000);
    const words = story.lines(1).map((line) => line.split(" ", 2).join(" "));
    assertEquals(words, [...asked]);
  });
}

test("a window that a client keeps open by itself is no reason to ask", async () => {
  for (const [sendWindow, wanted] of [[2 * CONFIRM_EVERY - 1, 1], [2 * CONFIRM_EVERY, 0]]) {
    const story = new SequenceStory({ interval: 0, sendWindow: sendWindow! });
    await story.open(1, hello(5_000));
    assertEquals(pings(story.lines(1)).length, wanted!);
  }
});

test("behind the last number there is FIN, and nothing to ask", async () => {
  const story = new SequenceStory({ interval: 0, sendWindow: 2 });
  await story.open(1, hello(2));
  assertEquals(pings(story.lines(1)), []);
});

test("who is slow to take is asked once, then once a heartbeat, and again after an ACK", async () => {
  const story = new SequenceStory({ sendWindow: 3 });
  await story.open(1, hello(100));
  const asked: number[] = [];
  for (let at = 500; at <= 20_000; at += 500) {
    await story.pass(at);
    for (const ping of pings(story.lines(1))) {
      asked.push(at);
      await story.say(1, `PONG ${ping.split(" ")[1]}\n`);
    }
  }
  assertEquals(asked, [2_000, 7_000, 12_000, 17_000]);
  await story.say(1, "ACK 1\n");
  await story.pass(21_000);
  assertEquals(story.lines(1).map((line) => line.split(" ")[0]), ["NUMBER", "PING"]);
});

test("who confirms each number is not asked, unless the window is of one", async () => {
  for (const [sendWindow, wanted] of [[1, 29], [2, 0], [3, 0], [4_096, 0]] as const) {
    const story = new SequenceStory({ sendWindow });
    await story.open(1, hello(30));
    let asked = 0;
    for (let k = 1; k <= 30; k++) {
      await story.pass(k * 1_000);
      const lines = story.lines(1);
      assertEquals(indices(lines), [k - 1], "in time");
      await story.say(1, `ACK ${k}\n`);
      for (const ping of pings(lines)) {
        asked++;
        await story.say(1, `PONG ${ping.split(" ")[1]}\n`);
      }
    }
    assertEquals(asked, wanted, `${sendWindow}`);
  }
});

test("a new connection is asked anew", async () => {
  const { story, ticket } = await begun(100, { sendWindow: 1 });
  await story.pass(1_000);
  assertEquals(pings(story.lines(1)), ["PING 1"]);
  await story.open(2, resume(ticket, 1));
  await story.pass(2_000);
  assertEquals(pings(story.lines(2)), ["PING 1"]);
});

for (const interval of [1_000, 100, 10]) {
  for (const sendWindow of [1, 2, 3, 100]) {
    const title = `a window of ${sendWindow} at ${interval} ms: no number is late`;
    test(title, async () => {
      const random = seededRandom(1);
      const world = new SequenceWorld({ length: 200, interval, sendWindow, random });
      await world.run();
      assertEquals(world.received, Array.from({ length: 200 }, (_, i) => valueAt(i)));
      // A few ms before WELCOME and behind FIN.
      const late = world.now - 200 * interval;
      assert(late < 10, `the last one was ${late} ms late`);
    });
  }
}

test("without an interval a small window never waits for the time of an ACK", async () => {
  for (const sendWindow of [1, 7, 511, 512, 1_023, 1_024]) {
    const random = seededRandom(1);
    const world = new SequenceWorld({ length: 2_000, interval: 0, sendWindow, random });
    await world.run();
    // There and back takes 2 ms, and each time half of the window is confirmed at least.
    const turns = 2 * Math.ceil(2_000 / sendWindow);
    assert(world.now <= 2 * turns + 10, `${sendWindow}: ${world.now} ms`);
  }
});

test("at a number a second the server reads a line for three numbers, and asks for none", async () => {
  const world = new SequenceWorld({ length: 300, random: seededRandom(1) });
  await world.run();
  const [said] = world.said;
  const lines = said!.up.split("\n").slice(0, -1);
  assertEquals(lines.filter((line) => line.startsWith("ACK")).length, 101);
  assertEquals(lines.length, 103, "HELLO and FIN-ACK besides");
  assert(!said!.down.includes("PING"));
});
