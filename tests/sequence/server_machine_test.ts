import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { SequenceServerMachine } from "../../sequence/server_machine.ts";
import { serverSettings } from "../../sequence/options.ts";
import { MemoryStore } from "../../store/memory.ts";
import { begun, hello, indices, resume, SequenceStory, UUID } from "../support/sequence_story.ts";

const PURE = { permissions: "none" } as const;

Deno.test("numbers leave at start + k x interval, then FIN; FIN-ACK completes", PURE, async () => {
  const story = new SequenceStory();
  await story.open(1, hello(3));
  assertMatch(story.lines(1)[0]!, /^WELCOME [0-9a-f]{32} [0-9a-f]{32} 1 1000 5000 30000$/);
  for (const k of [1, 2, 3]) {
    await story.pass(k * 1_000 - 1);
    assertEquals(story.lines(1), []);
    await story.pass(k * 1_000);
    assertEquals(story.lines(1)[0], `NUMBER ${k - 1} ${k - 1}`);
  }
  await story.say(1, "ACK 3\nFIN-ACK\n");
  assertEquals(story.lines(1), ["closed"]);
  assertEquals(story.said.map(({ type }) => type), ["started", "completed"]);
  assertEquals(story.machine.size, 0);
});

Deno.test("dropped before the first message: resumes at 0", PURE, async () => {
  const { story, ticket } = await begun(3);
  await story.end(1);
  await story.open(2, resume(ticket, 0));
  await story.pass(1_000);
  assertEquals(indices(story.lines(2)), [0]);
});

Deno.test("quiet connection: the position lives in the session", PURE, async () => {
  const { story, ticket } = await begun(3, { interval: 3_600_000 });
  for (let s = 5; s < 7_200; s += 5) {
    await story.pass(s * 1_000);
    if (s === 3_600) await story.say(1, "ACK 1\n");
    await story.say(1, `PONG ${s}\n`);
  }
  await story.end(1);
  await story.open(2, resume(ticket, 1));
  assertMatch(story.lines(2)[0]!, /^RESUMED [0-9a-f]{32} 2 1$/);
});

Deno.test(
  "resumed long after the window: accepted below 30.000 s, EXPIRED from it",
  PURE,
  async () => {
    for (const [after, answer] of [[29_999, "RESUMED"], [30_000, "REJECTED EXPIRED"]] as const) {
      const { story, ticket } = await begun(100);
      await story.pass(500);
      await story.end(1);
      story.now = 500 + after;
      await story.open(2, resume(ticket, 0));
      assert(story.lines(2)[0]!.startsWith(answer), answer);
      await story.pass(90_000);
      await story.open(3, resume(ticket, 0));
      assertEquals(story.lines(3)[0]!.split(" ").slice(0, 2).join(" "), "REJECTED EXPIRED");
    }
  },
);

Deno.test("in time is in time, however long the store takes", PURE, async () => {
  const { story, ticket } = await begun(100);
  await story.end(1);
  await story.pass(29_999);
  story.held = [];
  await story.open(2, resume(ticket, 0));
  await story.open(3, resume({ ...ticket, token: "0".repeat(32) }, 0));
  await story.pass(31_000);
  assertEquals(story.events("expired"), []);
  await story.release();
  assert(story.lines(2)[0]!.startsWith("RESUMED"));
  assert(story.lines(3)[0]!.startsWith("REJECTED UNKNOWN"));
});

Deno.test("a wrong token that is slow to refuse does not keep a session alive", PURE, async () => {
  const { story, ticket } = await begun(100);
  await story.end(1);
  await story.pass(29_999);
  story.held = [];
  await story.open(3, resume({ ...ticket, token: "0".repeat(32) }, 0));
  await story.pass(31_000);
  await story.release();
  await story.pass(31_001);
  assertEquals(story.events("expired").length, 1);
});

