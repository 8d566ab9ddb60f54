// When numbers and FIN leave.

import { assert, assertEquals } from "@std/assert";
import { LiveSession } from "../../sequence/live_session.ts";
import { NumberSchedule } from "../../sequence/number_schedule.ts";
import { begun, hello, indices, resume, SequenceStory } from "../support/sequence_story.ts";

function test(name: string, body: () => Promise<void>): void {
  Deno.test(name, { permissions: "none" }, body);
}

test("FIN is said once, however often what comes before it is confirmed", async () => {
  const story = new SequenceStory({ interval: 0 });
  await story.open(1, hello(3));
  for (const next of [1, 2, 3]) await story.say(1, `ACK ${next}\n`);
  const words = story.lines(1).map((line) => line.split(" ")[0]);
  assertEquals(words, ["WELCOME", "NUMBER", "NUMBER", "NUMBER", "FIN"]);
});

test("a client that goes back behind what it confirmed gets no more at once than others", async () => {
  const { story, ticket } = await begun(100, { interval: 0, sendWindow: 10 });
  for (const next of [10, 20]) await story.say(1, `ACK ${next}\n`);
  await story.open(2, resume(ticket, 5));
  assertEquals(indices(story.lines(2)), [5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  await story.say(2, "ACK 15\n");
  assertEquals(indices(story.lines(2)), [15, 16, 17, 18, 19, 20, 21, 22, 23, 24]);
});

test("sessions that ended leave their places in the schedule", async () => {
  const story = new SequenceStory({ interval: 0 });
  await story.open(1, hello(1));
  const record = (await story.store.load(story.ticket(1).session))!;
  await story.say(1, "ACK 1\nFIN-ACK\n");
  for (let connection = 2; connection <= 50; connection++) {
    await story.open(connection, hello(1));
    await story.say(connection, "ACK 1\nFIN-ACK\n");
  }
  const next = new LiveSession(record, (index) => index, 0, 0);
  assert(story.machine.schedule instanceof NumberSchedule);
  story.machine.schedule.add(next);
  assertEquals(next.numberSlot, 0);
});
