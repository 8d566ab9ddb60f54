import { assert, assertEquals } from "@std/assert";
import { readArguments, type Wanted } from "../../bench/arguments.ts";

function read(...args: string[]): Wanted {
  const wanted = readArguments(args);
  assert(typeof wanted !== "string", String(wanted));
  return wanted;
}

function names({ rows }: Wanted): string[] {
  return rows.map(({ name }) => name);
}

Deno.test({
  name: "without a name every row is measured, next to peers and on Deno",
  permissions: "none",
  fn() {
    const { rows, ...rest } = read();
    assert(rows.length > 10);
    assertEquals(rest, {
      help: false,
      named: false,
      write: false,
      check: false,
      alone: false,
      runtime: "deno",
    });
    assertEquals(names(read("proxy", "decode")), ["proxy", "decode"]);
  },
});

Deno.test({
  name: "a check needs no peers, and its short form takes few rows",
  permissions: "none",
  fn() {
    const { alone, rows } = read("--check");
    assertEquals([alone, rows], [true, read().rows]);
    assert(read("--check", "--short").rows.length < 6);
  },
});

Deno.test({
  name: "Node runs the rows that it has workers for",
  permissions: "none",
  fn() {
    const onNode = names(read("--runtime", "node"));
    assert(onNode.includes("udp-ingest") && !onNode.includes("simulator"));
  },
});

Deno.test({
  name: "what makes no sense is refused in one line",
  permissions: "none",
  fn() {
    const refused: [string[], string][] = [
      [["--fast"], "Cannot use --fast: no such option"],
      [["--check", "--write"], "Cannot use --write with --check: wanted one of them"],
      [["--short"], "Cannot use --short: wanted with --check, and no NAME"],
      [["--check", "--short", "decode"], "Cannot use --short: wanted with --check, and no NAME"],
      [["--runtime", "bun"], "Cannot use --runtime bun: wanted deno or node"],
      [
        ["--runtime", "node", "--check"],
        "Cannot use --write or --check with --runtime node: what is committed is Deno's",
      ],
    ];
    for (const [args, line] of refused) assertEquals(readArguments(args), line);
    for (const args of [["nothing"], ["simulator", "--runtime", "node"]]) {
      const [runtime] = args.slice(2).concat("deno");
      const start = `Cannot measure ${args[0]} on ${runtime}: wanted one of udp-ingest, `;
      assert(String(readArguments(args)).startsWith(start));
    }
  },
});
