/**
 * The networks do what their weather and their faults say.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { DatagramNetwork } from "./datagrams.ts";
import { Process } from "./process.ts";
import { Access, Connection, type StreamEnd } from "./streams.ts";
import { type Weather, WEATHERS } from "./weather.ts";
import { World } from "./world.ts";

const CLEAR = WEATHERS.clear!;
const NO_BURSTS = CLEAR.bursts;

/** Sends 0, 1, 2, ... one a millisecond; returns what arrives, and when. */
function datagrams(weather: Weather, count = 100_000) {
  const world = new World(1);
  const network = new DatagramNetwork(world);
  const arrived: [now: number, sent: number][] = [];
  const lane = network.lane(weather, world.random(1), (sent: number) => {
    arrived.push([world.now, sent]);
  });
  for (let now = 0; now < count; now++) world.once(now, () => lane.send(now));
  world.run(2 * count);
  return { arrived, counts: network.counts };
}

Deno.test("datagrams are lost and doubled in the shares of the weather", {
  permissions: "none",
}, () => {
  const { arrived, counts } = datagrams({ ...CLEAR, loss: 0.2, duplication: 0.1 });
  assertAlmostEquals(counts.lost / counts.sent, 0.2, 0.01);
  assertAlmostEquals(counts.doubled / (counts.sent - counts.lost), 0.1, 0.01);
  assertEquals(arrived.length, counts.sent - counts.lost + counts.doubled);
});

Deno.test("bursts take their share of time, in runs of their length", {
  permissions: "none",
}, () => {
  const bursts = { share: 0.1, length: 50, lost: 1 };
  const { arrived, counts } = datagrams({ ...CLEAR, jitter: 0, bursts });
  assertAlmostEquals(counts.lost / counts.sent, 0.1, 0.03);
  const runs = arrived.filter(([now], i) => now - (arrived[i - 1]?.[0] ?? now) > 1).length;
  assertAlmostEquals(counts.lost / runs, 50, 10);
});

Deno.test("jitter delays within its bounds and lets neighbours overtake", {
  permissions: "none",
}, () => {
  const { arrived } = datagrams({ ...CLEAR, bursts: NO_BURSTS });
  for (const [now, sent] of arrived) assert(now - sent >= 20 && now - sent <= 30);
  const overtaken = arrived.filter(([, sent], i) => sent < (arrived[i - 1]?.[1] ?? 0));
  assert(overtaken.length > 1_000, `${overtaken.length}`);
});

/** A connection, and what its server hears of it. */
function stream(weather: Weather = CLEAR) {
  const world = new World(1);
  const heard: string[] = [];
  const endOf = (who: number, says: (what: string) => void): StreamEnd => ({
    process: new Process(world, who),
    opened: () => says("open"),
    refused: () => says("refused"),
    data: (_, bytes) => says(new TextDecoder().decode(bytes)),
    written: (_, bytes) => says(`written ${bytes}`),
    ended: (_, reason) => says(reason),
  });
  const ends = {
    client: endOf(1, (what) => heard.push(`client ${what}`)),
    server: endOf(0, (what) => heard.push(what)),
  };
  const access = new Access(weather, world.random(1));
  const connection = Connection.open(access, ends, { id: 1, tag: 1 });
  const send = (text: string) => connection.lanes.up.send(new TextEncoder().encode(text));
  return { world, heard, ends, access, connection, send };
}

Deno.test("a stream keeps every byte in order, whatever the weather, and ends behind them", {
  permissions: "none",
}, () => {
  const { world, heard, access, connection, send } = stream(WEATHERS.rough!);
  for (let i = 0; i < 1_000; i++) world.once(100 * i, () => void send(`${i} `));
  world.once(100_000, () => connection.close("up"));
  world.run(200_000);
  const wanted = Array.from({ length: 1_000 }, (_, i) => `${i} `).join("");
  assertEquals(heard.filter((what) => !what.startsWith("client")).join(""), `open${wanted}end`);
  assert(heard.length > 1_005, "something was cut");
  assertEquals(access.open.size, 0);
});

Deno.test("a cut lets exactly so many bytes pass, and then both ends know", {
  permissions: "none",
}, () => {
  for (let after = 0; after <= 5; after++) {
    const { world, heard, connection, send } = stream();
    world.run(100);
    connection.lanes.up.cutAfter = after;
    send("abcde");
    send("f");
    world.run(1_000);
    const passed = after > 0 ? ["abcde".slice(0, after)] : [];
    assertEquals(heard.filter((what) => !what.startsWith("client")), ["open", ...passed, "reset"]);
    assertEquals(heard.filter((what) => what.startsWith("client")), [
      "client open",
      "client reset",
    ]);
  }
});

Deno.test("what breaks before it is open could not be opened, and is not opened later", {
  permissions: "none",
}, () => {
  const { world, heard, ends, access, connection } = stream();
  ends.server.process.stall(5_000);
  world.run(1_000);
  connection.reset();
  world.run(10_000);
  assertEquals(heard, ["client refused", "open", "reset"]);
  assertEquals(access.open.size, 0);
});

Deno.test("who closed hears nothing of a break that is on its way", { permissions: "none" }, () => {
  const { world, heard, connection } = stream();
  world.run(100);
  connection.reset();
  connection.close("up");
  world.run(1_000);
  assertEquals(heard, ["open", "client open", "reset"]);
});

Deno.test("what is sent into a partition arrives when it is over", { permissions: "none" }, () => {
  const { world, heard, access, send } = stream();
  world.run(100);
  access.closedUntil.up = 10_000;
  send("late");
  world.run(9_999);
  assertEquals(heard, ["open", "client open"]);
  world.run(11_000);
  assertEquals(heard.slice(2), ["late"]);
});

Deno.test("a half-open connection takes bytes, then no more, and says nothing", {
  permissions: "none",
}, () => {
  const { world, heard, connection, send } = stream();
  world.run(100);
  connection.blackhole("up", "down");
  assertEquals([send("x".repeat(16_384)), send("y")], [true, false]);
  world.run(1e9);
  assertEquals(heard, ["open", "client open"]);
});

Deno.test("a process that is gone is told of by its kernel, unless it has no power", {
  permissions: "none",
}, () => {
  for (const unplugged of [false, true]) {
    const { world, heard, ends, send } = stream();
    world.run(100);
    ends.server.process.kill(unplugged);
    send("anybody?");
    world.run(1_000);
    assertEquals(heard.slice(2), unplugged ? [] : ["client reset"]);
    ends.server.process.restart();
    send("and now?");
    world.run(2_000);
    assertEquals(heard.slice(2), ["client reset"]);
  }
});
