import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { HeartlineError } from "../../core/errors.ts";
import { KeepaliveConnectionMachine } from "../../keepalive/connection_machine.ts";
import type { KeepaliveTiming } from "../../keepalive/options.ts";
import { ConnectionStory } from "./connection_story.ts";

interface Story {
  title: string;
  timing?: KeepaliveTiming;
  /** The payload of a client's DATA; a server sends none by itself. */
  payload?: string;
  happens: string[];
  /** What is said, without the events `sent` and `probe`, which follow each `>`. */
  says: string[];
}

const NO_DATA = { dataInterval: Infinity };

/** What is not read for want of a reader says nothing of the peer. */
const HELD: readonly Story[] = [
  {
    title: "a peer that we do not read from hears of us, and is not judged",
    happens: ["1000 < DATA 1 a", "2000 held", "2500 held", "16999", "200000 < DATA 2 b", "219999"],
    says: [
      "1000 data 1 a",
      ...Array.from({ length: 40 }, (_, n) => `${5_000 * (n + 1)} > HEARTBEAT ${n + 1}`),
      "200000 data 2 b",
    ].filter((line) => !line.startsWith("200000 > ")),
  },
  {
    title: "one that died meanwhile is found when all that it said is taken",
    timing: { heartBeatAdditionalTries: 0, heartBeatInterval: 1e9 },
    happens: ["1000 held", "500000 < DATA 1 a", "600000"],
    says: [
      "500000 data 1 a",
      "520000 heartbeat phase, silent 20000",
      "520000 > HEARTBEAT 1",
      "530000 missed 1 (1 of 1)",
      "530000 down, silent 30000",
      "530000 close TERMINATE silent",
      "530000 over: silent, silent 30000",
    ],
  },
  {
    title: "who sends of itself need not say more",
    payload: "hi",
    timing: { dataInterval: 4_000 },
    happens: ["1000 held", "11999"],
    says: ["0 > DATA 1 hi", "4000 > DATA 2 hi", "8000 > DATA 3 hi"],
  },
  {
    title: "a probe that was missed before counts no more",
    timing: { heartBeatAdditionalTries: 1 },
    happens: ["30000", "31000 held", "31001 < HEARTBEAT-ACK 2", "36001"],
    says: [
      "20000 heartbeat phase, silent 20000",
      "20000 > HEARTBEAT 1",
      "30000 missed 1 (1 of 2)",
      "30000 > HEARTBEAT 2",
      "31001 answered 2 rtt 1001",
      "31001 probes only, no data for 31001, unreplied 0",
      "36001 > HEARTBEAT 3",
    ],
  },
  {
    title: "to one whose link is known to be broken nothing is said",
    happens: [
      "1000 held",
      "1500 write-failed",
      "100000 < HEARTBEAT 1",
      "100001 send x",
      "100002 ends",
    ],
    says: ["100002 close", "100002 over: end, silent 2"],
  },
  {
    title: "a link that is known to be broken, and never told of, is found out as silence",
    timing: { heartBeatAdditionalTries: 0 },
    happens: ["0 write-failed", "30000"],
    says: [
      "20000 heartbeat phase, silent 20000",
      "30000 missed 1 (1 of 1)",
      "30000 down, silent 30000",
      "30000 close TERMINATE silent",
      "30000 over: silent, silent 30000",
    ],
  },
];

