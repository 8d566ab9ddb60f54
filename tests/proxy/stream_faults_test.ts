import { assert, assertEquals } from "@std/assert";
import type { Faults } from "../../proxy/faults.ts";
import { ProxyStory } from "./proxy_story.ts";

/** Defines a pure test. */
function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

/** Each row: the faults, what is sent up, and what is told then and in the next second. */
const STORIES: readonly (readonly [string, Faults, string, readonly string[]])[] = [
  ["none", {}, "abc", ["0 tcp-1 up 'abc'"]],
  ["latency", { latency: 50 }, "abc", ["50 tcp-1 up 'abc'"]],
  ["latency of the other direction", { down: { latency: 50 } }, "abc", ["0 tcp-1 up 'abc'"]],
  ["one direction undoes both", { latency: 50, up: { latency: 0 } }, "abc", ["0 tcp-1 up 'abc'"]],
  ["slices of one byte, a ms apart", { slice: 1 }, "abc", [
    "0 tcp-1 up 'a'",
    "1 tcp-1 up 'b'",
    "2 tcp-1 up 'c'",
  ]],
  ["bandwidth of 100 B/s in portions of 20 ms", { bandwidth: 100 }, "abcd", [
    "20 tcp-1 up 'ab'",
    "40 tcp-1 up 'cd'",
  ]],
  ["cut behind 2 bytes", { cutBytes: 2 }, "abcd", [
    "0 tcp-1 up cut-reset at 2",
    "0 tcp-1 up 'ab'",
    "0 tcp-1 reset behind what was written",
    "0 tcp-1 disconnected: fault 2/0",
  ]],
  ["cut behind the bytes that are there", { cutBytes: 3 }, "abc", [
    "0 tcp-1 up cut-reset at 3",
    "0 tcp-1 up 'abc'",
    "0 tcp-1 reset behind what was written",
    "0 tcp-1 disconnected: fault 3/0",
  ]],
  ["cut behind 2 lines, with a FIN", { cutLines: 2, cutBy: "fin" }, "a\nb\nc\n", [
    "0 tcp-1 up cut-fin at 4",
    "0 tcp-1 up 'a\nb\n'",
    "0 tcp-1 up end",
  ]],
  ["not cut before", { cutLines: 2, cutBytes: 9 }, "a\nbcdef", ["0 tcp-1 up 'a\nbcdef'"]],
  ["cut behind what is late", { cutBytes: 1, latency: 9 }, "ab", [
    "0 tcp-1 up cut-reset at 1",
    "9 tcp-1 up 'a'",
    "9 tcp-1 reset behind what was written",
    "9 tcp-1 disconnected: fault 1/0",
  ]],
  ["a blackhole", { blackhole: true }, "abc", []],
];

for (const [name, faults, text, told] of STORIES) {
  test(`streams: ${name}`, () => {
    const story = new ProxyStory({ faults }).open();
    story.said();
    assertEquals(story.send("up", text).advance(1_000).said(), told);
  });
}

test("streams: refused by chance, and by nobody listening", () => {
  const by = (refuse: number) => {
    const story = new ProxyStory({ faults: { refuse } });
    for (let n = 1; n <= 400; n++) {
      story.give({
        type: "connected",
        link: `tcp-${n}`,
        client: { hostname: "10.0.0.1", port: n },
      });
    }
    return story;
  };
  const refused = by(0.25).saidOf("refuse").length;
  assert(refused > 70 && refused < 130, `${refused}`);
  const all = by(1).said();
  assertEquals(all.slice(0, 3), ["0 unlisten", "0 tcp-1 reset", "0 tcp-2 reset"]);
});

test("streams: refusing ends by listening again", () => {
  const story = new ProxyStory({ faults: { refuse: 1 } });
  assertEquals(story.give({ type: "set", faults: {} }).said(), [
    "0 unlisten",
    "0 changed",
    "0 listen",
  ]);
  story.give({ type: "listen-failed", code: "address-in-use", message: "taken" });
  assertEquals(story.advance(1_000).said(), ["0 accept-failed", "250 listen"]);
});

test("streams: accepted and then silence", () => {
  const story = new ProxyStory({ faults: { silence: 1 } });
  story.give({ type: "connected", link: "tcp-1", client: { hostname: "10.0.0.1", port: 1 } });
  story.send("up", "hello?").advance(60_000).give({ type: "set", faults: {} });
  assertEquals(story.said(), ["0 tcp-1 silence", "0 tcp-1 swallow", "60000 changed"]);
  story.give({ type: "ended", link: "tcp-1", direction: "up", reason: "end" });
  assertEquals(story.said(), ["60000 tcp-1 reset", "60000 tcp-1 disconnected: fault 6/0"]);
});

