import { assert, assertEquals } from "@std/assert";
import { type KeepaliveReplier, Replies } from "../../keepalive/reply.ts";
import { deferred } from "../support/contract.ts";

/** An application that is asked; `log` is what became of it, and `room` how many answers may be sent. */
function asked(reply: KeepaliveReplier | undefined) {
  const there = { log: [] as string[], room: Infinity, bug: false };
  const replies = new Replies(reply, "peer:1", {
    mayAnswer: () => there.room > 0,
    send(id, payload) {
      if (there.bug) throw new TypeError("a bug");
      there.room--;
      there.log.push(`${id} ${payload.slice(0, 20)}`);
    },
    failed: (message) => void there.log.push(`failed: ${message}`),
    freed: () => void there.log.push("freed"),
    crash: (error) => void there.log.push(`crash: ${error}`),
  });
  return Object.assign(there, { replies });
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 9; turn++) await Promise.resolve();
}

const TOO_LONG =
  "failed: Cannot send a payload: wanted at most 8192 bytes with its escapes, current value has 100000";
const NO_TEXT = "failed: wanted text or undefined of reply, current value is";
const given = (value: unknown) => (() => value) as KeepaliveReplier;
const long = "x".repeat(100_000);

/** Each row: what the application does, what is sent or why nothing is, and whether at once. */
const ANSWERS: readonly (readonly [string, KeepaliveReplier | undefined, string[], boolean])[] = [
  ["nothing is given", undefined, ["1 hello"], true],
  ["the answer is there", (payload, peer) => `${payload} ${peer}`, ["1 hello peer:1"], true],
  ["there is none", () => undefined, [], true],
  ["the answer comes later", () => Promise.resolve("later"), ["1 later"], false],
  [
    "what is like a promise",
    given({ then: (take: (text: string) => void) => take("x") }),
    ["1 x"],
    false,
  ],
  ["that there is none comes later", () => Promise.resolve(undefined), [], false],
  ["it is too long", () => long, [TOO_LONG], true],
  ["it comes later and is too long", () => Promise.resolve(long), [TOO_LONG], false],
  ["it is a number", given(7), [`${NO_TEXT} 7`], true],
  ["it is nothing", given(null), [`${NO_TEXT} null`], false],
  ["it has no text", given(Promise.resolve(Object.create(null))), [`${NO_TEXT} object`], false],
  [
    "an error is thrown",
    () => {
      throw new Error("a bug of mine\nand where");
    },
    ["failed: a bug of mine"],
    true,
  ],
  ["anything is thrown later", () => Promise.reject("no\nway"), ["failed: no"], false],
];

for (const [name, reply, log, atOnce] of ANSWERS) {
  Deno.test(`a reply: ${name}`, { permissions: "none" }, async () => {
    const there = asked(reply);
    there.replies.ask(1, "hello");
    if (atOnce) assertEquals(there.log, log);
    else assertEquals(there.log, []);
    await settled();
    assertEquals(there.log, log);
  });
}

Deno.test("the next is asked when the one before has answered", {
  permissions: "none",
}, async () => {
  const calls: [string, ReturnType<typeof deferred<string>>][] = [];
  const { replies, log } = asked((payload) => {
    const answer = deferred<string>();
    calls.push([payload, answer]);
    return answer.promise;
  });
  for (const [id, payload] of ["a", "b", "c"].entries()) replies.ask(id, payload);
  for (const payload of ["a", "b", "c"]) {
    await settled();
    const [asked, answer] = calls.at(-1)!;
    assertEquals(asked, payload);
    answer.resolve(payload.toUpperCase());
  }
  await settled();
  assertEquals([calls.length, log], [3, ["0 A", "1 B", "2 C"]]);
});

Deno.test("nobody is asked for what cannot be sent", { permissions: "none" }, () => {
  const there = asked((payload) => payload === "none" ? undefined : payload);
  there.room = 1;
  for (const [id, payload] of ["none", "a", "b", "c"].entries()) there.replies.ask(id, payload);
  assertEquals(there.log, ["1 a"]);
  there.room = 2;
  there.replies.goOn();
  assertEquals(there.log, ["1 a", "2 b", "3 c"]);
});

Deno.test("so much waits to be asked, and half of it before there may be more", {
  permissions: "none",
}, () => {
  const there = asked(undefined), { replies, log } = there;
  there.room = 0;
  let asks = 0;
  for (; !replies.isFull(); asks++) replies.ask(asks, "x".repeat(936));
  assertEquals(asks, 66);
  there.room = 33;
  replies.goOn();
  assertEquals(log.at(-1), "32 xxxxxxxxxxxxxxxxxxxx");
  there.room = 1;
  replies.goOn();
  assertEquals(log.slice(33), ["33 xxxxxxxxxxxxxxxxxxxx", "freed"]);
  there.room = Infinity;
  replies.goOn();
  assertEquals(log.filter((line) => line === "freed").length, 1);
});

Deno.test("who has failed, or is stopped, is asked no more", { permissions: "none" }, async () => {
  let calls = 0;
  const failing = asked(() => {
    calls++;
    return Promise.reject(new Error("no more"));
  });
  for (const id of [1, 2, 3]) failing.replies.ask(id, "");
  await settled();
  failing.replies.ask(4, "");
  assertEquals([calls, failing.log], [1, ["failed: no more"]]);

  const late = deferred<string>(), wrong = deferred<string>();
  for (const answer of [late, wrong]) {
    const stopped = asked(() => answer.promise);
    for (const id of [1, 2]) stopped.replies.ask(id, "");
    stopped.replies.stop();
    if (answer === late) answer.resolve("late");
    else answer.reject(new Error("late"));
    await settled();
    assertEquals(stopped.log, []);
  }
});

Deno.test("a bug behind an answer is no fault of the application", {
  permissions: "none",
}, async () => {
  const there = asked(() => Promise.resolve("a"));
  there.bug = true;
  there.replies.ask(1, "");
  await settled();
  assert(there.log.at(-1)?.includes("a bug"));
  assertEquals(there.log, ["crash: TypeError: a bug"]);
});