/** Every story runs with the figures of seed 004 (5, 10, 3, 5 and 20 s) unless it says otherwise. */
const STORIES: readonly Story[] = [
  {
    title: "a client sends data at once and every 5 s, and is answered",
    payload: "hi",
    happens: ["30 < REPLY 1 ok", "5030 < REPLY 2 ok", "10030 < REPLY 3 ok", "14999"],
    says: [
      "0 > DATA 1 hi",
      "30 reply 1 ok rtt 30",
      "5000 > DATA 2 hi",
      "5030 reply 2 ok rtt 30",
      "10000 > DATA 3 hi",
      "10030 reply 3 ok rtt 30",
    ],
  },
  {
    title: "a server answers what the application says, in any order",
    happens: ["0 < DATA 1 a", "1 < DATA 2 b", "2 reply 2 B", "3 reply 1 A"],
    says: ["0 data 1 a", "1 data 2 b", "2 > REPLY 2 B", "3 > REPLY 1 A"],
  },
  {
    title: "a peer that goes silent is found dead 60 s after it was last heard",
    happens: ["1000 < DATA 1 a", "200000"],
    says: [
      "1000 data 1 a",
      "21000 heartbeat phase, silent 20000",
      "21000 > HEARTBEAT 1",
      "31000 missed 1 (1 of 4)",
      "31000 > HEARTBEAT 2",
      "41000 missed 2 (2 of 4)",
      "41000 > HEARTBEAT 3",
      "51000 missed 3 (3 of 4)",
      "51000 > HEARTBEAT 4",
      "61000 missed 4 (4 of 4)",
      "61000 down, silent 60000",
      "61000 close TERMINATE silent",
      "61000 over: silent, silent 60000",
    ],
  },
  {
    title: "a peer that never says a word is found dead 60 s after it connected",
    happens: ["59999"],
    says: [
      "20000 heartbeat phase, silent 20000",
      "20000 > HEARTBEAT 1",
      "30000 missed 1 (1 of 4)",
      "30000 > HEARTBEAT 2",
      "40000 missed 2 (2 of 4)",
      "40000 > HEARTBEAT 3",
      "50000 missed 3 (3 of 4)",
      "50000 > HEARTBEAT 4",
    ],
  },
  {
    title: "without additional tries the first missed probe is the last",
    timing: { heartBeatAdditionalTries: 0 },
    happens: ["200000"],
    says: [
      "20000 heartbeat phase, silent 20000",
      "20000 > HEARTBEAT 1",
      "30000 missed 1 (1 of 1)",
      "30000 down, silent 30000",
      "30000 close TERMINATE silent",
      "30000 over: silent, silent 30000",
    ],
  },
  {
    title: "while probes are answered the next one follows 5 s later, for ever",
    happens: [
      "20030 < HEARTBEAT-ACK 1",
      "25060 < HEARTBEAT-ACK 2",
      "30090 < HEARTBEAT-ACK 3",
      "35089",
    ],
    says: [
      "20000 heartbeat phase, silent 20000",
      "20000 > HEARTBEAT 1",
      "20030 answered 1 rtt 30",
      "20030 probes only, no data for 20030, unreplied 0",
      "25030 > HEARTBEAT 2",
      "25060 answered 2 rtt 30",
      "30060 > HEARTBEAT 3",
      "30090 answered 3 rtt 30",
    ],
  },
  {
    title: "a client goes on sending data to a peer that answers only probes, and is told",
    payload: "x",
    happens: ["20010 < HEARTBEAT-ACK 1", "25000"],
    says: [
      "0 > DATA 1 x",
      "5000 > DATA 2 x",
      "10000 > DATA 3 x",
      "15000 > DATA 4 x",
      "20000 heartbeat phase, silent 20000",
      "20000 > HEARTBEAT 1",
      "20000 > DATA 5 x",
      "20010 answered 1 rtt 10",
      "20010 probes only, no data for 20010, unreplied 5",
      "25000 > DATA 6 x",
    ],
  },
  {
    title: "when data flows again it returns to the data phase, with its full threshold",
    happens: ["20030 < HEARTBEAT-ACK 1", "21000 < DATA 1 a", "41000"],
    says: [
      "20000 heartbeat phase, silent 20000",
      "20000 > HEARTBEAT 1",
      "20030 answered 1 rtt 30",
      "20030 probes only, no data for 20030, unreplied 0",
      "21000 data phase, silent 21000",
      "21000 data 1 a",
      "41000 heartbeat phase, silent 20000",
      "41000 > HEARTBEAT 2",
    ],
  },
  {
    title: "a late REPLY returns to the data phase as well",
    timing: { dataInterval: 19_000 },
    payload: "x",
    happens: ["21000 < REPLY 1 ok", "37999"],
    says: [
      "0 > DATA 1 x",
      "19000 > DATA 2 x",
      "20000 heartbeat phase, silent 20000",
      "20000 > HEARTBEAT 1",
      "21000 data phase, silent 21000",
      "21000 reply 1 ok rtt 21000",
    ],
  },
  {
    title: "a round trip of 9 s with a threshold of 10 s is not even missed",
    happens: ["29000 < HEARTBEAT-ACK 1", "43000 < HEARTBEAT-ACK 2", "47999"],
    says: [
      "20000 heartbeat phase, silent 20000",
      "20000 > HEARTBEAT 1",
      "29000 answered 1 rtt 9000",
      "29000 probes only, no data for 29000, unreplied 0",
      "34000 > HEARTBEAT 2",
      "43000 answered 2 rtt 9000",
    ],
  },
  {
    title: "an answer to an earlier probe ends the count too",
    happens: ["35000 < HEARTBEAT-ACK 1", "49999"],
    says: [
      "20000 heartbeat phase, silent 20000",
      "20000 > HEARTBEAT 1",
      "30000 missed 1 (1 of 4)",
      "30000 > HEARTBEAT 2",
      "35000 answered 1 rtt 15000",
      "35000 probes only, no data for 35000, unreplied 0",
      "40000 > HEARTBEAT 3",
    ],
  },
  {
    title: "any byte is life: one byte of a line, before the last verdict, starts the count anew",
    happens: ["59999 <| D", "109999"],
    says: [
      "20000 heartbeat phase, silent 20000",
      "20000 > HEARTBEAT 1",
      "30000 missed 1 (1 of 4)",
      "30000 > HEARTBEAT 2",
      "40000 missed 2 (2 of 4)",
      "40000 > HEARTBEAT 3",
      "50000 missed 3 (3 of 4)",
      "50000 > HEARTBEAT 4",
      "64999 > HEARTBEAT 5",
      "74999 missed 5 (1 of 4)",
      "74999 > HEARTBEAT 6",
      "84999 missed 6 (2 of 4)",
      "84999 > HEARTBEAT 7",
      "94999 missed 7 (3 of 4)",
      "94999 > HEARTBEAT 8",
      "104999 missed 8 (4 of 4)",
      "104999 down, silent 45000",
      "104999 close TERMINATE silent",
      // In the heartbeat phase 5 s + 4 x 10 s after it was last heard.
      "104999 over: silent, silent 45000",
    ],
  },
  {
    title: "a busy connection is not probed: the peer's own probes are life, too",
    happens: ["19000 < HEARTBEAT 1", "38000 < HEARTBEAT 2", "57999"],
    says: ["19000 > HEARTBEAT-ACK 1", "38000 > HEARTBEAT-ACK 2"],
  },
  {
    title: "bytes that drip in keep it alive, and the line they make counts once",
    happens: ["19000 <| DATA", "38000 <|  1 a", "57000 <| b\nDATA 2 c\n", "76999"],
    says: ["57000 data 1 ab", "57000 data 2 c"],
  },
  {
    title: "our own stall is no silence of the peer",
    happens: ["1000 < DATA 1 a", "100000 stalled 95000", "115999", "116000"],
    says: [
      "1000 data 1 a",
      "100000 stalled 95000",
      "116000 heartbeat phase, silent 115000",
      "116000 > HEARTBEAT 1",
    ],
  },
  {
    title: "data whose time passed while we were stopped is not sent in a lump",
    payload: "x",
    happens: ["100 < REPLY 1 a", "17000 stalled 16000", "17000", "20000 < REPLY 2 b"],
    says: [
      "0 > DATA 1 x",
      "100 reply 1 a rtt 100",
      "17000 stalled 16000",
      "17000 > DATA 2 x",
      "20000 reply 2 b rtt 3000",
      "20000 > DATA 3 x",
    ],
  },
  {
    title: "what the application sends takes the place of what the schedule would",
    payload: "x",
    happens: ["0", "3000 send mine", "7999", "8000"],
    says: ["0 > DATA 1 x", "3000 > DATA 2 mine", "8000 > DATA 3 x"],
  },
  {
    title: "a server may send too",
    happens: ["10 send news", "50 < REPLY 1 thanks"],
    says: ["10 > DATA 1 news", "50 reply 1 thanks rtt 40"],
  },
  {
    title: "the peer terminates: its reason is told",
    happens: ["10 < TERMINATE silent", "20 < DATA 1 a"],
    says: ["10 close", '10 over: terminated "silent", silent 0'],
  },
  { title: "FIN", happens: ["10 ends"], says: ["10 close", "10 over: end, silent 10"] },
  { title: "reset", happens: ["10 breaks"], says: ["10 close", "10 over: reset, silent 10"] },
  {
    title: "rubbish ends the connection; what came before it counts",
    happens: ["10 <| DATA 1 a\nGET / HTTP/1.1\nDATA 2 b\n", "11 < DATA 3 c"],
    says: [
      "10 data 1 a",
      "10 close TERMINATE malformed",
      "10 over: malformed, silent 0",
    ],
  },
  {
    title: "an answer to a probe that was never sent is rubbish",
    happens: ["10 < HEARTBEAT-ACK 1"],
    says: ["10 close TERMINATE malformed", "10 over: malformed, silent 0"],
  },
  {
    title: "a reply to data that was never sent is rubbish",
    happens: ["10 < REPLY 1 ok"],
    says: ["10 close TERMINATE malformed", "10 over: malformed, silent 0"],
  },
  {
    title: "an endless line ends the connection",
    happens: [`10 <| DATA 1 ${"x".repeat(8_192)}`, "20 <| x", "30 <| xxxxxxxxxxxxxxxxx"],
    says: ["30 close TERMINATE too-long", "30 over: too-long, silent 0"],
  },
  {
    title: "the application stops: the peer is told why",
    happens: ["10 stops", "99999"],
    says: ["10 close TERMINATE closed"],
  },
];

