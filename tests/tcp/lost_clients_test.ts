// That a client which was heard and whose connection is over is still there, until another of its host takes
// its place, it was away for too long, or it is taken out.

import { assertEquals } from "@std/assert";
import { LostClients } from "../../tcp/lost_clients.ts";
import type { TcpClientReport } from "../../tcp/events.ts";
import type { TcpServerMachineOptions } from "../../tcp/options.ts";
import { seededRandom } from "../support/random.ts";
import { ServerStory } from "./server_story.ts";

/** Defines a pure test. */
function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

/** The clients of a story and their states. */
function statesOf({ machine, now }: ServerStory): string[] {
  return machine.reports(now).map(({ client, state }) => `${client} ${state}`);
}

const OPTIONS: TcpServerMachineOptions = {
  timeout: 1_000,
  grace: 0,
  closeAfter: 3_000,
  forgetAfter: 60_000,
};

/** Each row: what happened, and who is known then. */
const STORIES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["killed", ["0 a connects", "0 a 1", "500 a ends"], ["a:1 disconnected"]],
  ["reset while it was down", ["0 a connects", "0 a 1", "2000 a breaks"], ["a:1 disconnected"]],
  ["frozen, and closed for it", ["0 a connects", "0 a 1", "5000"], ["a:1 disconnected"]],
  ["closed for what it sent", ["0 a connects", "0 a 1", '500 a "what. "'], ["a:1 disconnected"]],
  ["never heard", ["0 a connects", "500 a ends"], []],
  ["never heard, and closed for it", ["0 a connects", "9000"], []],
  ["away for long", ["0 a connects", "0 a 1", "500 a ends", "60499"], ["a:1 disconnected"]],
  ["away for too long", ["0 a connects", "0 a 1", "500 a ends", "60500"], []],
  [
    "one of two that are away for too long",
    ["0 a connects", "0 b connects", "0 a 1", "0 b 1", "100 a ends", "900 b ends", "60100"],
    ["b:2 disconnected"],
  ],
];

for (const [name, story, known] of STORIES) {
  test(`a client that was ${name}`, () => {
    assertEquals(statesOf(new ServerStory(OPTIONS).tell([...story])), known);
  });
}

test("the next of a host that is heard takes the place of who was lost first, and of no other host", () => {
  const lost = new LostClients(1_000);
  const report = (client: string) =>
    ({ client, reception: { received: 1 }, silentFor: 5 }) as TcpClientReport;
  lost.add(report("a:1"), "a", 0);
  lost.add(report("a:2"), "a", 10);
  lost.add(report("b:1"), "b", 20);
  const names = () => [...lost.values()].map((one) => one.report(30).client);
  lost.returned("c");
  assertEquals(names(), ["a:1", "a:2", "b:1"]);
  lost.returned("a");
  assertEquals(names(), ["a:2", "b:1"]);
  assertEquals([...lost.values()].map((one) => one.report(30).silentFor), [25, 15]);
  assertEquals([lost.forget("b:1"), lost.forget("b:1")], [true, false]);
  lost.add(report("a:2"), "a", 40);
  assertEquals([names(), lost.next], [["a:2"], 1_040]);
  for (let n = 0; n < 10_000; n++) lost.add(report(`d:${n}`), "d", 50);
  assertEquals([lost.size, names()[0]], [10_000, "d:0"]);
  lost.expire(1_050);
  assertEquals([lost.size, lost.next], [0, undefined]);
});

test("who expects nobody back forgets a client with its connection", () => {
  const story = new ServerStory({ ...OPTIONS, forgetAfter: 0 });
  story.tell(["0 a connects", "0 a 1", "500 a ends"]);
  assertEquals([statesOf(story), story.machine.deadline], [[], undefined]);
});

test("a client that is taken out is expected no longer", () => {
  const story = new ServerStory(OPTIONS).tell(["0 a connects", "0 a 1", "500 a ends"]);
  assertEquals([story.machine.forget("a:1"), story.machine.forget("a:1")], [true, false]);
  assertEquals(statesOf(story), []);
});

for (let seed = 1; seed <= 30; seed++) {
  test(`states and counts agree with the events, and no name is there twice, seed ${seed}`, () => {
    const random = seededRandom(seed);
    const among = <Item>(items: readonly Item[]): Item =>
      items[Math.floor(random() * items.length)]!;
    const story = new ServerStory(OPTIONS);
    const told = new Map<string, string>();
    const connected = new Set<string>();
    let opened = 0;
    for (let step = 0; step < 120; step++) {
      const name = connected.size === 0 || random() < 0.2 ? `c${opened++}` : among([...connected]);
      const what = connected.has(name) ? among(["1", "2", "3", "ends", "breaks"]) : "connects";
      connected.add(name);
      story.tell([`${story.now + Math.floor(random() * 1_500)} ${name} ${what}`]);
      for (const line of story.said()) {
        const [, who, event] = /^\S+ (\S+) (\w+)/.exec(line) as unknown as [string, string, string];
        if (event === "connected") told.set(who, "waiting");
        else if (event === "up" || event === "recovered") told.set(who, "up");
        else if (event === "down") told.set(who, "down");
        else if (event === "disconnected") {
          connected.delete(who);
          told.set(who, "disconnected");
        }
      }
      const reports = story.machine.reports(story.now);
      const counts = { waiting: 0, up: 0, down: 0, disconnected: 0 };
      for (const { client, state } of reports) {
        counts[state]++;
        assertEquals(state, told.get(client.split(":")[0]!), `${client} in step ${step}`);
      }
      assertEquals(story.machine.stateCounts(), counts);
      assertEquals(new Set(reports.map(({ client }) => client)).size, reports.length);
    }
  });
}
