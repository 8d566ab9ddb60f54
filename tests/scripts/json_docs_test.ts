import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { readJsonLines } from "../../scripts/_json_lines.ts";
import { jsonPage } from "../../scripts/_json_docs.ts";
import { readTree } from "../../scripts/_tree.ts";
import { complaintAbout } from "../support/json_schema.ts";

const COMMANDS = readJsonLines();

Deno.test("every event of every protocol is in them", async () => {
  const known = new Set([...COMMANDS.values()].flat().map(({ event }) => event));
  const declared = [...await readTree()].filter(([path]) => path.endsWith("/events.ts"))
    .flatMap(([, source]) => [...source.matchAll(/readonly type:((?:\s*\|?\s*"[a-z-]+")+)/g)])
    .flatMap(([, words]) => [...words!.matchAll(/"([a-z-]+)"/g)].map(([, word]) => word!));
  assertEquals(declared.length > 60, true);
  assertEquals(declared.filter((event) => !known.has(event)), []);
});

Deno.test("what several commands print alike is described once, and named by each", () => {
  const page = jsonPage(COMMANDS);
  assertEquals(page.split("The command could not do its job").length, 2);
  const [, common, ...commands] = page.split(/^## (?:Lines|[a-z]).*$/m);
  assertEquals(commands.length, COMMANDS.size);
  for (const command of commands) assertMatch(command, /^And: .*\[`failed`\]\(#failed\)/m);
  // Their links lead to the first heading of that name.
  const events = common!.match(/^### .*/gm)!;
  assertEquals(new Set(events).size, events.length);
});

Deno.test("an event or a field that nothing describes is refused", () => {
  const field = {
    name: "mystery",
    schema: { type: "number" as const },
    required: true,
    text: "",
    meaning: "",
  };
  const page = (text: string) => {
    const own = { event: "strange", text, fields: [field] };
    return jsonPage(new Map([["udp-server", [...COMMANDS.get("udp-server")!, own]]]));
  };
  assertThrows(() => page(""), Error, "The event strange has no comment");
  assertThrows(() => page("It happened."), Error, "mystery of strange is described nowhere");
});

const LINE = { time: "2026-11-21T08:23:12.864Z", level: "warn", event: "down" };
const ALARM = { ...LINE, client: "10.0.0.7:1", timeout: 1, silentFor: 2.5 };

const LINES: [name: string, command: string, line: Record<string, unknown>, complaint?: RegExp][] =
  [
    ["a right line", "udp-server", ALARM],
    ["an unknown event", "udp-server", { ...ALARM, event: "alrm" }, /must NOT be valid/],
    ["an event of another command", "handshake-server", ALARM, /must NOT be valid/],
    ["a missing field", "udp-server", { ...ALARM, client: undefined }, /property 'client'/],
    ["an unknown field", "udp-server", { ...ALARM, extra: 1 }, /additional properties/],
    ["a number as text", "udp-server", { ...ALARM, timeout: "1" }, /timeout must be number/],
    [
      "an unknown level",
      "udp-server",
      { ...ALARM, level: "fatal" },
      /level must be equal to one of/,
    ],
    [
      "a reason that is none",
      "udp-server",
      { ...LINE, event: "rejected", reason: "health", from: "a:1", count: 1 },
      /reason must be equal to one of/,
    ],
    [
      "one of two kinds of the same event",
      "seq-proxy",
      { ...LINE, event: "fault", link: "tcp-1", fault: "refuse" },
    ],
    [
      "a mixture of two kinds",
      "seq-proxy",
      { ...LINE, event: "fault", link: "tcp-1", fault: "loss" },
      /property 'direction'/,
    ],
  ];

for (const [name, command, line, complaint] of LINES) {
  Deno.test(`the schema ${complaint ? "refuses" : "takes"} ${name}`, () => {
    const found = complaintAbout(command, JSON.stringify(line));
    if (complaint) assertMatch(found ?? "no complaint", complaint);
    else assertEquals(found, undefined);
  });
}
