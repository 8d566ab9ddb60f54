import { assert, assertEquals } from "@std/assert";
import type { Faults } from "../../proxy/faults.ts";
import { CLIENT, ProxyStory } from "./proxy_story.ts";

/** Defines a pure test. */
function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

/** A story with an open UDP link through which one datagram went. */
function open(faults: Faults = {}): ProxyStory {
  const story = new ProxyStory().datagram("0").give({ type: "reached", link: "udp-1" });
  story.give({ type: "set", faults });
  story.said();
  return story;
}

/** Each row: the faults, and what is told of the datagrams a, b and c, sent at once. */
const STORIES: readonly (readonly [string, Faults, readonly string[]])[] = [
  ["none", {}, ["0 udp-1 up 'a'", "0 udp-1 up 'b'", "0 udp-1 up 'c'"]],
  ["latency", { latency: 5 }, ["5 udp-1 up 'a'", "5 udp-1 up 'b'", "5 udp-1 up 'c'"]],
  ["bandwidth", { bandwidth: 100 }, ["10 udp-1 up 'a'", "20 udp-1 up 'b'", "30 udp-1 up 'c'"]],
  ["loss of all", { loss: 1 }, [2, 3, 4].map((n) => `0 udp-1 up loss at ${n}`)],
  [
    "duplication of all",
    { duplicate: 1 },
    [..."abc"].flatMap((text, n) => [
      `0 udp-1 up duplicate at ${n + 2}`,
      `0 udp-1 up '${text}'`,
      `0 udp-1 up '${text}'`,
    ]),
  ],
  ["reordering: each second overtakes", { reorder: 1 }, [
    "0 udp-1 up reorder at 2",
    "0 udp-1 up 'b'",
    "0 udp-1 up 'a'",
    "0 udp-1 up reorder at 4",
    "100 udp-1 up 'c'",
  ]],
  ["a blackhole", { blackhole: true }, []],
];

for (const [name, faults, told] of STORIES) {
  test(`datagrams: ${name}`, () => {
    const story = open(faults);
    for (const text of "abc") story.datagram(text);
    assertEquals(story.advance(1_000).said(), told);
  });
}

test("datagrams: what comes before the way is open waits for it", () => {
  const story = new ProxyStory().datagram("a").datagram("b");
  story.give({ type: "reached", link: "udp-1" });
  assertEquals(story.said(), [
    "0 udp-1 connect",
    "0 udp-1 connected",
    "0 udp-1 up 'a'",
    "0 udp-1 up 'b'",
  ]);
});

test("datagrams: answers go back", () => {
  const story = open();
  story.give({ type: "answer", link: "udp-1", bytes: new TextEncoder().encode("pong") });
  assertEquals(story.said(), ["0 udp-1 down 'pong'"]);
});

test("datagrams: a corrupted one differs by one bit", () => {
  const story = open({ corrupt: 1 });
  const text = "heartbeat 1 1752356183.5769";
  story.datagram(text);
  const [fault, sent] = story.said();
  assertEquals(fault, "0 udp-1 up corrupt at 2");
  const arrived = /'(.*)'$/s.exec(sent!)![1]!;
  const bits = [...text].reduce((sum, letter, at) => {
    const difference = letter.charCodeAt(0) ^ arrived.charCodeAt(at);
    return sum + difference.toString(2).replaceAll("0", "").length;
  }, 0);
  assertEquals([arrived.length, bits], [text.length, 1]);
});

test("datagrams: an empty one survives every fault", () => {
  const story = open({ corrupt: 1, duplicate: 1, jitter: 1 });
  assertEquals(story.datagram("").advance(10).saidOf("up ''").length, 2);
});

