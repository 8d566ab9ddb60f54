import { assert, assertEquals, assertThrows } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { checkSequenceSnapshot } from "../../sequence/snapshot.ts";
import {
  finOf,
  fresh,
  ReceiverStory as Story,
  S,
  T,
  T2,
  UUID,
  WELCOME,
} from "../support/receiver_story.ts";

const END = { hostname: "10.0.0.2", port: 49_155 };

const PURE = { permissions: "none" } as const;

Deno.test("a client that has said all hangs up when the server says that it stops", PURE, () => {
  const story = new Story(fresh(1));
  story.connect();
  story.hear(`${WELCOME}NUMBER 0 7\n${finOf([7])}`);
  story.take();
  assertEquals(story.sent(), `HELLO 1 ${UUID} 1\nACK 0\nACK 1\nFIN-ACK\n`);
  assert(!story.machine.ended);
  story.hear("PING 1\nno message\n");
  assert(!story.machine.ended, "nothing else concerns it");
  story.hear("GOAWAY 100\nPING 2\n");
  assert(story.last("done") && story.last("close"));
});

Deno.test("a whole sequence: value 0 is a value, a line split over segments is one", PURE, () => {
  const story = new Story(fresh(3));
  story.connect();
  assertEquals(story.sent(), `HELLO 1 ${UUID} 3\n`);
  const text = `${WELCOME}NUMBER 0 0\nPING 1\nNUMBER 1 7\nNUMBER 2 0\n${finOf([0, 7, 0])}`;
  for (const byte of text) story.hear(byte);
  assertEquals(story.sent(), "ACK 0\nPONG 1\n");
  story.take();
  assertEquals(story.numbers, [0, 7, 0]);
  assertEquals(story.sent(), "ACK 3\nFIN-ACK\n");
  story.give({ type: "ended", connection: 1, reason: "end" });
  assertEquals(story.last("done")?.type, "done");
  assert(story.machine.ended);
});

Deno.test("a repeat is dropped and counted, a gap reconnects at the next index", PURE, () => {
  const story = new Story(fresh(10));
  story.connect();
  story.hear(`${WELCOME}NUMBER 0 5\nNUMBER 0 5\nNUMBER 0 6\nNUMBER 2 9\nNUMBER 1 8\n`);
  story.take();
  assertEquals(story.numbers, [5]);
  const repeated = story.last("repeated"), lost = story.last("disconnected");
  assert(repeated?.type === "repeated" && repeated.count === 2);
  assert(lost?.type === "disconnected" && lost.reason === "gap" && lost.retryIn <= 250);
  story.to(1_000);
  story.sent();
  story.connect();
  assertEquals(story.sent(), `RESUME 1 ${S} ${T} 1\n`);
  story.hear("NUMBER 1 4\n", 1);
  story.hear(`RESUMED ${T2} 2 1\nNUMBER 1 8\n`);
  story.take();
  assertEquals(story.numbers, [5, 8], "what the old connection says has no effect");
});

Deno.test("checksums that differ: said which, and the end is not confirmed", PURE, () => {
  const story = new Story(fresh(1));
  story.connect();
  story.hear(`${WELCOME}NUMBER 0 5\n${finOf([6])}`);
  story.take();
  const failed = story.last("failed");
  assert(failed?.type === "failed" && failed.code === "CHECKSUM");
  assert(failed.local!.crc32 !== failed.remote!.crc32);
  assert(!story.sent().includes("FIN-ACK") && story.machine.ended);
});

for (const code of ["EXPIRED", "COMPLETED", "UNKNOWN", "LENGTH", "UUID", "VERSION"]) {
  Deno.test(`told ${code}, it stops and says why`, PURE, () => {
    const story = new Story(fresh(1));
    story.connect();
    story.hear(`REJECTED ${code} x\n`);
    const failed = story.last("failed");
    assert(failed?.type === "failed" && failed.code === code && failed.message.length > 20);
    assertEquals(story.machine.deadline, undefined);
  });
}