Deno.test("stories of a keepalive connection", { permissions: "none" }, async (t) => {
  for (const { title, timing = NO_DATA, payload, happens, says } of [...STORIES, ...HELD]) {
    await t.step(title, () => {
      const figures = payload === undefined ? timing : { dataInterval: 5_000, ...finite(timing) };
      const story = new ConnectionStory(figures, payload).tell(happens);
      const said = story.log.filter((line) => !/ (sent|probe)$/.test(line));
      assertEquals(said, says);
    });
  }
});

function finite(timing: KeepaliveTiming): KeepaliveTiming {
  return timing === NO_DATA ? {} : timing;
}

const figures = fc.record({
  heartBeatInterval: fc.integer({ min: 1, max: 100_000 }),
  heartBeatThreshold: fc.integer({ min: 1, max: 100_000 }),
  heartBeatAdditionalTries: fc.integer({ min: 0, max: 20 }),
  dataThreshold: fc.integer({ min: 2, max: 100_000 }),
});

Deno.test("detection is exact to the tick, whatever the figures and the last byte", {
  permissions: "none",
}, () => {
  fc.assert(
    fc.property(figures, fc.nat(50_000), (timing, heard) => {
      const last = Math.min(heard, timing.dataThreshold - 1);
      const story = new ConnectionStory({ ...timing, ...NO_DATA }).tell([`${last} < DATA 1 a`]);
      const detection = timing.dataThreshold +
        (1 + timing.heartBeatAdditionalTries) * timing.heartBeatThreshold;
      story.to(last + detection - 1);
      assertEquals(story.end, undefined);
      story.to(last + detection);
      assertEquals(story.end, `${last + detection} over: silent, silent ${detection}`);
    }),
  );
});

