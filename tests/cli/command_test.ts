import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { helpOf, parseCommand, UsageError } from "../../cli/command/command.ts";
import {
  choice,
  custom,
  duration,
  flag,
  list,
  number,
  port,
  text,
} from "../../cli/command/options.ts";

const COMMAND = {
  name: "probe",
  summary: "looks whether a peer answers",
  positionals: {
    PEER: text("the peer", undefined),
    TRIES: number("how often to try", 3, { min: 1, max: 9, integer: true }),
  },
  options: {
    host: text("where to look from", "localhost"),
    port: port("the peer's port", 6510, { short: "p" }),
    wait: duration("how long to wait", "5s"),
    spread: number("share of the period", 0.5, { min: 0, max: 1 }),
    quiet: flag("say nothing", { short: "q" }),
    over: choice("what to send", ["udp", "tcp"], "udp"),
    skip: list(
      custom(
        "two letters",
        "what to leave out",
        undefined,
        (given) => given.length === 2 ? given.toUpperCase() : undefined,
      ),
    ),
  },
  aliases: { "-ho": "--host" },
  examples: ["probe 10.0.0.7"],
};

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

pure("what is not given takes its default", () => {
  const given = parseCommand(COMMAND, ["10.0.0.7"]);
  assertEquals(given.PEER, "10.0.0.7");
  assertEquals(given.TRIES, 3);
  assertEquals(given.port, 6510);
  assertEquals(given.wait, 5_000);
  assertEquals(given.skip, []);
  assertEquals(given.quiet, false);
  assertEquals(given["log-level"], "info");
});

pure("every form of an option is read: long, short, equals sign, alias, repeated", () => {
  const line = "10.0.0.7 5 -ho box -p 80 --wait=250ms --over tcp -q --skip ab --skip=cd --json";
  const given = parseCommand(COMMAND, line.split(" "));
  assertEquals(given.TRIES, 5);
  assertEquals(given.host, "box");
  assertEquals(given.port, 80);
  assertEquals(given.wait, 250);
  assertEquals(given.over, "tcp");
  assertEquals(given.skip, ["AB", "CD"]);
  assert(given.quiet && given.json);
});

pure(
  "a one-letter option takes its value attached, behind an equals sign or a space, as argparse does",
  () => {
    for (const form of ["-p 80", "-p80", "-p=80", "-p  80 ", "-qp80", "-qp 80"]) {
      assertEquals(parseCommand(COMMAND, ["peer", form]).port, 80, form);
      assertEquals(parseCommand(COMMAND, ["peer", form]).quiet, form.startsWith("-q"), form);
    }
    assertEquals(parseCommand(COMMAND, ["peer", "-qp", "80"]).port, 80);
    for (const form of ["-ho box", "-ho=box"]) {
      assertEquals(parseCommand(COMMAND, ["peer", form]).host, "box", form);
    }
    assertEquals(parseCommand(COMMAND, ["peer", "--wait", " 2s"]).wait, 2_000);
    assertEquals(parseCommand(COMMAND, ["peer", "--host", " box"]).host, " box", "text stays");
    assertEquals(
      parseCommand(COMMAND, ["--", "-p80"]).PEER,
      "-p80",
      "behind -- nothing is an option",
    );
  },
);

const REFUSED: [args: string, message: string][] = [
  ["p --prot 4", "Cannot use --prot: no such option, did you mean --port"],
  ["p -x", "no such option"],
  ["p --ho", "no such option, did you mean --host"],
  ["p --s 1", "no such option, did you mean --spread or --skip"],
  [
    "p --port 65536",
    "Cannot use --port: wanted a whole number in 0..65535, current value is 65536",
  ],
  ["p --port 1.5", "wanted a whole number"],
  ["p --port 0x50", "current value is 0x50"],
  ["p --port", "found nothing"],
  ["p --port=", "found nothing"],
  ["p --spread 2", "Cannot use --spread: wanted a number in 0..1, current value is 2"],
  ["p --wait 5", "wanted a duration above 0 such as 250ms, 5s, 1.5m, 2h or 1d, current value is 5"],
  ["p --wait 0s", "wanted a duration above 0"],
  ["p --over ip", "wanted one of udp, tcp, current value is ip"],
  ["p --skip abc", "wanted two letters"],
  ["p --log-level loud", "wanted one of debug, info, warn, error"],
  ["p 0", "Cannot use TRIES: wanted a whole number in 1..9, current value is 0"],
  ["p 1 2", "Cannot use 2: wanted at most 2 arguments without a name"],
  ["", "wanted PEER, the peer, found nothing"],
];

pure("a wrong argument is refused in one line that says what would be right", () => {
  for (const [line, message] of REFUSED) {
    const args = line.split(" ").filter((arg) => arg !== "");
    const error = assertThrows(() => parseCommand(COMMAND, args), UsageError, message);
    assert(!error.message.includes("\n"), line);
  }
});

pure("the help names every argument, its default and an example", () => {
  const help = helpOf(COMMAND, "deno task");
  for (const name of Object.keys(COMMAND.options)) assertStringIncludes(help, `--${name}`);
  assertStringIncludes(help, "usage: deno task probe PEER [TRIES] [OPTIONS]");
  assertStringIncludes(help, "-p, --port PORT");
  assertStringIncludes(help, "(default 5s)");
  assertStringIncludes(help, "(repeatable)");
  assertStringIncludes(help, "deno task probe 10.0.0.7");
});

pure("help and version are understood without the required arguments", () => {
  assert(parseCommand(COMMAND, ["--help"]).help);
  assert(parseCommand(COMMAND, ["-h"]).help);
  assert(parseCommand(COMMAND, ["--version"]).version);
});