Deno.test("two clients fight over one session: the loser does not reconnect", PURE, () => {
  const story = new Story(fresh(5));
  story.connect();
  story.hear(`${WELCOME}REPLACED\n`);
  story.give({ type: "ended", connection: 1, reason: "end" });
  story.to(3_600_000);
  const failed = story.last("failed");
  assert(failed?.type === "failed" && failed.code === "REPLACED" && story.connection === 1);
});

Deno.test("it reconnects for ever, with full jitter between 0 and 5 s", PURE, () => {
  const story = new Story(fresh(1));
  const error = new HeartlineError("connection-refused", "refused");
  const waits: number[] = [];
  for (let n = 0; n < 300; n++) {
    story.give({ type: "connect-failed", connection: story.connection, error });
    const lost = story.last("disconnected");
    if (lost?.type === "disconnected") waits.push(lost.retryIn);
    story.to(story.now + 5_000);
  }
  assert(waits[0]! <= 250 && waits[1]! <= 500 && waits[2]! <= 1_000);
  const late = waits.slice(10);
  assert(Math.max(...late) <= 5_000 && Math.max(...late) > 4_500 && Math.min(...late) < 500);
  assert(story.connection > 280);
});

Deno.test("an attempt that took too long is given up, and its end changes nothing", PURE, () => {
  const story = new Story(fresh(1));
  story.to(10_000);
  const lost = story.last("disconnected");
  assert(lost?.type === "disconnected" && lost.reason === "silent");
  const said = story.log.length;
  // What comes of it when it is aborted, or opened all the same.
  const error = new HeartlineError("closed", "Cannot connect: given up");
  story.give({ type: "connect-failed", connection: 1, error });
  story.give({ type: "opened", connection: 1, remote: END, local: END });
  assertEquals(story.log.length, said);
  story.to(10_000 + lost.retryIn);
  assertEquals(story.connection, 2);
});

Deno.test("BUSY, TIMEOUT, UNAVAILABLE and rubbish are reasons to try again", PURE, () => {
  for (const said of ["REJECTED BUSY x\n", "REJECTED TIMEOUT x\n", "hm\n", "x".repeat(999)]) {
    const story = new Story(fresh(1));
    story.connect();
    story.hear(said);
    assertEquals(story.last("disconnected")?.type, "disconnected", said);
    story.to(1_000);
    assertEquals(story.connection, 2);
  }
});

Deno.test("all clients at once: GOAWAY says when to come back", PURE, () => {
  for (const greeting of [WELCOME, ""]) {
    const story = new Story(fresh(5));
    story.connect();
    story.hear(`${greeting}GOAWAY 2500\n`);
    story.to(2_499);
    assertEquals(story.connection, 1);
    story.to(2_500);
    assertEquals(story.connection, 2);
  }
});

Deno.test(
  "a server that is silent for four heartbeats is given up; a lag is not silence",
  PURE,
  () => {
    const story = new Story(fresh(5));
    story.connect();
    story.hear(WELCOME);
    story.stall(60_000);
    assertEquals(story.last("stalled"), { type: "stalled", by: 60_000 });
    story.to(79_999);
    assertEquals(story.last("disconnected"), undefined);
    story.to(80_000);
    const lost = story.last("disconnected");
    assert(lost?.type === "disconnected" && lost.reason === "silent");
  },
);

Deno.test(
  "FIN before the last number, a wrong RESUMED and a second WELCOME are not believed",
  PURE,
  () => {
    for (const said of [finOf([1]), WELCOME, `RESUMED ${T} 1 0\n`]) {
      const story = new Story(fresh(2));
      story.connect();
      story.hear(`${WELCOME}NUMBER 0 1\n${said}`);
      assertEquals(story.last("disconnected")?.type, "disconnected");
    }
    const story = new Story({ ...fresh(2), session: { id: S, token: T } });
    story.connect();
    story.hear(`RESUMED ${T2} 2 1\n`);
    assertEquals(story.last("disconnected")?.type, "disconnected");
  },
);

