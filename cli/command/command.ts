/**
 * What a command accepts, said once: from this come its parsing, its help and its complaints.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { didYouMean } from "./did_you_mean.ts";
import { choice, flag, type Option, type Values } from "./options.ts";
import { type Row, rowLines, wrap, wrapCommand } from "./wrap.ts";

/** A table of options by their long name. */
export type Options = Readonly<Record<string, Option<unknown>>>;

/** The declaration of a command. */
export interface Command<Positionals extends Options, Named extends Options> {
  /** What the user types after `deno task` or `heartline`. */
  readonly name: string;
  /** What it does, in one sentence. */
  readonly summary: string;
  /** Arguments without a name, in order. */
  readonly positionals: Positionals;
  /** Arguments with a name. */
  readonly options: Named;
  /** Other spellings, replaced before parsing, as in `{ "-ho": "--host" }`. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Whole command lines for the help. */
  readonly examples: readonly string[];
  /** What the help adds about the arguments that were given with it. */
  notes?(given: Given<Positionals, Named>): Promise<readonly string[]>;
}

/** How grave a line is, from the least on. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** One of them. */
export type LogLevel = typeof LOG_LEVELS[number];

/** The shells that completions are written for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** One of them. */
export type Shell = typeof SHELLS[number];

/** The options that every command has. */
export const COMMON_OPTIONS = {
  json: flag("print one JSON object a line and nothing else"),
  timestamps: flag("begin each line with the time; usual where standard output is no terminal"),
  "no-timestamps": flag("never begin a line with the time"),
  "log-level": choice("print what is at least so grave", LOG_LEVELS, "info"),
  completions: choice("print what a shell needs to complete this command", SHELLS, undefined),
  help: flag("print this help", { short: "h" }),
  version: flag("print the version"),
};

/** What a command is run with. */
export type Given<Positionals, Named> =
  & Values<Positionals>
  & Values<Named>
  & Values<typeof COMMON_OPTIONS>;

/** Thrown for wrong usage, with the one line the user gets. */
export class UsageError extends Error {}

/**
 * Reads the arguments of a command.
 *
 * @throws {UsageError} naming what was given and what is wanted
 */
export function parseCommand<Positionals extends Options, Named extends Options>(
  command: Command<Positionals, Named>,
  args: readonly string[],
): Given<Positionals, Named> {
  const options: Options = { ...command.options, ...COMMON_OPTIONS };
  const parsed = parseArgs(longForms(args, options, command.aliases ?? {}), {
    string: ["_", ...namesOf(options, (option) => !isFlag(option))],
    boolean: namesOf(options, isFlag),
    collect: namesOf(options, (option) => option.repeatable === true),
    unknown(arg, key) {
      if (key !== undefined) throw unknownOption(arg, options);
    },
  });
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options)) {
    values[name] = valueOf(option, `--${name}`, parsed[name]);
  }
  // Who asks for help need not know the arguments yet.
  const asks = values.help || values.version || values.completions;
  const positionals = asks ? {} : positionalValues(command.positionals, parsed._);
  return { ...values, ...positionals } as Given<Positionals, Named>;
}

/**
 * The help of a command that is called by `call`; `notes` stand above the examples. No word is broken on
 * a terminal `columns` wide, unless it is longer than a line.
 */
export function helpOf(
  command: Command<Options, Options>,
  call: string,
  notes: readonly string[] = [],
  columns = 80,
): string {
  const positionals = Object.entries(command.positionals);
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS });
  const usage = positionals.map(([name, option]) => option.shown ? `[${name}]` : name);
  const legend = legendOf(options.map(([, option]) => option));
  const rows: Row[] = [
    ...positionals.map(([name, option]): Row => [name, describe(option, legend)]),
    ...options.map(([name, option]): Row => [optionForm(name, option), describe(option, legend)]),
  ];
  return [
    ...wrap(`${command.name}: ${command.summary}`, columns),
    "",
    ...wrap(`usage: ${[call, command.name, ...usage, "[OPTIONS]"].join(" ")}`, columns, 7),
    "",
    ...rowLines(rows, columns),
    ...(legend.size > 0 ? ["", ...rowLines([...legend], columns)] : []),
    ...notes.flatMap((note) => ["", ...wrap(note, columns)]),
    "",
    "examples:",
    ...command.examples.flatMap((example) =>
      wrapCommand(`${call} ${example}`, columns - 2).map((line) => `  ${line}`)
    ),
  ].join("\n");
}

/**
 * The arguments with every one-letter form written out: `-p 80`, `-p80`, `-p=80` and `"-p 80"` in one
 * word are `--port 80` and `--port=80`, `-qp 80` is `--quiet --port 80`. What is none stays as it is.
 */