test("streams: a blackhole of one direction heals and delivers all it held, its end too", () => {
  const story = new ProxyStory({ faults: { up: { blackhole: true } } }).open();
  story.said();
  story.send("up", "one").send("down", "other").advance(5_000).send("up", "two");
  story.give({ type: "ended", link: "tcp-1", direction: "up", reason: "end" });
  assertEquals(story.said(), ["0 tcp-1 down 'other'"]);
  story.give({ type: "set", faults: {} });
  assertEquals(story.said(), [
    "5000 changed",
    "5000 tcp-1 up 'one'",
    "5000 tcp-1 up 'two'",
    "5000 tcp-1 up end",
  ]);
});

test("streams: a blackhole holds so much and then lets its source wait", () => {
  const story = new ProxyStory({ faults: { blackhole: true } }).open();
  const chunk = "x".repeat(65_536);
  let sent = 0;
  while (!story.machine.mustWait("tcp-1", "up")) {
    story.send("up", chunk);
    sent += chunk.length;
  }
  assert(sent <= 262_144 + 65_536, `${sent}`);
  story.said();
  story.give({ type: "set", faults: {} });
  assertEquals(story.arrived("up").length, sent, "nothing is lost at the bound");
  assertEquals(story.saidOf("resume"), ["0 tcp-1 resume"]);
});

test("streams: a latency lets the sender go on while much is under way", () => {
  const story = new ProxyStory({ faults: { latency: 200 } }).open();
  const chunk = "x".repeat(65_536);
  for (let ms = 0; ms < 100; ms++) {
    story.send("up", chunk).advance(1);
    assert(!story.machine.mustWait("tcp-1", "up"), `after ${ms} ms`);
  }
  assertEquals(story.advance(200).arrived("up").length, 100 * chunk.length);
});

test("streams: a slow receiver lets the sender wait, without a fault", () => {
  const story = new ProxyStory({ faults: { latency: 1 } }).open();
  const outputs = [];
  for (let n = 0; !story.machine.mustWait("tcp-1", "up"); n++) {
    const bytes = new Uint8Array(65_536);
    const given = { type: "data", link: "tcp-1", direction: "up", bytes } as const;
    story.machine.handle(given, n);
    outputs.push(...story.machine.tick(n + 1));
    assert(n < 10);
  }
  let resumed = 0;
  for (const output of outputs) {
    if (output.type !== "write") continue;
    const { link, direction, bytes: { length } } = output;
    resumed += story.machine.handle({ type: "written", link, direction, length }, 50).length;
  }
  story.machine.tick(100);
  assertEquals(resumed, 1);
});

test("streams: a half-close goes on alone, the second closes the link", () => {
  const story = new ProxyStory().open();
  story.said();
  story.give({ type: "ended", link: "tcp-1", direction: "up", reason: "end" });
  story.send("down", "answer");
  story.give({ type: "ended", link: "tcp-1", direction: "down", reason: "end" });
  assertEquals(story.said(), [
    "0 tcp-1 up end",
    "0 tcp-1 down 'answer'",
    "0 tcp-1 down end",
    "0 tcp-1 close",
    "0 tcp-1 disconnected: end 0/6",
  ]);
});

test("streams: a reset goes on to the other side", () => {
  const story = new ProxyStory().open();
  story.said();
  story.give({ type: "ended", link: "tcp-1", direction: "down", reason: "reset" });
  assertEquals(story.said(), [
    "0 tcp-1 reset behind what was written",
    "0 tcp-1 disconnected: reset 0/0",
  ]);
  assertEquals(story.send("up", "late").said(), []);
});

test("streams: an idle link is reset, or ended one way, when asked", () => {
  const story = new ProxyStory().open("tcp-1").open("tcp-2");
  story.said();
  story.advance(10_000).give({ type: "inject", by: "fin", direction: "down" });
  assertEquals(story.said(), ["10000 injected", "10000 tcp-1 down end", "10000 tcp-2 down end"]);
  story.give({ type: "inject", by: "reset" });
  assertEquals(story.said(), [
    "10000 injected",
    ...["10000 tcp-1 reset", "10000 tcp-1 disconnected: fault 0/0"],
    ...["10000 tcp-2 reset", "10000 tcp-2 disconnected: fault 0/0"],
  ]);
});

