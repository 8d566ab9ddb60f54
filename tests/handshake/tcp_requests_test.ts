import { assertEquals } from "@std/assert";
import { ServerStory } from "./server_story.ts";

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });
const OK = "#1 <- OK 9876 10.0.9.9 1";
const open = (options = {}) => new ServerStory(options).connect(1);

pure("a line feed ends a request at once, and its reply ends in one", () => {
  assertEquals(open().tcp(1, "HELLO 9876\n").said(), [`${OK}\n`]);
  assertEquals(open().tcp(1, "HELLO 9876\r\n").said(), [`${OK}\n`]);
});

pure("50 ms without a byte end a request, and its reply has no line feed", () => {
  const story = open().tcp(1, "HELLO 9876");
  assertEquals(story.to(49).said(), []);
  assertEquals(story.to(50).said(), [OK]);
  assertEquals(story.tcp(1, "\n").to(200).said(), [], "the line feed that came late is no request");
});

pure("the end of the stream ends a request at once", () => {
  assertEquals(open().tcp(1, "HELLO 9876").end(1).said(), [OK]);
  assertEquals(open().end(1).said(), []);
  assertEquals(open().tcp(1, "HELLO 9876\n").end(1).said(), [`${OK}\n`]);
});

pure("a request in pieces, each within 50 ms of the last, is one", () => {
  const story = open();
  for (const char of "HELLO 9876") story.tcp(1, char).to(story.now + 49);
  assertEquals(story.said(), []);
  assertEquals(story.to(story.now + 1).said(), [OK]);
});

pure("several requests in one segment, and one after the other, are answered in order", () => {
  const story = open().tcp(1, "HELLO 1\nHELLO 2\n\r\n\nHELLO 3");
  assertEquals(story.to(50).tcp(1, "HELLO 4\n").said(), [
    ...["#1 <- OK 1 10.0.9.9 1\n", "#1 <- OK 2 10.0.9.9 1\n", "#1 <- OK 3 10.0.9.9 1"],
    "#1 <- OK 4 10.0.9.9 1\n",
  ]);
});

pure("rubbish closes its connection behind the replies, and only that", () => {
  const story = open().connect(2).tcp(1, "HELLO 9876\nGET / HTTP/1.1\nHELLO 2\n");
  assertEquals(story.said(), [`${OK}\n`, "rejected 1 malformed", "#1 closed"]);
  assertEquals(story.tcp(1, "HELLO 3\n").end(1).gone(1).said(), []);
  assertEquals(story.tcp(2, "HELLO 3\n").said(), ["#2 <- OK 3 10.0.9.9 2\n"]);
});

pure("a request without an end is cut off at its limit", () => {
  const story = open().tcp(1, "HELLO ");
  for (let i = 0; i < 10; i++) story.to(story.now + 10).tcp(1, "x".repeat(20));
  assertEquals(story.said(), ["rejected 1 too-long", "#1 closed"]);
});

// Field note: one silent TCP client blocks all others.
pure("a silent peer is closed after 30 s and delays nobody", () => {
  const story = open().to(10_000).connect(2).tcp(2, "HELLO 2\n");
  assertEquals(story.said(), ["#2 <- OK 2 10.0.9.9 2\n"]);
  assertEquals(story.to(29_999).said(), []);
  assertEquals(story.to(30_000).said(), ["rejected 1 silent", "#1 closed at once"]);
  assertEquals(story.gone(1).to(39_999).said(), []);
  assertEquals(story.to(40_000).said(), ["rejected 1 silent", "#2 closed at once"]);
});

pure("neither blank lines nor bytes in drips keep a connection that asks nothing", () => {
  const story = open().connect(2);
  for (let at = 0; at < 29_900; at += 49) story.to(at).tcp(1, "\n").tcp(2, "\r");
  const said = story.to(40_000).said();
  assertEquals(said.includes("#1 closed at once"), true);
  assertEquals(said.some((line) => line.startsWith("#2 closed")), true);
});

pure("a well-formed HELLO starts the silence anew", () => {
  const story = open().to(29_000).tcp(1, "HELLO 9876\n").to(58_999);
  assertEquals(story.said(), [`${OK}\n`]);
  assertEquals(story.to(59_000).said(), ["rejected 1 silent", "#1 closed at once"]);
});

pure("what is closed for what it asked leaves no deadline behind", () => {
  const story = open().tcp(1, "rubbish\nHELLO 98");
  assertEquals(story.said().slice(-2), ["rejected 1 malformed", "#1 closed"]);
  const before = story.machine.deadline;
  assertEquals(story.to(29_000).said(), []);
  assertEquals(story.machine.deadline, before);
  story.connect(2);
  assertEquals(story.to(59_000).said(), ["rejected 1 silent", "#2 closed at once"]);
});

pure("when connections are many, the one that was silent for longest makes room", () => {
  const story = open({ maxConnections: 2 }).to(1).connect(2).to(2).tcp(1, "HELLO 1\n");
  story.said();
  assertEquals(story.connect(3).said(), ["rejected 1 too-many-connections", "#2 closed at once"]);
  assertEquals(story.tcp(2, "HELLO 2\n").end(2).gone(2).said(), []);
  assertEquals(story.tcp(3, "HELLO 3\n").tcp(1, "HELLO 1\n").said().length, 2);
});

pure("our own pause ends no request and closes no peer", () => {
  const story = open().connect(2).tcp(1, "HELLO 98").to(10).stall(60_000).tcp(1, "76").to(60_059);
  assertEquals(story.said(), ["stalled 60000"]);
  assertEquals(story.to(60_060).said(), [OK]);
  assertEquals(story.to(89_999).said(), []);
  assertEquals(story.to(90_000).said(), ["rejected 1 silent", "#2 closed at once"]);
});

pure("a thousand connections come and go without a trace", () => {
  const story = new ServerStory({ idleExit: 1e9 });
  for (let id = 1; id <= 1_000; id++) {
    story.connect(id).tcp(id, `HELLO ${id}\nHEL`).end(id).gone(id);
  }
  const said = story.to(1e6).said();
  assertEquals(said.filter((line) => line.includes("OK")).length, 1_000);
  assertEquals(story.machine.size, 0);
});
