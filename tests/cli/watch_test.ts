import { assertEquals, assertStringIncludes } from "@std/assert";
import { Watch } from "../../cli/tables/watch.ts";
import { eventTable, heartbeatTable, keepaliveTable } from "../../cli/tables/watch_table.ts";
import type { WatchTable } from "../../cli/tables/watch_table.ts";

const RECEPTION = {
  ...{ received: 9, expected: 10, loss: 0.125, duplicates: 0, reordered: 0, gaps: 1, late: 0 },
  ...{ jitter: 0.25, delay: { last: 1.5, p50: 1, p99: 4, max: 5 }, offset: 0 },
};

Deno.test("heartbeat clients are shown with their links, and judged by their state", () => {
  const client = { client: "10.0.0.7:1", silentFor: 1_500, downCount: 2, reception: RECEPTION };
  const { rows, ...table } = heartbeatTable({
    stateCounts: () => ({ waiting: 1, up: 1, down: 998 }),
    clients: (limit) =>
      ["up", "waiting", "down", "silent"].slice(0, limit).map((state) => ({ ...client, state })),
  }, 3);
  assertEquals(table, {
    summary: "1000 clients: 1 waiting, 1 up, 998 down",
    heads: ["client", "state", "downs", "silent for", "loss", "jitter", "delay"],
    trend: "delays",
    total: 1_000,
  });
  assertEquals(rows.map(({ state, health }) => [state, health]), [
    ["UP", "good"],
    ["WAITING", "unsure"],
    ["DOWN", "bad"],
  ]);
  assertEquals(rows[0]!.cells, ["2", "1.5 s", "12.5 %", "0.25 ms", "1.5 ms"]);
  assertEquals(rows[0]!.trend, { value: 1.5, mark: 9 });
});

Deno.test("keepalive clients are shown with their probes", () => {
  const peer = {
    client: "10.0.0.7:1",
    silentFor: 20_000,
    connectedFor: 1,
    unreplied: 0,
    unsent: 12,
  };
  const { summary, rows } = keepaliveTable({
    clients: () => [
      { ...peer, phase: "data", missed: 0, rtt: 2.5 },
      { ...peer, phase: "heartbeat", missed: 0, rtt: 1 },
      { ...peer, phase: "heartbeat", missed: 2, rtt: undefined },
    ],
  }, 9);
  assertEquals(summary, "3 clients: 1 data, 2 heartbeat");
  assertEquals(rows.map(({ state, health }) => [state, health]), [
    ["DATA", "good"],
    ["HEARTBEAT", "unsure"],
    ["HEARTBEAT", "bad"],
  ]);
  assertEquals(rows.map(({ cells }) => cells), [
    ["0", "20 s", "2.5 ms", "12 B"],
    ["0", "20 s", "1 ms", "12 B"],
    ["2", "20 s", "", "12 B"],
  ]);
});

Deno.test("of other servers it is shown what happened so far", () => {
  const counters = () => ({ receivedBytes: 1, events: { granted: 3, refused: 1 } });
  const { summary, rows, total } = eventTable({ counters }, "3 ids are leased");
  assertEquals([summary, total], ["3 ids are leased", 2]);
  assertEquals(rows.map(({ name, state }) => `${name} ${state}`), ["granted 3", "refused 1"]);
});

/** A terminal that keeps what is written, and a table that a test changes. */
class Bench {
  readonly written: string[] = [];
  trend = { value: 0, mark: 0 };
  readonly watch = new Watch(
    {
      size: () => ({ columns: 60, rows: 20, colour: false }),
      write: (text) => void this.written.push(text),
    },
    "udp-server",
    () => this.#table(),
  );

  #table(): WatchTable {
    const row = { name: "a", state: "UP", health: "good", cells: [], trend: this.trend } as const;
    return {
      summary: "1 client",
      heads: ["client", "state"],
      trend: "delays",
      rows: [row],
      total: 1,
    };
  }
}

Deno.test("the terminal is left as it was, with the last table printed", () => {
  const bench = new Bench();
  bench.watch.say("warn", "one\ntwo \x1b[2J\r\x07three");
  bench.watch.close();
  assertStringIncludes(bench.written[0]!, "\x1b[?1049h");
  const last = bench.written.at(-1)!;
  assertEquals(last.startsWith("\x1b[?25h\x1b[?1049l"), true);
  assertEquals(last.split("\n").slice(1), [
    "",
    "client  state  delays",
    "a       UP",
    "",
    "one",
    // What came from the network moves no cursor.
    "two  [2J  three",
    "",
  ]);
});

Deno.test("the trend has one bar for each new value, none before the first and none for the same again", () => {
  const bench = new Bench();
  for (const [mark, value] of [[1, 8], [1, 8], [2, 4]] as const) {
    bench.trend = { value, mark };
    // Closing draws once more; the timer is not waited for.
    bench.watch.close();
  }
  assertStringIncludes(bench.written.at(-1)!, "a       UP     █▅\n");
});