Deno.test(
  "a connection that does not open, or a server that does not greet, is given up",
  PURE,
  () => {
    for (const connectedAt of [undefined, 0, 9_000]) {
      const story = new Story(fresh(5));
      if (connectedAt !== undefined) {
        story.now = connectedAt;
        story.connect();
      }
      const givenUpAt = (connectedAt ?? 0) + 10_000;
      story.to(givenUpAt - 1);
      assertEquals(story.machine.tick(story.now), [], "an early tick does nothing");
      assertEquals(story.last("disconnected"), undefined);
      story.to(givenUpAt);
      const lost = story.last("disconnected");
      assert(lost?.type === "disconnected" && lost.reason === "silent");
      assertEquals(story.last("close"), { type: "close", connection: 1 });
    }
  },
);

Deno.test(
  "after so many numbers a acknowledgement is worth its cost, though more have come",
  PURE,
  () => {
    const story = new Story(fresh(2_000));
    story.connect();
    story.hear(WELCOME);
    for (let index = 0; index < 600; index++) story.hear(`NUMBER ${index} 7\n`);
    let taken = 0;
    while (!story.machine.confirmable && taken < 600) {
      story.machine.take();
      taken++;
    }
    // The number that the user has now is not taken yet.
    assertEquals(taken, 513);
  },
);

Deno.test("what was taken after the connection was lost is confirmed on the next one", PURE, () => {
  const story = new Story(fresh(5));
  story.connect();
  story.hear(`${WELCOME}NUMBER 0 5\n`);
  story.give({ type: "ended", connection: 1, reason: "reset" });
  story.sent();
  story.take();
  assertEquals(story.sent(), "");
  story.to(250);
  story.connect();
  story.hear(`RESUMED ${T2} 2 1\n`);
  assertEquals(story.sent(), `RESUME 1 ${S} ${T} 1\nACK 1\n`);
});

Deno.test("repeats are said with the bytes they came with", PURE, () => {
  const story = new Story(fresh(5));
  story.connect();
  story.hear(`${WELCOME}NUMBER 0 5\n`);
  assertEquals(story.last("repeated"), undefined);
  for (let n = 0; n < 3; n++) story.hear("NUMBER 0 5\n");
  const repeated = story.log.filter(({ type }) => type === "repeated");
  assertEquals(repeated, Array.from({ length: 3 }, () => ({ type: "repeated", count: 1 })));
});

Deno.test("any byte is a sign of life, half a line too", PURE, () => {
  const story = new Story(fresh(5));
  story.connect();
  story.hear(WELCOME);
  for (const byte of "NUMB") {
    story.to(story.now + 19_999);
    story.hear(byte);
  }
  assertEquals(story.last("disconnected"), undefined);
  story.to(story.now + 20_000);
  assertEquals(story.last("disconnected")?.type, "disconnected");
});

Deno.test("a client that was restarted does not wait for a silent server for ever", PURE, () => {
  const story = new Story({ ...fresh(2), session: { id: S, token: T } });
  story.connect();
  story.hear(`RESUMED ${T2} 2 0\n`);
  story.to(119_999);
  assertEquals(story.last("disconnected"), undefined);
  story.to(120_000);
  assertEquals(story.last("disconnected")?.type, "disconnected");
});

Deno.test("confirmed is what the user came back from, not what arrived", PURE, () => {
  const story = new Story(fresh(9));
  story.connect();
  story.hear(`${WELCOME}NUMBER 0 5\nNUMBER 1 6\nNUMBER 2 7\n`);
  story.sent();
  for (let n = 0; n < 2; n++) story.machine.take();
  story.give({ type: "confirm" });
  story.to(2_500);
  assertEquals(story.sent(), "ACK 1\n");
});

Deno.test("both checksums count, each by itself", PURE, () => {
  const [, , crc32, sha256] = finOf([5]).trim().split(" ");
  const [, , otherCrc32, otherSha256] = finOf([6]).trim().split(" ");
  for (const end of [`${crc32} ${otherSha256}`, `${otherCrc32} ${sha256}`]) {
    const story = new Story(fresh(1));
    story.connect();
    story.hear(`${WELCOME}NUMBER 0 5\nFIN 1 ${end}\n`);
    story.take();
    const failed = story.last("failed");
    assert(failed?.type === "failed" && failed.code === "CHECKSUM");
  }
});

