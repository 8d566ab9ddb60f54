import { assertEquals } from "@std/assert";
import type { ClosingOptions } from "../../core/connection.ts";
import { ConnectionTimers, type TimedConnection } from "../../core/connection_timers.ts";

const PURE = { permissions: "none" } as const;

interface Peer extends TimedConnection {
  name: string;
  unsent: number;
  closing: ClosingOptions | undefined;
}

function peer(name: string, unsent = 0): Peer {
  return { name, timer: undefined, unsent, closing: undefined };
}

/** Timers whose connections are closed at instant 0, and those that may be at once. */
function closing(...options: (ClosingOptions & { name: string; unsent: number })[]) {
  const timers = new ConnectionTimers<Peer>();
  const peers = options.map((one) => ({ ...peer(one.name, one.unsent), closing: one }));
  const atOnce = peers.filter((one) => timers.close(one, 0)).map(({ name }) => name);
  const over = (now: number) => timers.tick(now).map(({ name }) => name);
  return { timers, peers, atOnce, over };
}

/** All that waits for a peer is taken; says whether it is over. */
function takeAll(timers: ConnectionTimers<Peer>, one: Peer, now: number): boolean {
  one.unsent = 0;
  return timers.drained(one, now);
}

Deno.test("what has nothing to say and nobody to wait for closes at once", PURE, () => {
  const { timers, atOnce } = closing({ name: "a", unsent: 0, linger: 0 });
  assertEquals([atOnce, timers.deadline], [["a"], undefined]);
});

Deno.test("what is not to be waited for is dropped with what it has not sent", PURE, () => {
  const { timers, atOnce } = closing({ name: "a", unsent: 9, within: 0 });
  assertEquals([atOnce, timers.deadline], [["a"], undefined]);
});

Deno.test("without a linger a connection closes when all is taken", PURE, () => {
  const { timers, peers: [a], atOnce } = closing({ name: "a", unsent: 9 });
  assertEquals(atOnce, []);
  a!.unsent = 4;
  assertEquals(timers.drained(a!, 20), false);
  assertEquals(takeAll(timers, a!, 30), true);
});

Deno.test("a linger begins when the last line is taken, however late that is", PURE, () => {
  const { timers, peers: [a], over } = closing({ name: "a", unsent: 9, linger: 500 });
  assertEquals(over(1_999), []);
  assertEquals(takeAll(timers, a!, 1_999), false);
  assertEquals(over(2_498), []);
  assertEquals(over(2_499), ["a"]);
  assertEquals(over(9_999), []);
});

Deno.test("a linger begins at once where all is taken", PURE, () => {
  const { timers, over } = closing(
    { name: "a", unsent: 0, linger: 500 },
    { name: "b", unsent: 0, linger: 100 },
  );
  assertEquals(timers.deadline, 100);
  assertEquals(over(500), ["b", "a"]);
});

Deno.test("a peer that takes no last line is not waited for longer than asked", PURE, () => {
  const { over } = closing(
    { name: "a", unsent: 9, linger: 500 },
    { name: "b", unsent: 9 },
    { name: "c", unsent: 9, within: 100 },
  );
  assertEquals(over(99), []);
  assertEquals(over(100), ["c"]);
  assertEquals(over(1_999), []);
  assertEquals(over(2_000).toSorted(), ["a", "b"]);
});

Deno.test("who has closed first is not waited for", PURE, () => {
  const { timers, peers, over } = closing(
    { name: "a", unsent: 9, linger: 500 },
    { name: "b", unsent: 0, linger: 500 },
  );
  for (const one of peers) timers.forget(one);
  assertEquals([timers.deadline, over(9_999)], [undefined, []]);
});

Deno.test(
  "who takes no byte for the write timeout is not reading; each byte puts it off",
  PURE,
  () => {
    const timers = new ConnectionTimers<Peer>({ writeTimeout: 1_000 });
    const [slow, stuck, idle] = [peer("slow", 9), peer("stuck", 9), peer("idle", 9)];
    for (const one of [slow, stuck, idle]) timers.sent(one, 0);
    assertEquals(takeAll(timers, idle, 500), false);
    slow.unsent = 1;
    assertEquals(timers.drained(slow, 900), false);
    assertEquals(timers.tick(999), []);
    assertEquals(timers.tick(1_000), [stuck]);
    assertEquals(timers.tick(1_899), []);
    assertEquals(timers.tick(1_900), [slow]);
    assertEquals(timers.tick(9_999), []);
  },
);

Deno.test("a pause of ours is nobody's fault", PURE, () => {
  const timers = new ConnectionTimers<Peer>({ writeTimeout: 1_000 });
  const stuck = peer("stuck", 9);
  timers.sent(stuck, 0);
  timers.stalled(600);
  assertEquals(timers.tick(1_599), []);
  assertEquals(timers.tick(1_600), [stuck]);
});

Deno.test("without a write timeout nobody is judged by it", PURE, () => {
  const timers = new ConnectionTimers<Peer>();
  timers.sent(peer("a", 9), 0);
  assertEquals(timers.deadline, undefined);
});