Deno.test("drop at 0 s, back at 5 s, drop at 29 s: the full window each time", PURE, async () => {
  const story = new SequenceStory();
  await story.open(1, hello(100));
  const first = story.ticket(1);
  await story.end(1);
  await story.pass(5_000);
  await story.open(2, resume(first, 0));
  const second = story.ticket(2, first.session);
  for (const at of [10_000, 15_000, 20_000, 25_000]) {
    await story.pass(at);
    await story.say(2, "PONG 1\n");
  }
  await story.pass(29_000);
  await story.end(2);
  await story.pass(58_999);
  assertEquals(story.events("expired"), []);
  await story.pass(59_000);
  assertEquals(story.events("expired").length, 1);
  await story.open(3, resume(second, 0));
  assert(story.lines(3)[0]!.startsWith("REJECTED EXPIRED"));
});

Deno.test(
  "the old socket is still half-open: a valid resume wins, the old is fenced",
  PURE,
  async () => {
    const { story, ticket } = await begun(100);
    await story.pass(2_500);
    story.lines(1);
    await story.open(2, resume(ticket, 1));
    assertEquals(story.lines(1), ["REPLACED", "closed"]);
    await story.say(1, "ACK 2\nFIN-ACK\nrubbish\n");
    await story.pass(4_000);
    assertEquals(story.lines(1), ["closed"]);
    assertEquals(indices(story.lines(2)), [1, 2]);
  },
);

Deno.test("a late disconnect of the old socket does not touch the new session", PURE, async () => {
  const { story, ticket } = await begun(100);
  await story.open(2, resume(ticket, 0));
  await story.end(1);
  for (let at = 4_000; at <= 60_000; at += 4_000) {
    await story.pass(at);
    await story.say(2, "PONG 1\n");
  }
  assertEquals(story.events("disconnected"), []);
  assertEquals(indices(story.lines(2)).length, 60);
});

Deno.test("after a resume it continues at the interval, without a burst", PURE, async () => {
  const { story, ticket } = await begun(100);
  await story.pass(1_200);
  await story.end(1);
  await story.pass(9_500);
  await story.open(2, resume(ticket, 1));
  assertEquals(indices(story.lines(2)), []);
  await story.pass(9_999);
  assertEquals(indices(story.lines(2)), []);
  await story.pass(12_000);
  assertEquals(indices(story.lines(2)), [1, 2, 3]);
});

Deno.test("three heartbeats unanswered are a disconnect; any word is an answer", PURE, async () => {
  const story = new SequenceStory({ interval: 100_000 });
  await story.open(1, hello(5));
  story.lines(1);
  await story.pass(14_000);
  assertEquals(story.lines(1), ["PING 1", "PING 2"]);
  await story.say(1, "ACK 0\n");
  await story.pass(33_999);
  assertEquals(story.lines(1), ["PING 3", "PING 4", "PING 5"]);
  assertEquals(story.events("disconnected"), []);
  await story.pass(34_000);
  const [lost] = story.events("disconnected");
  assert(lost?.type === "disconnected" && lost.reason === "silent");
});

Deno.test("tokens rotate; the previous one is valid until the first ACK", PURE, async () => {
  const story = new SequenceStory();
  await story.open(1, hello(100));
  const first = story.ticket(1);
  await story.open(2, resume(first, 0));
  const second = story.ticket(2, first.session);
  // The RESUMED was lost on its way: the client only knows the first token.
  await story.open(3, resume(first, 0));
  const third = story.ticket(3, first.session);
  assertEquals(new Set([first.token, second.token, third.token]).size, 3);
  await story.say(3, "ACK 0\n");
  await story.open(4, resume(first, 0));
  assert(story.lines(4)[0]!.startsWith("REJECTED UNKNOWN"));
  await story.open(5, resume(second, 0));
  assert(story.lines(5)[0]!.startsWith("REJECTED UNKNOWN"));
  await story.open(6, resume(third, 0));
  assert(story.lines(6)[0]!.startsWith("RESUMED"));
});