Deno.test("FIN with numbers missing is a gap", PURE, () => {
  const story = new Story(fresh(2));
  story.connect();
  story.hear(`${WELCOME}NUMBER 0 1\n${finOf([1, 2])}`);
  const lost = story.last("disconnected");
  assert(lost?.type === "disconnected" && lost.reason === "gap");
});

Deno.test("a server that greets and then breaks off is no reason to come back faster", PURE, () => {
  const story = new Story(fresh(5));
  const waits: number[] = [];
  for (let n = 0; n < 30; n++) {
    story.connect();
    // A repeat is nothing new.
    story.hear(`${n === 0 ? WELCOME : `RESUMED ${T2} 2 1\n`}NUMBER 0 5\n`);
    story.give({ type: "ended", connection: story.connection, reason: "reset" });
    const lost = story.last("disconnected");
    if (lost?.type === "disconnected") waits.push(lost.retryIn);
    story.to(story.now + 5_000);
  }
  assert(Math.max(...waits.slice(5)) > 2_500, `${waits}`);
  story.connect();
  story.hear(`RESUMED ${T2} 2 1\nNUMBER 1 5\n`);
  story.give({ type: "ended", connection: story.connection, reason: "reset" });
  const lost = story.last("disconnected");
  assert(lost?.type === "disconnected" && lost.retryIn <= 250, "but one that sends numbers is");
});

Deno.test("every connection begins with an ACK, which voids the token before", PURE, () => {
  const story = new Story(fresh(5));
  story.connect();
  story.hear(`${WELCOME}NUMBER 0 5\n`);
  story.take();
  story.give({ type: "ended", connection: 1, reason: "reset" });
  story.to(250);
  story.connect();
  story.sent();
  story.hear(`RESUMED ${T2} 2 1\n`);
  assertEquals(story.sent(), "ACK 1\n");
});

Deno.test("the waits are those that were asked for", PURE, () => {
  const story = new Story(fresh(5), { backoff: { base: 1, cap: 2 } });
  for (let n = 0; n < 20; n++) {
    story.connect();
    story.give({ type: "ended", connection: story.connection, reason: "reset" });
    const lost = story.last("disconnected");
    assert(lost?.type === "disconnected" && lost.retryIn <= 2);
    story.to(story.now + 2);
  }
});

Deno.test("half a line of an old connection is no part of the new one", PURE, () => {
  const story = new Story(fresh(5));
  story.connect();
  story.hear(`${WELCOME}NUMBER 0 5\nNUMB`);
  story.give({ type: "ended", connection: 1, reason: "reset" });
  story.to(250);
  story.connect();
  story.hear(`RESUMED ${T2} 2 1\nNUMBER 1 8\n`);
  story.take();
  assertEquals(story.numbers, [5, 8]);
});

Deno.test("the newest token is the one to come back with", PURE, () => {
  const story = new Story(fresh(5));
  for (const greeting of [WELCOME, `RESUMED ${T2} 2 0\n`]) {
    story.connect();
    story.hear(greeting);
    story.give({ type: "ended", connection: story.connection, reason: "reset" });
    story.to(story.now + 5_000);
  }
  story.sent();
  story.connect();
  assertEquals(story.sent(), `RESUME 1 ${S} ${T2} 0\n`);
});

Deno.test("a new token is saved before anything is confirmed under it", PURE, () => {
  const story = new Story({ ...fresh(2), session: { id: S, token: T } }, { saves: true });
  story.give({ type: "confirm" });
  story.give({ type: "saved" });
  story.connect();
  story.sent();
  story.hear(`RESUMED ${T2} 2 0\n`);
  assertEquals(story.sent(), "");
  const save = story.last("save");
  assert(save?.type === "save" && save.snapshot.session?.token === T2);
  story.give({ type: "saved" });
  assertEquals(story.sent(), "ACK 0\n");
});