function longForms(
  args: readonly string[],
  options: Options,
  aliases: Readonly<Record<string, string>>,
): string[] {
  const end = args.indexOf("--");
  const before = end < 0 ? args : args.slice(0, end);
  return [
    ...before.flatMap((arg) => longForm(arg, options, aliases)),
    ...args.slice(before.length),
  ];
}

function longForm(
  arg: string,
  options: Options,
  aliases: Readonly<Record<string, string>>,
): string[] {
  const [, head = arg, value] = /^(-[^-\s=]+)[\s=]\s*(.*)$/s.exec(arg) ?? [];
  const alias = aliases[head];
  if (alias !== undefined) return [value === undefined ? alias : `${alias}=${value}`];
  if (!/^-[^-]/.test(arg)) return [arg];
  const flags: string[] = [];
  for (let at = 1; at < arg.length; at++) {
    const found = Object.entries(options).find(([, { short }]) => short === arg[at]);
    if (found === undefined) return [arg];
    const [name, option] = found;
    const rest = arg.slice(at + 1);
    if (!isFlag(option)) {
      return [...flags, `--${name}${rest && `=${rest.replace(/^[=\s]\s*/, "")}`}`];
    }
    flags.push(`--${name}`);
  }
  return flags;
}

function valueOf(option: Option<unknown>, name: string, given: unknown): unknown {
  if (isFlag(option)) return given === true;
  if (given === undefined) return option.fallback;
  if (Array.isArray(given)) {
    return given.length === 0 ? option.fallback : given.map((one) => readOne(option, name, one));
  }
  return readOne(option, name, given);
}

function readOne(option: Option<unknown>, name: string, given: unknown): unknown {
  const value = option.read(String(given));
  if (value !== undefined) return value;
  const found = given === "" ? "found nothing" : `current value is ${given}`;
  throw new UsageError(`Cannot use ${name}: wanted ${option.wanted}, ${found}`);
}

function positionalValues(
  positionals: Options,
  given: readonly (string | number)[],
): Record<string, unknown> {
  const declared = Object.entries(positionals);
  if (given.length > declared.length) {
    const known = declared.length === 0 ? "no" : `at most ${declared.length}`;
    throw new UsageError(
      `Cannot use ${given[declared.length]}: wanted ${known} arguments without a name`,
    );
  }
  return Object.fromEntries(declared.map(([name, option], index) => {
    const value = given[index];
    if (value === undefined && option.fallback === undefined && !option.shown) {
      throw new UsageError(`Cannot run: wanted ${name}, ${option.help}, found nothing`);
    }
    return [name, valueOf(option, name, value)];
  }));
}

function unknownOption(arg: string, options: Options): UsageError {
  const forms = Object.keys(options).map((name) => `--${name}`);
  return new UsageError(
    `Cannot use ${arg}: no such option${didYouMean(arg.split("=", 1)[0]!, forms)}`,
  );
}

function namesOf(options: Options, wanted: (option: Option<unknown>) => boolean): string[] {
  return Object.entries(options).filter(([, option]) => wanted(option)).map(([name]) => name);
}

function isFlag(option: Option<unknown>): boolean {
  return option.placeholder === undefined;
}

function optionForm(name: string, option: Option<unknown>): string {
  const short = option.short ? `-${option.short}, ` : "";
  return `${short}--${name}${option.placeholder ? ` ${option.placeholder}` : ""}`;
}

function describe(option: Option<unknown>, legend: ReadonlyMap<string, string>): string {
  const { placeholder, words, wanted, shown, help } = option;
  const explained = isFlag(option) || words !== undefined ||
    legend.get(placeholder!) === wanted || help.includes(wanted);
  const notes = [
    ...(explained ? [] : [wanted]),
    ...(option.repeatable ? ["repeatable"] : []),
    ...(shown ? [`default ${shown}`] : []),
  ];
  return notes.length === 0 ? help : `${help} (${notes.join(", ")})`;
}

/** What stands for values, and what they are, where that is the same wherever it stands. */
function legendOf(options: readonly Option<unknown>[]): Map<string, string> {
  const legend = new Map<string, string>();
  const differing = new Set<string>();
  for (const { placeholder, words, wanted } of options) {
    if (placeholder === undefined || words !== undefined) continue;
    if ((legend.get(placeholder) ?? wanted) !== wanted) differing.add(placeholder);
    legend.set(placeholder, wanted);
  }
  return new Map([...legend].filter(([placeholder]) => !differing.has(placeholder)));
}
