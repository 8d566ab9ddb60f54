import { assertEquals, assertStringIncludes } from "@std/assert";
import { Children } from "../../bench/harness/children.ts";
import { Peers } from "../../bench/peers/peers.ts";
import { markdownOf, notesOf, tableOf } from "../../bench/harness/report.ts";
import type { Result } from "../../bench/harness/row.ts";

Deno.test("a peer that is not installed is left out with a line that says so", async () => {
  await withoutPrograms(async (children) => {
    const peers = new Peers(children, true);
    assertEquals(await peers.start("handshake.py", 1_000), []);
    assertEquals(await peers.start("udp_ingest.py"), []);
    assertEquals(await peers.nats(), []);
    assertEquals(peers.leftOut, [
      "left out: Python sockets, because python3 is not installed",
      "left out: NATS, because nats-server is not installed",
    ]);
  });
});

Deno.test("packages that cannot be installed leave their peers out", async () => {
  await withoutPrograms(async (children) => {
    const peers = new Peers(children, true);
    assertEquals(await peers.start("ws_server.mjs", 1_000), []);
    assertEquals(peers.leftOut, ["left out: ws, because npm is not installed"]);
  });
});

Deno.test("no peer is started where none is wanted", async () => {
  const children = new Children();
  const peers = new Peers(children, false);
  assertEquals(await peers.start("handshake.py", 1_000), []);
  assertEquals(await peers.nats(), []);
  assertEquals(peers.leftOut, ["peers were left out, as asked"]);
  children.clear();
});

Deno.test("a peer stands under the work it does, with its notes", () => {
  const spread = { median: 2, min: 1, max: 3 };
  const result: Result = {
    work: "round trips: few",
    ours: "2 k/s",
    floor: "4 k/s",
    ratio: { median: 0.5, min: 0.4, max: 0.6 },
    target: ">= 0.4 x a bare echo",
    met: true,
    notes: ["as they come"],
    peers: [{
      name: "other 1.0",
      ours: "2 k/s",
      theirs: "1 k/s",
      ratio: spread,
      verdict: "ahead",
      notes: ["one at a time"],
    }],
  };
  const notes = notesOf([result], ["left out: third"]);
  assertEquals(`${markdownOf([result])}\n\n${notes}`.split("\n").slice(2), [
    "| round trips: few | 2 k/s | 4 k/s | 0.50 (0.40..0.60) | >= 0.4 x a bare echo | met |",
    "| ... next to other 1.0 | 2 k/s | 1 k/s | 2.00 (1.00..3.00) | - | ahead |",
    "",
    "- round trips: as they come",
    "- round trips, other 1.0: one at a time",
    "- left out: third",
  ]);
  assertStringIncludes(tableOf([result]), "... next to other 1.0");
});

/** With a search path on which nothing is found, and an empty cache of packages. */
async function withoutPrograms(test: (children: Children) => Promise<void>): Promise<void> {
  const children = new Children();
  const folder = children.folder();
  const before = { PATH: Deno.env.get("PATH"), XDG_CACHE_HOME: Deno.env.get("XDG_CACHE_HOME") };
  Deno.env.set("PATH", folder);
  Deno.env.set("XDG_CACHE_HOME", folder);
  try {
    await test(children);
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
    children.clear();
  }
}
