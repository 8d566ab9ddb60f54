/**
 * Sequences between real processes that share a real Redis.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { receiveSequence } from "../../sequence/client.ts";
import { collect } from "../support/collect.ts";
import { cuttingNet } from "../support/cutting_net.ts";
import { EventLog } from "../support/event_log.ts";
import { withFolder } from "../support/folder.ts";
import { type Child, command } from "../support/process.ts";
import { seededRandom } from "../support/random.ts";
import { redisTest } from "../support/redis.ts";

const SUCCESS = "INFO SUCCESS! local checksum and server checksum are equal";

async function serve(url: string, ...options: string[]): Promise<[Child, number]> {
  const server = command("seq_server", "0", "--json", "--store", url, ...options);
  return [server, Number((await server.event("listening")).port)];
}

redisTest(
  "two servers, 100 bounces, one killed: nothing lost, repeated, reordered",
  async (redis) => {
    const [[one, first], [two, second]] = await Promise.all([
      serve(redis.url, "--interval", "5ms"),
      serve(redis.url, "--interval", "5ms"),
    ]);
    await using _one = one;
    await using _two = two;
    const random = seededRandom(7);
    let killed: Promise<unknown> | undefined;
    const { net, cuts } = await cuttingNet({
      after: () => cuts() < 150 ? 1 + Math.floor(random() * 700) : Infinity,
      route: ({ hostname, port }) => {
        // Each client goes to the other server every time it connects.
        const at = ports.get(port)!;
        ports.set(port, at === first ? second : first);
        if (cuts() >= 100 && !killed) {
          one.signal("SIGKILL");
          killed = one.exitCode();
        }
        return { hostname, port: at };
      },
    });
    // A port that a client names is its own name here.
    const ports = new Map(Array.from({ length: 6 }, (_, n) => [n + 1, n % 2 ? first : second]));
    const all = await Promise.all([...ports.keys()].map(async (port) => {
      const backoff = { base: 5, cap: 50 };
      const receiver = receiveSequence({ port, length: 600, net, random, backoff });
      const log = new EventLog(receiver.events);
      const numbers = await collect(receiver);
      return { numbers, done: await log.until(({ type }) => type === "done") };
    }));
    for (const { numbers, done } of all) {
      assertEquals(numbers.length, 600);
      assert(done.type === "done" && done.length === 600 && done.repeated === 0);
    }
    assert(cuts() >= 150, `${cuts()} cuts`);
    assert(killed !== undefined);
    await killed;
    // Bounced, not just cut: each server took sessions over that the other had.
    for (const server of [one, two]) {
      const resumed = server.events("resumed").length;
      assert(resumed >= 30, `${resumed} resumed`);
    }
  },
);

redisTest("Redis killed and started again under a server and its clients", async (redis) => {
  const [server, port] = await serve(redis.url, "--interval", "20ms");
  await using _server = server;
  await using live = command("seq_client", `${port}`, "100");
  await server.event("started");
  await redis.kill();
  await using waiting = command("seq_client", `${port}`, "5", "--log-level", "debug");
  await waiting.line((line) => line.includes("UNAVAILABLE"));
  const said = await server.event("store-failed");
  assertStringIncludes(String(said.message), "Cannot use Redis at 127.0.0.1:");
  assertEquals(await live.exitCode(), 0);
  await redis.restart();
  assertEquals(await waiting.exitCode(), 0);
  for (const client of [live, waiting]) assertEquals(client.out.at(-1), SUCCESS);
});

redisTest("Redis started on an older copy under two servers, one client at both", async (redis) => {
  const [[one, first], [two, second]] = await Promise.all([serve(redis.url), serve(redis.url)]);
  await using _one = one;
  await using _two = two;
  await withFolder(async (folder) => {
    const file = `${folder}/sequence.json`;
    const start = (port: number, ...length: string[]) =>
      command("seq_client", `${port}`, ...length, "--state", file, "--log-level", "debug");
    await using begins = start(first, "6");
    await begins.line((line) => line.includes("number 0"));
    const goBack = await redis.snapshot();
    begins.signal("SIGKILL");
    await begins.exitCode();
    await using moves = start(second);
    await moves.line((line) => line.includes("number 2"));
    moves.signal("SIGKILL");
    await moves.exitCode();
    await goBack();
    await using ends = start(first);
    assertEquals(await ends.exitCode(), 0);
    assertEquals(ends.out.at(-1), SUCCESS);
    await two.event("written-back");
  });
});

redisTest(
  "a Redis that refuses, and one that evicts, are told without the password",
  async (redis) => {
    const { host } = new URL(redis.url);
    await redis.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    await redis.ask("ACL", "SETUSER", "app", "on", ">secret", "~app:*", "+@all", "-hset");
    const url = `redis://app:secret@${host}/2?prefix=app:`;
    await using server = command("seq_server", "0", "--store", url);
    await server.line((line) => line.includes("NOPERM"));
    await redis.ask("ACL", "SETUSER", "app", "+hset");
    await server.line((line) => line.includes("allkeys-lru"));
    server.signal("SIGTERM");
    assertEquals(await server.exitCode(), 0);
    assertEquals([...server.out, ...server.err].filter((line) => line.includes("secret")), []);
    assertEquals(server.out.slice(0, 2), [
      `INFO Keeping sessions in redis://${host}/2?prefix=app:`,
      `WARNING Cannot use Redis at ${host}: NOPERM this user may not run HSET; sessions wait until it can be used`,
    ]);
  },
);

redisTest("the first line names the store without its password", async (redis) => {
  const { host } = new URL(redis.url);
  await redis.kill();
  await using server = command("seq_server", "0", "--store", `redis://user:secret@${host}/2`);
  await server.line((line) => line.includes("Listening"));
  assertEquals(server.out[0], `INFO Keeping sessions in redis://${host}/2`);
  const away =
    `Cannot use Redis at ${host}: Connection refused; sessions wait until it can be used`;
  assertEquals(server.out[1], `WARNING ${away}`);
  server.signal("SIGTERM");
  assertEquals(await server.exitCode(), 0);
  assertEquals([...server.out, ...server.err].filter((line) => line.includes("secret")), []);
});

Deno.test("the wrong URL of a Redis is one line, without its password, and exit code 2", async () => {
  await using server = command("seq_server", "0", "--store", "redis://:secret@/x");
  assertEquals(await server.exitCode(), 2);
  assertEquals(server.err.length, 1);
  assertStringIncludes(server.err[0]!, "Cannot use URL: wanted redis://");
  assert(!server.err[0]!.includes("secret"));
});