Deno.test("in the heartbeat phase detection is exact from any byte on", {
  permissions: "none",
}, () => {
  fc.assert(
    fc.property(figures, fc.nat(), (timing, after) => {
      const probing = (1 + timing.heartBeatAdditionalTries) * timing.heartBeatThreshold;
      const last = timing.dataThreshold + (after % probing);
      const story = new ConnectionStory({ ...timing, ...NO_DATA });
      story.to(last);
      story.give({ type: "data", connection: 1, bytes: Uint8Array.of(0x44) });
      const end = last + timing.heartBeatInterval + probing;
      story.to(end - 1);
      assertEquals(story.end, undefined);
      story.to(end);
      assert(story.end?.startsWith(`${end} over: silent`));
    }),
  );
});

Deno.test("a live peer with a round trip of 0.9 thresholds is never even missed", {
  permissions: "none",
}, () => {
  fc.assert(
    fc.property(figures, (timing) => {
      const story = new ConnectionStory({ ...timing, ...NO_DATA });
      const rtt = 0.9 * timing.heartBeatThreshold;
      for (let probe = 1; probe <= 50; probe++) {
        const due = story.machine.deadline!;
        story.to(due);
        story.tell([`${Math.ceil(due + rtt)} < HEARTBEAT-ACK ${probe}`]);
      }
      const missed = story.log.filter((line) => line.includes("missed"));
      // A threshold below 10 ms has no room for the rounding of this test.
      assert(missed.length === 0 || timing.heartBeatThreshold < 10, missed[0]);
      assertEquals(story.machine.over, false);
    }),
  );
});

