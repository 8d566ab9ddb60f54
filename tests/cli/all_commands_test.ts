/**
 * What holds for every option of every command.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
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