test("streams: cut drops all and takes none, heal takes them again", () => {
  const story = new ProxyStory().open();
  story.said();
  story.give({ type: "cut" }).give({ type: "cut" });
  story.give({ type: "connected", link: "tcp-2", client: { hostname: "10.0.0.1", port: 2 } });
  story.give({ type: "heal" }).give({ type: "heal" });
  assertEquals(story.said(), [
    ...["0 cut", "0 unlisten", "0 tcp-1 reset", "0 tcp-1 disconnected: fault 0/0"],
    "0 tcp-2 reset",
    ...["0 healed", "0 listen"],
  ]);
});

test("streams: a server that cannot be reached resets this client alone", () => {
  const story = new ProxyStory().open("tcp-1");
  story.said();
  story.give({ type: "connected", link: "tcp-2", client: { hostname: "10.0.0.1", port: 2 } });
  const why = { code: "connection-refused", message: "Cannot connect" } as const;
  story.give({ type: "unreachable", link: "tcp-2", ...why }).send("up", "on");
  assertEquals(story.said(), [
    ...["0 tcp-2 connect", "0 tcp-2 unreachable", "0 tcp-2 reset"],
    "0 tcp-1 up 'on'",
  ]);
});

test("streams: links have a limit, said once a second", () => {
  const story = new ProxyStory({ maxLinks: 1 }).open();
  story.said();
  for (let n = 2; n < 5; n++) {
    story.give({ type: "connected", link: `tcp-${n}`, client: { hostname: "10.0.0.1", port: n } });
  }
  assertEquals(story.advance(2_000).said(), [
    ...["0 too-many-links", "0 tcp-2 reset", "0 tcp-3 reset", "0 tcp-4 reset"],
    "1000 too-many-links",
  ]);
});

test("streams: faults change while bytes are under way, and order stays", () => {
  const story = new ProxyStory({ faults: { latency: 100 } }).open();
  story.said();
  story.send("up", "slow").advance(10).give({ type: "set", faults: {} }).send("up", "fast");
  assertEquals(story.machine.passes("tcp-1", "up", 1), false, "bytes are before it");
  story.advance(200);
  assertEquals(story.said(), ["10 changed", "100 tcp-1 up 'slow'", "100 tcp-1 up 'fast'"]);
  assertEquals(story.machine.passes("tcp-1", "up", 1), true);
});

test("streams: a FIN before the server is reached waits for it", () => {
  const story = new ProxyStory();
  story.give({ type: "connected", link: "tcp-1", client: { hostname: "10.0.0.1", port: 1 } });
  story.give({ type: "inject", by: "fin" }).said();
  assertEquals(story.give({ type: "reached", link: "tcp-1" }).said(), [
    "0 tcp-1 connected",
    "0 tcp-1 up end",
    "0 tcp-1 close",
    "0 tcp-1 disconnected: fault 0/0",
  ]);
});

test("behind a cut nothing goes on, whatever its source still says", () => {
  const story = new ProxyStory({ faults: { cutBytes: 2, cutBy: "fin" } }).open();
  story.send("up", "abcd").said();
  story.send("up", "ef").give({
    type: "ended",
    link: "tcp-1",
    direction: "up",
    reason: "end",
  });
  assertEquals(story.advance(1_000).saidOf(" up "), []);
  assertEquals(story.arrived("up"), "");
});

test("a cut that is undone in time cuts nothing", () => {
  const story = new ProxyStory({ faults: { cutBytes: 2 } }).open().send("up", "a");
  story.give({ type: "set", faults: {} }).send("up", "bcd");
  assertEquals(story.advance(1_000).arrived("up"), "abcd");
});

test("a link of which one end takes nothing any more is reset at the other", () => {
  const story = new ProxyStory().open();
  story.said();
  story.give({ type: "broken", link: "tcp-1", direction: "up" });
  assertEquals(story.said(), ["0 tcp-1 reset", "0 tcp-1 disconnected: reset 0/0"]);
});

test("a reset that a blackhole held back ends the link once, and the other direction with it", () => {
  const story = new ProxyStory({ faults: { blackhole: true } }).open();
  story.send("up", "a").send("down", "b");
  story.give({ type: "ended", link: "tcp-1", direction: "up", reason: "reset" }).said();
  story.give({ type: "set", faults: {} });
  assertEquals(story.saidOf("tcp-1"), [
    "0 tcp-1 up 'a'",
    "0 tcp-1 reset behind what was written",
    "0 tcp-1 disconnected: reset 1/1",
  ]);
});