test("datagrams: losses come at their share, alone or in bursts", () => {
  const lost = (faults: Faults): { share: number; mean: number } => {
    const story = open(faults);
    for (let n = 0; n < 20_000; n++) story.datagram("x");
    const text = story.said().map((line) => line.includes("loss") ? "L" : ".").join("");
    const bursts = text.match(/L+/g)!;
    return {
      share: text.replaceAll(".", "").length / 20_000,
      mean: bursts.reduce((sum, burst) => sum + burst.length, 0) / bursts.length,
    };
  };
  const alone = lost({ loss: 0.2 });
  assert(Math.abs(alone.share - 0.2) < 0.01 && alone.mean < 1.4, JSON.stringify(alone));
  const bursts = lost({ loss: 0.2, burst: 5 });
  assert(Math.abs(bursts.share - 0.2) < 0.02, JSON.stringify(bursts));
  assert(bursts.mean > 4.5 && bursts.mean < 5.5, JSON.stringify(bursts));
});

test("datagrams: a blackhole holds so many and delivers them in order when it heals", () => {
  const story = open({ up: { blackhole: true } });
  for (let n = 0; n < 2_000; n++) story.datagram(`${n} ${"x".repeat(900)}`);
  const overflow = story.said();
  assert(overflow[0]!.includes("overflow") && overflow.length > 1_600, overflow[0]);
  story.give({ type: "set", faults: {} });
  const delivered = story.saidOf("up '").map((line) => Number(/'(\d+)/.exec(line)![1]));
  assertEquals(delivered, Array.from({ length: 2_000 - overflow.length }, (_, n) => n));
});

test("datagrams: a latency drops none of many that are under way", () => {
  const story = open({ up: { latency: 200 } });
  for (let n = 0; n < 2_000; n++) story.datagram(`${n} ${"x".repeat(900)}`);
  assertEquals(story.saidOf("overflow"), []);
  assertEquals(story.advance(200).saidOf("up '").length, 2_000);
});

test("datagrams: jitter makes them change places", () => {
  const story = open({ jitter: 50 });
  const texts = Array.from({ length: 20 }, (_, n) => String.fromCharCode(97 + n));
  for (const text of texts) story.datagram(text);
  const arrived = story.advance(60).arrived("up");
  assertEquals([...arrived].sort().join(""), texts.join(""));
  assert(arrived !== texts.join(""));
});

test("datagrams: an idle client is forgotten and may come again", () => {
  const story = new ProxyStory({ idle: 1_000 }).datagram("a");
  story.give({ type: "reached", link: "udp-1" }).advance(900).datagram("b").advance(900);
  story.said();
  story.advance(200);
  assertEquals(story.said(), ["1900 udp-1 close", "1900 udp-1 disconnected: idle 2/0"]);
  story.datagram("c");
  assertEquals(story.said(), ["2000 udp-2 connect"]);
});

test("datagrams: clients have a limit", () => {
  const story = new ProxyStory({ maxLinks: 1 }).datagram("a");
  story.said();
  story.give({
    type: "datagram",
    from: { ...CLIENT, port: CLIENT.port + 1 },
    bytes: new Uint8Array(1),
  });
  assertEquals(story.said(), ["0 too-many-links"]);
  assertEquals(story.machine.size, 1);
});

test("datagrams: cut forgets all clients, heal lets them come", () => {
  const story = open().give({ type: "cut" }).datagram("lost").give({ type: "heal" }).datagram("x");
  assertEquals(story.said(), [
    ...["0 cut", "0 unlisten", "0 udp-1 close", "0 udp-1 disconnected: fault 1/0"],
    ...["0 healed", "0 listen", "0 udp-2 connect"],
  ]);
});

test("datagrams: a way that cannot be opened is said, and tried again for the next", () => {
  const story = new ProxyStory().datagram("a");
  const why = { code: "name-not-found", message: "Cannot find" } as const;
  story.give({ type: "unreachable", link: "udp-1", ...why }).datagram("b");
  assertEquals(story.said(), ["0 udp-1 connect", "0 udp-1 unreachable", "0 udp-2 connect"]);
});

test("what nothing overtakes goes on right behind what is under way", () => {
  const story = open({ latency: 500 }).datagram("late");
  story.give({ type: "set", faults: { reorder: 1 } }).datagram("overtaken").said();
  assertEquals(story.advance(1_000).saidOf(" up '"), [
    "500 udp-1 up 'late'",
    "500 udp-1 up 'overtaken'",
  ]);
});