Deno.test(
  "unknown session and wrong token are answered alike, and no token is kept",
  PURE,
  async () => {
    const store = new MemoryStore();
    const { story, ticket } = await begun(1, { store });
    await story.open(2, resume({ ...ticket, token: "0".repeat(32) }, 0));
    await story.open(3, resume({ session: "0".repeat(32), token: ticket.token }, 0));
    assertEquals(story.lines(2), story.lines(3));
    assert(!JSON.stringify(await store.load(ticket.session)).includes(ticket.token));
    assert(!JSON.stringify(story.said).includes(ticket.token));
    await story.pass(1_000);
    await story.say(1, "ACK 1\nFIN-ACK\n");
    await story.open(4, resume({ ...ticket, token: "0".repeat(32) }, 0));
    assert(story.lines(4)[0]!.startsWith("REJECTED UNKNOWN"), "nor does it tell what became of it");
    await story.open(5, resume(ticket, 1));
    assert(story.lines(5)[0]!.startsWith("REJECTED COMPLETED"), "a late return gets COMPLETED");
  },
);

Deno.test("slow reader: a bounded window, then it waits for an ACK", PURE, async () => {
  const story = new SequenceStory({ interval: 0, sendWindow: 10 });
  await story.open(1, hello(25));
  assertEquals(indices(story.lines(1)).length, 10);
  await story.say(1, "ACK 4\n");
  assertEquals(indices(story.lines(1)), [10, 11, 12, 13]);
  await story.say(1, "ACK 14\n");
  await story.say(1, "ACK 24\n");
  assertEquals(story.lines(1).at(-1)!.split(" ")[0], "FIN");
});

Deno.test("with an interval, too, a full window waits and then goes on in step", PURE, async () => {
  const story = new SequenceStory({ sendWindow: 2, heartbeat: 60_000 });
  await story.open(1, hello(25));
  await story.pass(10_500);
  assertEquals(indices(story.lines(1)), [0, 1]);
  await story.say(1, "ACK 2\n");
  assertEquals(indices(story.lines(1)), []);
  await story.pass(11_000);
  assertEquals(indices(story.lines(1)), [2]);
});

Deno.test(
  "a client that takes no bytes loses its connection, and may resume",
  PURE,
  async () => {
    const { story, ticket } = await begun(100, { heartbeat: 60_000 });
    await story.tell({ type: "ended", connection: 1, reason: "not-reading" });
    const [lost] = story.events("disconnected");
    assert(lost?.type === "disconnected" && lost.reason === "not-reading");
    await story.open(2, resume(ticket, 0));
    assert(story.lines(2)[0]!.startsWith("RESUMED"));
  },
);

Deno.test("ACK beyond what was sent is RANGE, and the session intact", PURE, async () => {
  const { story, ticket } = await begun(100);
  await story.pass(1_000);
  await story.say(1, "ACK 2\n");
  assert(story.lines(1).at(-2)!.startsWith("REJECTED RANGE"));
  await story.open(2, resume(ticket, 101));
  assert(story.lines(2)[0]!.startsWith("REJECTED RANGE"));
  await story.open(3, resume(ticket, 1));
  assert(story.lines(3)[0]!.startsWith("RESUMED"));
});

