/**
 * The life of every command: arguments, log, signals, exit code.
 *
 * @module
 */
import process from "node:process";
import type { DroppedEvent } from "../../core/event_queue.ts";
import { HeartlineError } from "../../core/errors.ts";
import type { Service } from "../../core/service.ts";
import { exportTelemetry } from "../../telemetry/open_telemetry.ts";
import {
  type Command,
  type Given,
  helpOf,
  LOG_LEVELS,
  type LogLevel,
  type Options,
  parseCommand,
  UsageError,
} from "./command.ts";
import { completionsOf } from "./completions.ts";
import { CALL } from "./launch.ts";
import type { JsonLine } from "../lines/json_lines.ts";
import { type Log, openLog } from "../lines/log.ts";
import { complain, finishOutput, print, roomForLines } from "./output.ts";
import { VERSION } from "./version.ts";

/** What a running command is handed besides its arguments. */
export interface Environment {
  /** Writes lines. */
  readonly log: Log;
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** Has `to` take the lines that would be written, or writes them again. */
  redirect(to: Log | undefined): void;
}

/** Exit codes: done, the job failed, wrong usage, stopped by the user before the job was done. */
export const EXIT = { done: 0, failed: 1, usage: 2, stopped: 130 } as const;

/**
 * Runs a command and returns its exit code. Whatever a user can cause ends in one line; anything else
 * thrown is a bug of ours and is passed on.
 */
export async function runCommand<Positionals extends Options, Named extends Options>(
  command: Command<Positionals, Named>,
  args: readonly string[],
  run: (given: Given<Positionals, Named>, environment: Environment) => Promise<number>,
): Promise<number> {
  let code: number = EXIT.failed;
  try {
    code = await runParsed(command, args, run);
  } finally {
    code = await finishOutput(code);
  }
  return code;
}

async function runParsed<Positionals extends Options, Named extends Options>(
  command: Command<Positionals, Named>,
  args: readonly string[],
  run: (given: Given<Positionals, Named>, environment: Environment) => Promise<number>,
): Promise<number> {
  const given: Given<Positionals, Named> & { debug?: unknown } | undefined = parsed(command, args);
  if (given === undefined) return EXIT.usage;
  if (given.help) return await help(command, given);
  if (given.version) {
    print(VERSION);
    return EXIT.done;
  }
  if (given.completions) {
    print(completionsOf(command, given.completions));
    return EXIT.done;
  }
  const level = given.debug === true ? "debug" : given["log-level"];
  // Who reads what was kept must know when it was said; who watches a terminal knows.
  const timestamps = !given["no-timestamps"] && (given.timestamps || !process.stdout.isTTY);
  const written = await openLog({ json: given.json, level, timestamps });
  let redirected: Log | undefined;
  const log: Log = (...line) => {
    if (!redirected) written(...line);
    else if (LOG_LEVELS.indexOf(line[0]) >= LOG_LEVELS.indexOf(level)) redirected(...line);
  };
  const { signal, release } = stopSignal();
  const stopTelemetry = exportTelemetry();
  try {
    return await run(given, { log, signal, redirect: (to) => void (redirected = to) });
  } catch (error) {
    if (!(error instanceof HeartlineError)) throw error;
    const { code, message } = error;
    log("error", message + remedy(command, given, error), { type: "failed", code, message });
    return error.code === "invalid-option" ? EXIT.usage : EXIT.failed;
  } finally {
    release();
    stopTelemetry();
  }
}

/** What to do where an address is taken: which argument it came from, as the end of the complaint. */
function remedy(
  { positionals, options }: Command<Options, Options>,
  given: Readonly<Record<string, unknown>>,
  { code, message }: HeartlineError,
): string {
  if (code !== "address-in-use") return "";
  const [, port] = /:(\d+): /.exec(message) ?? [];
  const named = [...Object.keys(positionals), ...Object.keys(options)].find((name) =>
    String(given[name]).split(":").at(-1) === port
  );
  if (port === undefined || named === undefined) return "; another program has it";
  const argument = Object.hasOwn(positionals, named) ? `another ${named}` : `another --${named}`;
  return `; another program has it: give ${argument}, where port 0 is any free one`;
}

/** Prints the help; arguments that make no sense together do not hide it, but are told. */
async function help<Positionals extends Options, Named extends Options>(
  command: Command<Positionals, Named>,
  given: Given<Positionals, Named>,
): Promise<number> {
  const columns = process.stdout.columns || undefined;
  try {
    print(helpOf(command, CALL, await command.notes?.(given), columns));
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof HeartlineError)) throw error;
    print(helpOf(command, CALL, [], columns));
    complain(error.message);
    return EXIT.usage;
  }
}

/** How grave a line is, its text and, where it is not the event itself, its fields for programs. */
export type Line = readonly [LogLevel, string, JsonLine?];

/** Logs every event of a service until it ends; `describe` gives the lines for one. */
export async function logEvents<Event extends JsonLine>(
  service: Service<Event>,
  { log, signal }: Pick<Environment, "log" | "signal">,
  describe: (event: Event) => readonly Line[],
): Promise<void> {
  for await (const event of service) {
    const lines = isDropped(event) ? droppedLines(event) : describe(event);
    for (const [level, text, line = event] of lines) log(level, text, line);
    // While it waits, the service keeps the newest verdict about everybody, and counts what it drops.
    await roomForLines(signal);
  }
}

function droppedLines({ count }: DroppedEvent): Line[] {
  return [["warn", `Lost ${count} events: they came faster than they could be written`]];
}

function isDropped(event: JsonLine): event is DroppedEvent {
  return event.type === "dropped";
}

function parsed<Positionals extends Options, Named extends Options>(
  command: Command<Positionals, Named>,
  args: readonly string[],
): Given<Positionals, Named> | undefined {
  try {
    return parseCommand(command, args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    complain(`${error.message} (see --help)`);
    return undefined;
  }
}

function stopSignal(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  let stoppedAt = Infinity;
  const stop = (): void => {
    // Who asks again does not want to wait. `deno task` and `npx` pass on what the terminal has sent to
    // this process already: that is not asking again.
    if (performance.now() - stoppedAt > SAME_SIGNAL) process.exit(EXIT.stopped);
    if (controller.signal.aborted) return;
    stoppedAt = performance.now();
    controller.abort();
  };
  for (const name of STOP_SIGNALS) process.on(name, stop);
  return {
    signal: controller.signal,
    release: () => STOP_SIGNALS.forEach((name) => process.off(name, stop)),
  };
}

/** Signals so close to each other, in ms, are one. */
const SAME_SIGNAL = 300;
const STOP_SIGNALS = ["SIGINT", "SIGTERM"] as const;
