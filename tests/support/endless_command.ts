/**
 * A command that does not end when it is asked to.
 *
 * @module
 */
import process from "node:process";
import { runCommand } from "../../cli/command/main.ts";

const COMMAND = {
  name: "endless",
  summary: "never ends",
  positionals: {},
  options: {},
  examples: [],
};

process.exitCode = await runCommand(COMMAND, [], async (_, { log, signal }) => {
  log("info", "started");
  signal.addEventListener("abort", () => log("info", "asked to stop"));
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  return 0;
});
