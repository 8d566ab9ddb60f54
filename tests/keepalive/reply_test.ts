import { assertEquals } from "@std/assert";
import { type KeepaliveReplier, replyTo } from "../../keepalive/reply.ts";

/** Asks, and returns what was sent, why nothing was, and whether that was known at once. */
async function ask(reply: KeepaliveReplier | undefined): Promise<[string[], string[], boolean]> {
  const sent: string[] = [], failed: string[] = [];
  replyTo(reply, "hello", "peer:1", {
    send: (payload) => void sent.push(payload),
    failed: (message) => void failed.push(message),
  });
  const atOnce = sent.length + failed.length > 0;
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  return [sent, failed, atOnce];
}

const long = "x".repeat(100_000);
const TOO_LONG =
  "Cannot send a payload: wanted at most 8192 bytes with its escapes, current value has 100000";
const NO_TEXT = "wanted text or undefined of reply, current value is";
const given = (value: unknown) => (() => value) as KeepaliveReplier;

/** Each row: what the application does, what is sent or why nothing is, and whether at once. */
const ANSWERS:
  readonly (readonly [string, KeepaliveReplier | undefined, string[], string[], boolean])[] = [
    ["nothing is given", undefined, ["hello"], [], true],
    ["the answer is there", (payload, peer) => `${payload} ${peer}`, ["hello peer:1"], [], true],
    ["there is none", () => undefined, [], [], false],
    ["the answer comes later", () => Promise.resolve("later"), ["later"], [], false],
    [
      "what is like a promise",
      given({ then: (take: (text: string) => void) => take("x") }),
      ["x"],
      [],
      false,
    ],
    ["that there is none comes later", () => Promise.resolve(undefined), [], [], false],
    ["it is too long", () => long, [], [TOO_LONG], true],
    ["it comes later and is too long", () => Promise.resolve(long), [], [TOO_LONG], false],
    ["it is a number", given(7), [], [`${NO_TEXT} 7`], true],
    ["it is nothing", given(null), [], [`${NO_TEXT} null`], false],
    [
      "an error is thrown",
      () => {
        throw new Error("a bug of mine\nand where");
      },
      [],
      ["a bug of mine"],
      true,
    ],
    ["anything is thrown later", () => Promise.reject("no\nway"), [], ["no"], false],
  ];

for (const [name, reply, sent, failed, atOnce] of ANSWERS) {
  Deno.test(`a reply: ${name}`, { permissions: "none" }, async () => {
    assertEquals(await ask(reply), [sent, failed, atOnce]);
  });
}