/** What nobody may say, the code it gets as a first line, and in the middle of a session. */
const BAD_INPUT: readonly (readonly [said: string, first: string, amid: string])[] = [
  [`HELLO 1 ${UUID} 0\n`, "LENGTH", "LENGTH"],
  [`HELLO 1 ${UUID} 65536\n`, "LENGTH", "LENGTH"],
  [`HELLO 1 ${UUID} -1\n`, "LENGTH", "LENGTH"],
  [`HELLO 1 ${UUID} many\n`, "LENGTH", "LENGTH"],
  [`HELLO 1 ${UUID}\n`, "MALFORMED", "MALFORMED"],
  ["HELLO 1 not-a-uuid 5\n", "UUID", "UUID"],
  [`HELLO 2 ${UUID} 5\n`, "VERSION", "VERSION"],
  [`HELLO 1 ${UUID} 5\n`, "", "MALFORMED"],
  ["x".repeat(257), "TOO-LONG", "TOO-LONG"],
  ["\0\x01\xff\n", "MALFORMED", "MALFORMED"],
  ["\n", "MALFORMED", "MALFORMED"],
  ["ACK 2\n", "MALFORMED", "RANGE"],
  ["ACK -1\n", "MALFORMED", "MALFORMED"],
  ["ACK 1e1\n", "MALFORMED", "MALFORMED"],
  ["FIN-ACK\n", "MALFORMED", "MALFORMED"],
  ["RESUME 1 0 0 0\n", "UNKNOWN", "UNKNOWN"],
];

for (const [said, first, amid] of BAD_INPUT) {
  const shown = JSON.stringify(said.slice(0, 40));
  Deno.test(`bad input ${shown}: REJECTED with a code, the session intact`, PURE, async () => {
    const { story, ticket } = await begun(3);
    await story.pass(1_000);
    const before = await story.store.load(ticket.session);
    if (first) {
      await story.open(2, said);
      assertMatch(story.lines(2).join("|"), new RegExp(`^REJECTED ${first} [^|]*\\|closed$`));
      assertEquals(await story.store.load(ticket.session), before);
    }
    assertEquals(indices(story.lines(1)), [0]);
    await story.say(1, said);
    assertMatch(story.lines(1).join("|"), new RegExp(`^REJECTED ${amid} [^|]*\\|closed$`));
    await story.open(3, resume(ticket, 1));
    await story.pass(3_000);
    assertEquals(indices(story.lines(3)), [1, 2]);
  });
}

Deno.test("what is said too early, twice or without an end is rejected", PURE, async () => {
  const story = new SequenceStory();
  let connections = 0;
  for (
    const [text, code] of [
      ["FIN-ACK\n", "MALFORMED"],
      ["PONG 1\n", "MALFORMED"],
      ["ACK 0\n", "MALFORMED"],
      [hello(1) + hello(1), "MALFORMED"],
      [`${hello(1)}FIN-ACK\n`, "MALFORMED"],
      ["x".repeat(300), "TOO-LONG"],
    ] as const
  ) {
    const connection = ++connections;
    await story.open(connection, text);
    assert(story.lines(connection).at(-2)!.startsWith(`REJECTED ${code}`), text);
  }
});

Deno.test("limits: HELLO deadline, sessions, connections of one address", PURE, async () => {
  const story = new SequenceStory({ maxSessions: 2, maxPerAddress: 3, interval: 1_000_000 });
  await story.open(1, "");
  await story.pass(10_000);
  assert(story.lines(1)[0]!.startsWith("REJECTED TIMEOUT"));
  for (const connection of [2, 3, 4]) {
    await story.open(connection, hello(5), `10.0.0.${connection}`);
  }
  assert(story.lines(4)[0]!.startsWith("REJECTED BUSY"));
  const other = new SequenceStory({ maxPerAddress: 1 });
  await other.open(1, hello(5));
  await other.open(2, hello(5));
  await other.open(3, hello(5), "10.0.0.9");
  assert(other.lines(2)[0]!.startsWith("REJECTED BUSY"));
  assert(other.lines(3)[0]!.startsWith("WELCOME"));
});

Deno.test(
  "behind a load balancer the resume lands on another node; the first one lets go",
  PURE,
  async () => {
    const store = new MemoryStore();
    const one = new SequenceStory({ store }), two = new SequenceStory({ store, seed: 2 });
    await one.open(1, hello(100));
    const ticket = one.ticket(1);
    await one.pass(3_000);
    await one.say(1, "ACK 3\n");
    two.now = 3_000;
    await two.open(1, resume(ticket, 3));
    assert(two.lines(1)[0]!.startsWith("RESUMED"));
    await one.pass(10_000);
    // The story takes the store's answer before the PING of the same moment.
    const lines = one.lines(1).filter((line) => !line.startsWith("PING"));
    assertEquals(lines.slice(-2), ["REPLACED", "closed"]);
    assertEquals(one.events("moved").length, 1);
    assertEquals(one.events("expired"), []);
    assertEquals(one.machine.size, 0);
    await two.pass(5_000);
    assertEquals(indices(two.lines(1)), [3, 4]);
  },
);

