import { writeFile } from "node:fs/promises";
import { assertEquals } from "@std/assert";
import { type Shell, SHELLS } from "../../cli/command/command.ts";
import { completionsOf } from "../../cli/command/completions.ts";
import { choice, flag, list, port, text } from "../../cli/command/options.ts";
import { hasShell, offers } from "../support/shells.ts";
import { withFolder } from "../support/folder.ts";

const PROBE = {
  name: "probe-peer",
  summary: "looks whether a peer's [sic] there: yes or no",
  positionals: { PEER: text("the peer", undefined) },
  options: {
    host: text("where it's from", "localhost"),
    port: port("the peer's port [any]: a number", 6510, { short: "p" }),
    over: choice("what to send", ["udp", "tcp"], "udp"),
    skip: list(choice("what to leave out", ["one", "two"], undefined)),
    quiet: flag("say nothing", { short: "q" }),
  },
  examples: [],
};
const OTHER = { ...PROBE, name: "other", options: { only: flag("nothing else") } };

/** What is typed and what is offered then; zsh and fish complete `--name=` as one word. */
const CASES: [typed: string, offered: string[]][] = [
  ["heartline-probe-peer --ho", ["--host"]],
  ["heartline-probe-peer --over ", ["tcp", "udp"]],
  ["heartline-probe-peer --over t", ["tcp"]],
  ["heartline-probe-peer --over=t", ["tcp"]],
  ["heartline-probe-peer --skip one --skip t", ["two"]],
  ["heartline-probe-peer --over tcp --log-level w", ["warn"]],
  ["heartline-probe-peer -p ", []],
  ["heartline-probe-peer --completions ", ["bash", "fish", "zsh"]],
  ["heartline-other --on", ["--only"]],
  ["heartline ", ["other", "probe-peer"]],
  ["heartline pr", ["probe-peer"]],
  ["heartline probe-peer --over u", ["udp"]],
  ["heartline probe-peer --q", ["--quiet"]],
  ["heartline other --qui", []],
];

for (const shell of SHELLS) {
  Deno.test({
    name: `${shell} completes commands and their options`,
    // Bash is everywhere; the others where somebody uses them.
    ignore: !hasShell(shell),
    async fn(t) {
      await withFolder(async (folder) => {
        const files = await written(folder, shell);
        for (const [typed, offered] of CASES) {
          await t.step(`${typed} -> ${offered.join(" ") || "nothing"}`, () => {
            const found = offers(shell, files, typed);
            assertEquals(found.map((word) => word.replace(/^--.*=/, "")), offered);
          });
        }
      });
    },
  });
}

async function written(folder: string, shell: Shell): Promise<string[]> {
  return await Promise.all([PROBE, OTHER].map(async (command) => {
    const file = `${folder}/${command.name}.${shell}`;
    await writeFile(file, completionsOf(command, shell));
    return file;
  }));
}
