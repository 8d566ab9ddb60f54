import { assert, assertEquals } from "@std/assert";
import { sparkline } from "../../cli/tables/sparkline.ts";
import { type ScreenSize, watchLines, type WatchScreen } from "../../cli/tables/watch_screen.ts";

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

const ROWS = [
  { name: "10.0.0.7:1", state: "UP", health: "good", cells: ["0", "1.2 s"] },
  { name: "10.0.0.8:1", state: "WAITING", health: "unsure", cells: ["0", "9 s"] },
  { name: "10.0.0.9:1", state: "DOWN", health: "bad", cells: ["3", "40 s"] },
] as const;

const SCREEN: WatchScreen = {
  title: "udp-server",
  table: {
    summary: "3 clients: 1 waiting, 1 up, 1 down",
    heads: ["client", "state", "alarms", "silent for"],
    trend: "delays",
    rows: ROWS,
    total: 3,
  },
  trends: new Map([["10.0.0.7:1", [0, 2, 4]], ["10.0.0.9:1", []]]),
  said: [{ level: "info", text: "Listening" }, { level: "warn", text: "10.0.0.9:1 is DOWN" }],
};

const SIZES: [name: string, size: Partial<ScreenSize>, screen: Partial<WatchScreen>, string[]][] = [
  ["all of it where there is room", {}, {}, [
    "udp-server: 3 clients: 1 waiting, 1 up, 1 down",
    "",
    "client      state    alarms  silent for  delays",
    "10.0.0.7:1  UP       0       1.2 s       ▁▅█",
    "10.0.0.8:1  WAITING  0       9 s",
    "10.0.0.9:1  DOWN     3       40 s",
    "",
    "Listening",
    "10.0.0.9:1 is DOWN",
  ]],
  ["fewer columns on a narrow terminal", { columns: 30 }, {}, [
    "udp-server: 3 clients: 1 waiti",
    "",
    "client      state    alarms",
    "10.0.0.7:1  UP       0",
    "10.0.0.8:1  WAITING  0",
    "10.0.0.9:1  DOWN     3",
    "",
    "Listening",
    "10.0.0.9:1 is DOWN",
  ]],
  [
    "the newest values of a trend that is longer than the room for it",
    { columns: 49 },
    { said: [], trends: new Map([["10.0.0.7:1", [8, 8, 8, 8, 0, 1, 2, 4, 8, 7]]]) },
    [
      "udp-server: 3 clients: 1 waiting, 1 up, 1 down",
      "",
      "client      state    alarms  silent for  delays",
      "10.0.0.7:1  UP       0       1.2 s       ██▁▂▃▅█▇",
      "10.0.0.8:1  WAITING  0       9 s",
      "10.0.0.9:1  DOWN     3       40 s",
      "",
    ],
  ],
  ["no trend where there is no room for it", { columns: 45 }, { said: [] }, [
    "udp-server: 3 clients: 1 waiting, 1 up, 1 dow",
    "",
    "client      state    alarms  silent for",
    "10.0.0.7:1  UP       0       1.2 s",
    "10.0.0.8:1  WAITING  0       9 s",
    "10.0.0.9:1  DOWN     3       40 s",
    "",
  ]],
  ["names alone where there is room for nothing else", { columns: 8 }, { said: [] }, [
    "udp-serv",
    "",
    "client",
    "10.0.0.7",
    "10.0.0.8",
    "10.0.0.9",
    "",
  ]],
  ["fewer rows on a low terminal, and no lines below", { rows: 7 }, {}, [
    "udp-server: 3 clients: 1 waiting, 1 up, 1 down",
    "",
    "client      state    alarms  silent for  delays",
    "10.0.0.7:1  UP       0       1.2 s       ▁▅█",
    "10.0.0.8:1  WAITING  0       9 s",
    "and 1 more",
    "",
  ]],
  [
    "the last lines that were said",
    { rows: 10 },
    { said: [1, 2, 3, 4, 5].map((n) => ({ level: "info", text: `line ${n}` })) },
    [
      "udp-server: 3 clients: 1 waiting, 1 up, 1 down",
      "",
      "client      state    alarms  silent for  delays",
      "10.0.0.7:1  UP       0       1.2 s       ▁▅█",
      "10.0.0.8:1  WAITING  0       9 s",
      "and 1 more",
      "",
      "line 3",
      "line 4",
      "line 5",
    ],
  ],
  ["a table without rows", {}, {
    table: { summary: "0 clients", heads: ["client", "state"], rows: [], total: 0 },
    said: [],
  }, ["udp-server: 0 clients", "", "client  state", ""]],
];

for (const [name, size, screen, lines] of SIZES) {
  pure(`a live table shows ${name}`, () => {
    const full = { columns: 80, rows: 24, colour: false, ...size };
    assertEquals(watchLines({ ...SCREEN, ...screen }, full), lines);
  });
}

pure("no terminal is too small, and none gets more than it holds", () => {
  for (let columns = 0; columns < 60; columns += 3) {
    for (let rows = 0; rows < 20; rows++) {
      const lines = watchLines(SCREEN, { columns, rows, colour: false });
      assert(lines.length <= rows, `${lines.length} lines on ${rows} rows`);
      assert(lines.every((line) => line.length <= columns), `too wide for ${columns} columns`);
    }
  }
});

pure("colours say nothing that words do not, and move nothing", () => {
  const size = { columns: 80, rows: 24 };
  const plain = watchLines(SCREEN, { ...size, colour: false });
  const coloured = watchLines(SCREEN, { ...size, colour: true });
  assert(coloured[3]!.startsWith("10.0.0.7:1  \x1b[32mUP\x1b[0m       0"));
  assert(coloured[5]!.startsWith("10.0.0.9:1  \x1b[31mDOWN\x1b[0m     3"));
  assertEquals(coloured.at(-1), "\x1b[33m10.0.0.9:1 is DOWN\x1b[0m");
  // deno-lint-ignore no-control-regex
  assertEquals(coloured.map((line) => line.replaceAll(/\x1b\[\d+m/g, "")), plain);
});

pure("a sparkline goes from nothing to the largest value", () => {
  assertEquals(sparkline([0, 1, 2, 4, 8, 7], 1), "▁▂▃▅█▇");
  assertEquals(sparkline([0.01, 0.02, 0.1], 1), "▁▁▂");
  assertEquals(sparkline([], 1), "");
});
