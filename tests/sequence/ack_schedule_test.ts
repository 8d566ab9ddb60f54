// When a client confirms what was taken: at once where its server waits for it, and else in good time.

import { assertEquals } from "@std/assert";
import { finOf, fresh, ReceiverStory, S, T, T2, WELCOME } from "../support/receiver_story.ts";

const PURE = { permissions: "none" } as const;

type Deed = (story: ReceiverStory) => void;

interface Case {
  readonly title: string;
  /** @default of a server with a second between numbers and five between heartbeats */
  readonly greeting?: string;
  /** How many numbers there are. @default 2_000 */
  readonly length?: number;
  readonly saves?: true;
  readonly steps: readonly (readonly [at: number, deed: Deed])[];
  /** What is said within 15 s behind the first ACK, each line with its instant. */
  readonly said: readonly string[];
}

/** A line arrives, and the user takes nothing. */
const hears = (line: string): Deed => (story) => story.hear(`${line}\n`);
/** The user takes all there is. */
const takes: Deed = (story) => story.take();
const gets = (line: string): Deed => (story) => {
  story.hear(`${line}\n`);
  story.take();
};
const saved: Deed = (story) => story.give({ type: "saved" });
const isLost: Deed = (story) => {
  story.give({ type: "ended", connection: story.connection, reason: "reset" });
};
const connects: Deed = (story) => story.connect();
const stalled = (by: number): Deed => (story) => story.stall(by);
const numbers = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `NUMBER ${from + i} 7`).join("\n");

const CASES: readonly Case[] = [
  {
    title: "a number is confirmed half a heartbeat after it was taken",
    steps: [[1_000, gets(numbers(0, 1))]],
    said: ["3500 ACK 1"],
  },
  {
    title: "at a number a second there is one ACK for three: the first of them says when",
    steps: [0, 1, 2, 3, 4, 5, 6].map((k) => [1_000 * (k + 1), gets(numbers(k, 1))]),
    said: ["3500 ACK 3", "6500 ACK 6", "9500 ACK 7"],
  },
  {
    title: "a short heartbeat makes it sooner",
    greeting: `WELCOME ${S} ${T} 1 100 1000 30000\n`,
    steps: [[100, gets(numbers(0, 1))], [200, gets(numbers(1, 1))]],
    said: ["600 ACK 2"],
  },
  {
    title: "a long heartbeat does not make it later",
    greeting: `WELCOME ${S} ${T} 1 1000 60000 120000\n`,
    steps: [[1_000, gets(numbers(0, 1))]],
    said: ["3500 ACK 1"],
  },
  {
    title: "PING is answered with all that was taken, and then that is not due any more",
    steps: [
      [1_000, gets(numbers(0, 2))],
      [1_500, gets("PING 1")],
      [1_600, gets("PING 2")],
      [4_000, gets(numbers(2, 1))],
    ],
    said: ["1500 ACK 2", "1500 PONG 1", "1600 PONG 2", "6500 ACK 3"],
  },
  {
    title: "what came with PING is confirmed as soon as it is taken",
    steps: [[1_000, gets(`${numbers(0, 1)}\nPING 1`)], [2_000, gets(numbers(1, 1))]],
    said: ["1000 PONG 1", "1000 ACK 1", "4500 ACK 2"],
  },
  {
    title: "512 are confirmed at once, however young they are",
    steps: [
      [1_000, gets(numbers(0, 511))],
      [1_001, gets(numbers(511, 1))],
      [1_002, gets(numbers(512, 511))],
    ],
    said: ["1001 ACK 512", "3502 ACK 1023"],
  },
  {
    title: "the last number is confirmed at once",
    length: 2,
    steps: [[1_000, gets(numbers(0, 1))], [2_000, gets(numbers(1, 1))], [2_100, gets(end(2))]],
    said: ["2000 ACK 2", "2100 FIN-ACK"],
  },
  {
    title: "PING finds that all is over: nothing is said behind FIN-ACK",
    length: 1,
    steps: [
      [1_000, hears(`${numbers(0, 1)}\n${end(1)}`)],
      [1_100, ({ machine }) => [machine.take(), machine.take()]],
      [1_200, hears("PING 1")],
    ],
    said: ["1200 ACK 1", "1200 FIN-ACK"],
  },
  {
    title: "what the user did not come back from is not due",
    steps: [[1_000, hears(numbers(0, 3))], [9_000, takes]],
    said: ["11500 ACK 3"],
  },
  {
    title: "what was asked for is confirmed when it is taken, what came later in its time",
    steps: [
      [1_000, hears(numbers(0, 2))],
      [1_100, hears("PING 1")],
      [1_200, hears(numbers(2, 1))],
      [5_000, takes],
      [6_000, gets(numbers(3, 1))],
    ],
    said: ["1100 PONG 1", "5000 ACK 3", "8500 ACK 4"],
  },
  {
    title: "what waits when the connection is lost is confirmed first on the next one",
    steps: [
      [1_000, gets(numbers(0, 1))],
      [2_000, isLost],
      [5_000, connects],
      [5_100, gets(`RESUMED ${T2} 2 1`)],
      [6_000, gets(numbers(1, 1))],
    ],
    said: [`5000 RESUME 1 ${S} ${T} 1`, "5100 ACK 1", "8500 ACK 2"],
  },
  {
    title: "our own pause does not make it later",
    steps: [[1_000, gets(numbers(0, 1))], [1_001, stalled(9_000)]],
    said: ["3500 ACK 1"],
  },
  {
    title: "what is saved waits for its time all the same",
    saves: true,
    steps: [[1_000, gets(numbers(0, 1))], [1_010, saved]],
    said: ["3500 ACK 1"],
  },
  {
    title: "what is due waits until it is saved",
    saves: true,
    steps: [[1_000, gets(numbers(0, 1))], [6_000, saved]],
    said: ["6000 ACK 1"],
  },
  {
    title: "PONG does not wait for a save, and what was asked for not for its time",
    saves: true,
    steps: [[1_000, gets(numbers(0, 1))], [1_100, gets("PING 1")], [1_200, saved]],
    said: ["1100 PONG 1", "1200 ACK 1"],
  },
];

