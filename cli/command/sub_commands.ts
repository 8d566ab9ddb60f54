/**
 * One command that holds all others: `heartline udp-server ...`. `cli/mod.ts` hands it the table on Deno,
 * and a file of the npm package on Node.
 *
 * @module
 */
import process from "node:process";
import { didYouMean } from "./did_you_mean.ts";
import { EXIT } from "./main.ts";
import { complain, finishOutput, print } from "./output.ts";
import { VERSION } from "./version.ts";
import { rowLines, wrap } from "./wrap.ts";

/** A command that is loaded when it is called. */
export interface SubCommand {
  /** What it does, in one line. */
  readonly summary: string;
  /** Loads it. */
  load(): Promise<{ main(args: readonly string[]): Promise<number> }>;
}

/** Runs the command that the first argument names with the others, and returns its exit code. */
export async function runSubCommand(
  commands: Readonly<Record<string, SubCommand>>,
  args: readonly string[],
): Promise<number> {
  return await finishOutput(await runNamed(commands, args));
}

async function runNamed(
  commands: Readonly<Record<string, SubCommand>>,
  [name, ...args]: readonly string[],
): Promise<number> {
  if (name === "--version") {
    print(VERSION);
    return EXIT.done;
  }
  if (name === undefined || name === "--help" || name === "-h") {
    print(helpOf(commands));
    return name === undefined ? EXIT.usage : EXIT.done;
  }
  if (name === "--completions") return await completions(commands, args);
  if (!Object.hasOwn(commands, name)) {
    const meant = didYouMean(name, Object.keys(commands));
    complain(`Cannot run ${name}: no such command${meant} (see --help)`);
    return EXIT.usage;
  }
  const { main } = await commands[name]!.load();
  return await main(args);
}

/** Prints what a shell needs to complete every command, one after the other. */
async function completions(
  commands: Readonly<Record<string, SubCommand>>,
  args: readonly string[],
): Promise<number> {
  for (const { load } of Object.values(commands)) {
    const { main } = await load();
    const code = await main(["--completions", ...args]);
    if (code !== EXIT.done) return code;
  }
  return EXIT.done;
}

function helpOf(commands: Readonly<Record<string, SubCommand>>): string {
  const columns = process.stdout.columns || 80;
  return [
    ...wrap("heartline: is the peer alive, and did everything arrive, once, in order", columns),
    "",
    ...wrap("usage: heartline COMMAND [OPTIONS]", columns),
    "",
    ...rowLines(Object.entries(commands).map(([name, { summary }]) => [name, summary]), columns),
    "",
    ...wrap(
      "heartline COMMAND --help says what a command takes, heartline --completions SHELL what bash, " +
        "zsh and fish need to complete them all.",
      columns,
    ),
  ].join("\n");
}