Deno.test(
  "late timers do not add up, and a host that ticks far too late robs no probe of its time",
  {
    permissions: "none",
  },
  () => {
    const machine = new KeepaliveConnectionMachine(
      { heartBeatThreshold: 1_000, heartBeatAdditionalTries: 100, dataThreshold: 1_000 },
      { connection: 1, remote: { server: "P" } },
      0,
    );
    let now = 0;
    for (let due; (due = machine.deadline) !== undefined;) {
      now = due + 15;
      machine.tick(now);
    }
    // 1,000 + 101 x 1,000; the first probe starts late, and the last verdict is.
    assertEquals(now, 102_000 + 15 + 15);

    const slow = new KeepaliveConnectionMachine(
      { heartBeatThreshold: 1_000, heartBeatAdditionalTries: 2, dataThreshold: 1_000 },
      { connection: 1, remote: { server: "P" } },
      0,
    );
    // A host that ticks hours late still gives every probe its time.
    for (const late of [1e7, 2e7, 3e7]) assertEquals([slow.tick(late), slow.over][1], false);
    slow.tick(4e7);
    assert(slow.over);
  },
);

Deno.test("a peer that never reads holds at most 64 KiB", { permissions: "none" }, async (t) => {
  const most = 65_536;
  const unsentOf = (story: ConnectionStory) => story.machine.report(0).unsent;
  const check = (name: string, overflow: (story: ConnectionStory) => void) =>
    t.step(name, () => {
      const story = new ConnectionStory(NO_DATA);
      story.reading = false;
      for (let i = 0; i < 10_000 && !story.machine.over; i++) {
        overflow(story);
        assert(unsentOf(story) <= most, `${unsentOf(story)}`);
      }
      assert(unsentOf(story) > most - 10_000, "closed too early");
      assertEquals(story.log.slice(-2), [
        "1 close TERMINATE not-reading",
        `1 over: not-reading, silent ${story.log.some((line) => line.includes("HEART")) ? 0 : 1}`,
      ]);
    });
  await check("that probes", (story) => story.tell(["1 < HEARTBEAT 999999999999999"]));
  await check("whose data is answered", (story) => story.tell([`1 reply 1 ${"y".repeat(900)}`]));
});

Deno.test("what the application sends too fast is refused, and costs no connection", {
  permissions: "none",
}, () => {
  const story = new ConnectionStory(NO_DATA);
  story.reading = false;
  const payload = "z".repeat(8_000);
  let sent = 0;
  while (!story.machine.refusal(payload)) {
    story.tell([`1 send ${payload}`]);
    sent++;
  }
  assertEquals([sent, story.machine.lastSent], [8, 8]);
  assertEquals(story.machine.refusal(payload)?.code, "not-reading");
  assertEquals(story.machine.over, false);
  story.to(2).give({ type: "drained", connection: 1, unsent: 7 * 8_008 });
  assertEquals(story.machine.refusal(payload), undefined);
  story.tell(["3 stops"]);
  assertEquals(story.machine.refusal(payload)?.code, "closed");
  const error = assertThrows(() => story.machine.refusal("é".repeat(2_000)), HeartlineError);
  assertEquals(error.code, "invalid-option");
});

Deno.test("a peer that we do not read from must take what waits for it", {
  permissions: "none",
}, () => {
  const story = new ConnectionStory(NO_DATA).tell(["1000 held"]);
  story.reading = false;
  story.tell(["2000 send x", "30000"]);
  assertEquals(story.said(), ["2000 > DATA 1 x", "2000 sent"], "what waits is as good as a probe");
  story.give({ type: "drained", connection: 1, unsent: 3 });
  story.tell(["40000 stalled 10000", "99999"]);
  assertEquals(story.said(), ["40000 stalled 10000"]);
  story.tell(["100000"]);
  assertEquals(story.said(), [
    "100000 close TERMINATE not-reading",
    "100000 over: not-reading, silent 99000",
  ]);
});

