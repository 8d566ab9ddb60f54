import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { type KeepaliveReplier, replyTo } from "../../keepalive/reply.ts";

/** Asks, and returns what was sent and whether the answer came later. */
async function ask(reply: KeepaliveReplier | undefined): Promise<[string[], boolean]> {
  const sent: string[] = [];
  const later = replyTo(reply, "hello", "peer:1", (payload) => sent.push(payload));
  await later;
  return [sent, later !== undefined];
}

/** Each row: what the application does, what is sent, and whether it is waited for. */
const ANSWERS: readonly (readonly [string, KeepaliveReplier | undefined, string[], boolean])[] = [
  ["nothing is given", undefined, ["hello"], false],
  ["the answer is there", (payload, peer) => `${payload} ${peer}`, ["hello peer:1"], false],
  ["there is none", () => undefined, [], false],
  ["the answer comes later", () => Promise.resolve("later"), ["later"], true],
  ["that there is none comes later", () => Promise.resolve(undefined), [], true],
];

for (const [name, reply, sent, later] of ANSWERS) {
  Deno.test(`a reply: ${name}`, { permissions: "none" }, async () => {
    assertEquals(await ask(reply), [sent, later]);
  });
}

Deno.test(
  "a reply that is too long is refused, now or later",
  { permissions: "none" },
  async () => {
    const long = "x".repeat(100_000);
    assertThrows(() => void replyTo(() => long, "hello", "peer:1", () => {}), HeartlineError);
    await assertRejects(() => ask(() => Promise.resolve(long)), HeartlineError);
  },
);