for (const { title, steps, said, ...rest } of CASES) {
  Deno.test(title, PURE, () => assertEquals(linesOf(steps, rest), said));
}

Deno.test(
  "a client that was restarted does not know the heartbeat, and waits no longer",
  PURE,
  () => {
    const story = new ReceiverStory({ ...fresh(9), session: { id: S, token: T } });
    story.connect();
    story.hear(`RESUMED ${T2} 2 0\n`);
    story.sent();
    gets(numbers(0, 1))(story);
    story.to(2_499);
    assertEquals(story.sent(), "");
    story.to(2_500);
    assertEquals(story.sent(), "ACK 1\n");
  },
);

Deno.test("what was taken is saved at once, not when it is due", PURE, () => {
  const story = begun({ saves: true });
  story.now = 1_000;
  gets(numbers(0, 1))(story);
  const save = story.last("save");
  assertEquals(save?.type === "save" && save.snapshot.checksum.count, 1);
});

/** What a client says, with the instants. */
function linesOf(steps: Case["steps"], options: Partial<Case>): string[] {
  const story = begun(options);
  const said: string[] = [];
  const note = (): void => {
    for (const line of story.sent().split("\n")) if (line) said.push(`${story.now} ${line}`);
  };
  for (const [at, deed] of [...steps, [15_000, () => {}] as const]) {
    for (let due; (due = story.machine.deadline) !== undefined && due <= at;) {
      story.to(due);
      note();
    }
    story.now = at;
    deed(story);
    note();
  }
  return said;
}

/** A client behind its first ACK. */
function begun({ greeting = WELCOME, length = 2_000, saves }: Partial<Case>): ReceiverStory {
  const story = new ReceiverStory(fresh(length), { saves: saves ?? false });
  story.connect();
  story.hear(greeting);
  if (saves) story.give({ type: "saved" });
  assertEquals(story.sent().endsWith("ACK 0\n"), true);
  return story;
}

function end(length: number): string {
  return finOf(Array.from({ length }, () => 7)).trimEnd();
}