Deno.test("a peer that takes all in time is told that we live", { permissions: "none" }, () => {
  const story = new ConnectionStory(NO_DATA).tell(["1000 held"]);
  story.reading = false;
  story.tell(["2000 send x", "8000"]);
  story.give({ type: "drained", connection: 1, unsent: 0 });
  story.reading = true;
  story.said();
  story.tell(["20000"]);
  assertEquals(story.said().filter((line) => line.includes(">")), [
    "10000 > HEARTBEAT 1",
    "15000 > HEARTBEAT 2",
    "20000 > HEARTBEAT 3",
  ]);
});

Deno.test("data of ours takes no room from answers, nor these from it", {
  permissions: "none",
}, () => {
  const story = new ConnectionStory(NO_DATA);
  story.reading = false;
  const { machine } = story;
  const payload = "z".repeat(8_000);
  while (!machine.refusal(payload)) story.tell([`1 send ${payload}`]);
  let answers = 0;
  while (machine.mayAnswer) story.tell([`1 reply ${++answers} ${payload}`]);
  assertEquals([answers, machine.over], [8, false]);
  story.give({ type: "drained", connection: 1, unsent: 8 * 8_009 });
  assertEquals([machine.refusal(payload), machine.mayAnswer], [undefined, false]);
  story.tell(["2 stops"]);
  assertEquals(machine.mayAnswer, true, "it goes nowhere");
});

Deno.test("a report says how things are", { permissions: "none" }, () => {
  const story = new ConnectionStory({}, "x").tell(["40 < REPLY 1 ok", "35000"]);
  assertEquals(story.machine.report(36_000), {
    server: "P",
    phase: "heartbeat",
    silentFor: 35_960,
    connectedFor: 36_000,
    missed: 1,
    rtt: 40,
    unreplied: 7,
    unsent: 0,
  });
});

Deno.test("wrong figures are refused", { permissions: "none" }, () => {
  const wrong: KeepaliveTiming[] = [
    { heartBeatInterval: 0 },
    { heartBeatThreshold: 0.5 },
    { heartBeatThreshold: NaN },
    { heartBeatAdditionalTries: -1 },
    { heartBeatAdditionalTries: 1.5 },
    { dataInterval: 0 },
    { dataThreshold: -1 },
    { dataInterval: 20_000 },
    { dataInterval: 30_000, dataThreshold: 30_000 },
  ];
  for (const timing of wrong) {
    const make = () =>
      new KeepaliveConnectionMachine(
        { ...timing, payload: "" },
        { connection: 1, remote: { server: "P" } },
        0,
      );
    assertEquals(assertThrows(make, HeartlineError, "Cannot use").code, "invalid-option");
  }
});

Deno.test("no byte is no sign of life", { permissions: "none" }, () => {
  const story = new ConnectionStory().tell(["19999 <| ", "20000"]);
  assertEquals(story.log[0], "20000 heartbeat phase, silent 20000");
});

Deno.test("once it is over, neither time nor input does anything", { permissions: "none" }, () => {
  const story = new ConnectionStory().tell(["0 stops"]);
  const { machine } = story;
  assertEquals(machine.tick(100_000), []);
  assertEquals(machine.handle({ type: "send", connection: 1, payload: "a" }, 100_000), []);
});

Deno.test("DATA that a peer takes no more is not said to be sent", { permissions: "none" }, () => {
  const story = new ConnectionStory();
  story.reading = false;
  const payload = "x".repeat(1_000);
  while (!story.end) story.give({ type: "send", connection: 1, payload });
  const sent = story.log.filter((line) => line === "0 sent").length;
  assertEquals(story.log.filter((line) => line.startsWith("0 > DATA")).length, sent);
  assertEquals(story.end, "0 over: not-reading, silent 0");
});

Deno.test("a pause behind the end is not spoken of", { permissions: "none" }, () => {
  const { machine } = new ConnectionStory().tell(["1 ends"]);
  assertEquals([machine.over, machine.stalled(5)], [true, []]);
});
