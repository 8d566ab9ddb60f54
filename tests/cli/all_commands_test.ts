/**
 * What holds for every option of every command.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import process from "node:process";
import { runSubCommand } from "../../cli/command/sub_commands.ts";
import { helpfulCommands, saidBy } from "../support/commands.ts";

const COMMANDS = await helpfulCommands();

Deno.test("the beginning of an option is answered with that option", async () => {
  for (const { main, options } of COMMANDS) {
    for (const name of options) {
      for (let length = 1; length < name.length; length++) {
        const begin = `--${name.slice(0, length)}`;
        if (options.includes(begin.slice(2))) continue;
        const { code, err } = await saidBy(main, [begin]);
        assertEquals([code, err.length], [2, 1]);
        assert(new RegExp(`did you mean .*--${name}\\b`).test(err[0]!), `${begin}: ${err[0]}`);
      }
    }
  }
});

Deno.test("a word that is near no option is answered without one", async () => {
  for (const { main } of COMMANDS) {
    const { err } = await saidBy(main, ["--xqzwvkq"]);
    assertEquals(err, ["Cannot use --xqzwvkq: no such option (see --help)"]);
  }
});

Deno.test("a one-letter option takes its value in one word with it", async () => {
  for (const { main, help } of COMMANDS) {
    for (const [, letter, name] of help.matchAll(/^ {2}-(\w), --([\w-]+) [A-Z]/gm)) {
      for (const between of ["", " ", "="]) {
        const { code, err } = await saidBy(main, [`-${letter}${between}wrong`]);
        assertEquals(code, 2);
        assertStringIncludes(err[0]!, `Cannot use --${name}: wanted`);
        assertStringIncludes(err[0]!, "current value is wrong");
      }
    }
  }
});

/** The help of every command, and of all together, on a terminal of this width. */
async function helpsOn(columns: number): Promise<string[]> {
  const { stdout } = process;
  const before = Object.getOwnPropertyDescriptor(stdout, "columns");
  Object.defineProperty(stdout, "columns", { value: columns, configurable: true, writable: true });
  try {
    const table = Object.fromEntries(COMMANDS.map(({ name, main }) => [
      name,
      { summary: `runs ${name} and says what happens`, load: () => Promise.resolve({ main }) },
    ]));
    const mains = COMMANDS.map(({ main }) => main);
    const helps: string[] = [];
    for (const main of [...mains, (args: readonly string[]) => runSubCommand(table, args)]) {
      helps.push((await saidBy(main, ["--help"])).out.join("\n"));
    }
    return helps;
  } finally {
    if (before) Object.defineProperty(stdout, "columns", before);
    else delete (stdout as { columns?: number }).columns;
  }
}

/** A help without its layout. */
function flat(help: string): string {
  return help.replaceAll(" \\\n", "\n").replaceAll(/\s+/g, " ");
}

for (const columns of [40, 80, 200]) {
  Deno.test(`no help breaks a word on a terminal of ${columns} columns, or leaves one out`, async () => {
    const wide = await helpsOn(1_000);
    for (const [index, help] of (await helpsOn(columns)).entries()) {
      assertEquals(flat(help), flat(wide[index]!));
      for (const line of help.split("\n")) {
        const isOneWord = /^ *\S+(?: \S+\|\S+| \\)?$/.test(line);
        assert(line.length <= columns || isOneWord, line);
      }
    }
  });
}

Deno.test("every placeholder of every help is explained", () => {
  for (const { name, help } of COMMANDS) {
    for (const [, placeholder] of help.matchAll(/^ {2}(?:-\w, )?--[\w-]+ ([A-Z]\S*)/gm)) {
      // In a line of its own, or where it means another thing each time, beside each option.
      const legend = help.split("\n").some((line) => line.startsWith(`  ${placeholder} `));
      const beside = flat(help).split(new RegExp(` --[\\w-]+ ${placeholder} `)).slice(1)
        .every((text) => /\((?:a whole number|a number)/.test(text.split(" --")[0]!));
      assert(legend || beside, `${name}: ${placeholder}`);
    }
    assert(
      !help.includes("DURATION ") || /a duration above 0 such as 250ms|250ms or/.test(flat(help)),
    );
  }
});
