// A client that lives is up and one that is dead is down, whatever the client's clock says.

import { assertEquals } from "@std/assert";
import { formatTcpHeartbeat } from "../../tcp/message.ts";
import { PAUSE, PAUSE_LENGTH, timeoutsUntilBack, WRONG_CLOCKS } from "../support/wrong_clocks.ts";
import { ServerStory } from "./server_story.ts";

const TIMEOUT = 2_000, INTERVAL = 500;
const bytesOf = new TextEncoder();

for (const [name, clock] of Object.entries(WRONG_CLOCKS)) {
  Deno.test(`a TCP client that lives does not stay down if its clock ${name}`, {
    permissions: "none",
  }, () => {
    const talk = new Talk(clock);
    talk.beats(0, PAUSE);
    const back = PAUSE + PAUSE_LENGTH;
    talk.beats(back, back + 2 * TIMEOUT);
    talk.beats(back + 2 * TIMEOUT, 300_000);
    talk.beats(310_000, 310_000 + timeoutsUntilBack(name) * TIMEOUT);
    assertEquals(talk.verdicts(), ["up", "down", "recovered", "down", "recovered"]);
  });
}

Deno.test("a TCP client without a clock recovers after a timeout, and that is said with it once", {
  permissions: "none",
}, () => {
  const talk = new Talk(WRONG_CLOCKS["stands still"]!);
  for (let from = 0; from < 50_000; from += 10_000) talk.beats(from, from + 7_000);
  const said = talk.story.log.filter((line) => /recovered|clock/.test(line));
  assertEquals(said.map((line) => line.replace(/ recovered.*/, " recovered")), [
    "12000 A recovered",
    "12000 A clock-unusable",
    "22000 A recovered",
    "32000 A recovered",
    "42000 A recovered",
  ]);
});

Deno.test(
  "a dead TCP client stays down whose heartbeats were held back, with and without a clock",
  {
    permissions: "none",
  },
  () => {
    for (const name of ["is right", "stands still"]) {
      const talk = new Talk(WRONG_CLOCKS[name]!);
      talk.beats(0, 10_000);
      talk.story.to(15_000);
      for (let t = 10_000; t < 14_000; t += INTERVAL) talk.beat(t, 15_000);
      talk.story.to(25_000);
      assertEquals(talk.verdicts(), ["up", "down"], name);
    }
  },
);

/** One client with a wrong clock. */
class Talk {
  readonly story = new ServerStory({ timeout: TIMEOUT, closeAfter: 3_600_000 });
  readonly #clock: (t: number) => number;
  #sequence = 0;

  constructor(clock: (t: number) => number) {
    this.#clock = clock;
    this.story.tell(["0 A connects"]);
  }

  /** A heartbeat that was sent at `sent` arrives at `at`. */
  beat(sent: number, at: number): void {
    this.story.to(at);
    const text = formatTcpHeartbeat({ sequence: ++this.#sequence, sentAt: this.#clock(sent) });
    this.story.data("A", bytesOf.encode(text));
  }

  beats(from: number, to: number): void {
    for (let t = from; t < to; t += INTERVAL) this.beat(t, t);
  }

  verdicts(): string[] {
    const words = this.story.log.map((line) => line.split(" ")[2]!.replace(",", ""));
    return words.filter((word) => ["up", "down", "recovered"].includes(word));
  }
}