Deno.test("nothing is confirmed before it is saved: token, numbers, the end", PURE, () => {
  const story = new Story(fresh(1), { saves: true });
  story.connect();
  story.sent();
  story.hear(`${WELCOME}NUMBER 0 5\n${finOf([5])}`);
  const first = story.last("save");
  assert(first?.type === "save" && first.snapshot.session?.token === T && story.sent() === "");
  story.take();
  story.give({ type: "saved" });
  const second = story.last("save");
  assert(second?.type === "save" && second.snapshot.done && second.snapshot.checksum.count === 1);
  assertEquals(story.sent(), "");
  story.give({ type: "saved" });
  assertEquals(story.sent(), "ACK 1\nFIN-ACK\n");
  const again = new Story(checkSequenceSnapshot(JSON.parse(JSON.stringify(second.snapshot))));
  assertEquals(again.last("done")?.type, "done", "what is done needs no server");
});

Deno.test("the end is final, even if the server never closes", PURE, () => {
  const story = new Story(fresh(1));
  story.connect();
  story.hear(`${WELCOME}NUMBER 0 5\n${finOf([5])}`);
  story.take();
  story.to(1_999);
  assertEquals(story.last("done"), undefined);
  story.to(2_000);
  assertEquals(story.last("done")?.type, "done");
  story.hear("NUMBER 0 5\n");
  assertEquals(story.connection, 1);
});

Deno.test("a saved state that is not one is refused", PURE, () => {
  const good = JSON.parse(JSON.stringify(fresh(5)));
  assertEquals(checkSequenceSnapshot(good), good);
  for (
    const bad of [
      ...[undefined, null, 7, "text", [], {}, { ...good, version: 2 }, { ...good, client: "me" }],
      ...[{ ...good, length: 0 }, { ...good, length: 65_536 }, { ...good, done: 1 }],
      ...[{ ...good, session: {} }, { ...good, session: { id: S, token: "x" } }],
      ...[{ ...good, session: { id: { toString: 1 }, token: S } }],
      ...[{ ...good, checksum: undefined }, { ...good, checksum: { ...good.checksum, count: 6 } }],
      { ...good, checksum: { ...good.checksum, count: 1 } },
      { ...good, checksum: { ...good.checksum, sha256: { words: [1], length: 0, rest: [] } } },
    ]
  ) {
    assertThrows(() => checkSequenceSnapshot(bad), HeartlineError, "Cannot use the saved sequence");
  }
});

/** A client that took its last number after it had lost the connection on which FIN came. */
function untold(): Story {
  const story = new Story(fresh(1));
  story.connect();
  story.hear(`${WELCOME}NUMBER 0 7\n${finOf([7])}`);
  story.give({ type: "ended", connection: 1, reason: "reset" });
  story.take();
  story.take();
  story.to(5_000);
  assertEquals(story.connection, 2);
  return story;
}

Deno.test(
  "a client with everything comes back once, so that its server learns of the end",
  PURE,
  () => {
    const story = untold();
    story.connect();
    story.hear(`RESUMED ${T2} 2 1\n${finOf([7])}`);
    const sent = story.log.flatMap((output) =>
      output.type === "send" && output.connection === 2
        ? [new TextDecoder().decode(output.bytes).trimEnd()]
        : []
    );
    assertEquals(sent, [`RESUME 1 ${S} ${T} 1`, "ACK 1", "FIN-ACK"]);
    story.give({ type: "ended", connection: 2, reason: "end" });
    assertEquals(story.log.at(-1)?.type, "done");
  },
);

for (
  const [what, meet] of [
    ["nobody is there", (story) => {
      const error = new HeartlineError("connection-refused", "Cannot connect: refused");
      story.give({ type: "connect-failed", connection: 2, error });
    }],
    ["it is cut off again", (story) => {
      story.connect();
      story.give({ type: "ended", connection: 2, reason: "reset" });
    }],
    ["its session is gone", (story) => {
      story.connect();
      story.hear("REJECTED EXPIRED too late\n");
    }],
    ["nobody answers", (story) => story.to(100_000)],
  ] as [string, (story: Story) => void][]
) {
  Deno.test(`a client with everything ends in success where ${what}`, PURE, () => {
    const story = untold();
    meet(story);
    assertEquals(story.log.at(-1)?.type, "done");
    assertEquals(story.machine.ended, true);
  });
}