/** A session that its first server lost at 0 s, and that another one has since 1 s. */
async function moved(): Promise<{ one: SequenceStory; two: SequenceStory; resume: string }> {
  const store = new MemoryStore();
  const one = new SequenceStory({ store }), two = new SequenceStory({ store, seed: 2 });
  await one.open(1, hello(100));
  const ticket = one.ticket(1);
  await one.end(1);
  two.now = 1_000;
  await two.open(1, resume(ticket, 0));
  return { one, two, resume: resume(two.ticket(1, ticket.session), 0) };
}

Deno.test(
  "a sweep that comes before a renewal, as after a pause, takes nobody's session",
  PURE,
  async () => {
    const story = new SequenceStory();
    await story.open(1, hello(100));
    await story.store.expire(Number.MAX_SAFE_INTEGER);
    await story.pass(9_000);
    assertEquals(story.events("moved"), []);
    assertEquals(indices(story.lines(1)), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    await story.end(1);
    await story.pass(10_000);
    assertEquals(story.machine.size, 1);
  },
);

Deno.test("a session that lives at another server is not said to be expired", PURE, async () => {
  const { one } = await moved();
  await one.pass(30_000);
  assertEquals([one.events("expired").length, one.events("moved").length], [0, 1]);
  assertEquals(one.machine.size, 0);
});

Deno.test("back from another server it is not too late by the window of before", PURE, async () => {
  const { one, two, resume } = await moved();
  await two.pass(20_000);
  await two.end(1);
  one.now = 30_000;
  await one.open(2, resume);
  assert(one.lines(2)[0]!.startsWith("RESUMED"));
});

Deno.test(
  "two resumes at once: one is accepted after the other, and the last one stays",
  PURE,
  async () => {
    const { story, ticket } = await begun(100);
    await story.end(1);
    story.held = [];
    await story.open(2, resume(ticket, 0));
    await story.open(3, resume(ticket, 0));
    await story.release();
    await story.pass(1_000);
    const streams = [2, 3].map((connection) => indices(story.lines(connection)).length);
    assertEquals(streams.reduce((sum, count) => sum + count), 1);
    assertEquals(story.machine.size, 1);
  },
);

Deno.test(
  "a client that left while the store was asked: its session waits the window",
  PURE,
  async () => {
    const story = new SequenceStory();
    story.held = [];
    await story.open(1, hello(100));
    await story.end(1);
    await story.release();
    assertEquals(story.machine.size, 1);
    await story.pass(30_000);
    assertEquals(story.machine.size, 0);
  },
);

Deno.test("a store that fails: UNAVAILABLE for who comes, the stream goes on", PURE, async () => {
  const store = new MemoryStore();
  const { story, ticket } = await begun(100, { store, heartbeat: 60_000 });
  const broken = () => Promise.reject(new HeartlineError("io", "Cannot use the store: gone"));
  const { create, load, progress } = store;
  Object.assign(store, { create: broken, load: broken, progress: broken });
  await story.open(2, hello(5));
  await story.open(3, resume(ticket, 0));
  for (const connection of [2, 3]) {
    assert(story.lines(connection)[0]!.startsWith("REJECTED UNAVAILABLE"));
  }
  await story.pass(10_000);
  assertEquals(indices(story.lines(1)).length, 10);
  assert(story.events("store-failed").length >= 1);
  Object.assign(store, { create, load, progress });
  await story.open(4, resume(ticket, 10));
  assert(story.lines(4)[0]!.startsWith("RESUMED"), "and it lost nothing");
});

Deno.test("a server that stops spreads the return of its clients evenly", PURE, async () => {
  const story = new SequenceStory();
  for (let n = 1; n <= 50; n++) await story.open(n, hello(100));
  await story.tell({ type: "shutdown" });
  const times = Array.from({ length: 50 }, (_, n) => {
    const line = story.lines(n + 1).at(-2)!;
    assertMatch(line, /^GOAWAY \d+$/);
    return Number(line.slice(7));
  });
  // Each has one of 50 equal parts to itself of what is left of 5 s behind the first tenth.
  assertEquals(
    times.map((time) => Math.floor((time - 500) / 90)),
    Array.from({ length: 50 }, (_, n) => n),
  );
  assert(new Set(times.map((time) => (time - 500) % 90)).size > 10, "and comes anywhere in it");
  assert(Math.max(...times) < 5_000, "nobody later than the spread: a session lasts for a window");
  await story.open(99, hello(5));
  assert(story.lines(99)[0]!.startsWith("REJECTED BUSY"));
});

Deno.test(
  "many clients have a millisecond each to come back in, within half the window",
  PURE,
  () => {
    const spread = (clients: number, options = {}) => serverSettings(options).spread(clients);
    assertEquals([1, 5_000, 10_000, 40_000].map((n) => spread(n)), [5_000, 5_000, 10_000, 15_000]);
    assertEquals(spread(10_000, { spread: 0 }), 0);
    assertEquals([1, 10_000].map((n) => spread(n, { sessionTtl: 1_000 })), [500, 500]);
  },
);

Deno.test(
  "a pause of this process moves windows and heartbeats, and bursts no numbers",
  PURE,
  async () => {
    const story = new SequenceStory();
    await story.open(1, hello(100));
    await story.open(2, hello(100));
    story.lines(1);
    await story.end(2);
    story.now = 60_000;
    await story.stall(60_000);
    assertEquals(story.events("stalled").length, 1);
    await story.pass(60_000);
    assertEquals(indices(story.lines(1)), [0]);
    await story.pass(62_000);
    assertEquals(indices(story.lines(1)), [1, 2]);
    await story.pass(89_999);
    assertEquals(story.events("expired"), []);
    await story.pass(90_000);
    assertEquals(story.events("expired").length, 1);
  },
);

Deno.test("connections that cannot be accepted are said once a second", PURE, async () => {
  const story = new SequenceStory();
  for (let n = 0; n < 5; n++) {
    await story.tell({ type: "accept-failed", code: "too-many-open-files", message: "m" });
  }
  await story.pass(1_000);
  const counts = story.events("accept-failed").map((event) => "count" in event ? event.count : 0);
  assertEquals(counts, [1, 4]);
});

Deno.test("what is held back of one kind of report does not hold up another", PURE, async () => {
  const story = new SequenceStory();
  const failed = { type: "accept-failed", code: "too-many-open-files", message: "m" } as const;
  const nonsense = (connection: number) => story.open(connection, "NONSENSE\n");
  for (let n = 0; n < 2; n++) await story.tell(failed);
  await story.pass(900);
  for (let connection = 1; connection <= 2; connection++) await nonsense(connection);
  await story.pass(1_000);
  assertEquals(story.events("accept-failed").length, 2);
  await story.pass(1_900);
  assertEquals(story.events("rejected").length, 2);
});

Deno.test("wrong options are refused", PURE, () => {
  const environment = { random: () => 0, randomBytes: () => new Uint8Array(), wall: () => 0 };
  for (
    const options of [
      { interval: -1 },
      { interval: 0.5 },
      { heartbeat: 0 },
      { sessionTtl: 0 },
      { sendWindow: 0 },
      { maxSessions: 0 },
      { maxPerAddress: 0 },
      { helloTimeout: 0 },
    ]
  ) {
    assertThrows(() => new SequenceServerMachine(options, environment), HeartlineError);
  }
});
