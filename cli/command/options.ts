/**
 * The kinds of values an option can take.
 *
 * @module
 */
import { parseDuration } from "./duration.ts";

/** One option or positional argument of a command. */
export interface Option<Value> {
  /** What stands for the value in the help; absent for a flag. */
  readonly placeholder?: string;
  /** All right values, if they are a few words. */
  readonly words?: readonly string[];
  /** What a right value is, for the line that refuses a wrong one. */
  readonly wanted: string;
  /** One line for the help. */
  readonly help: string;
  /** The default as the help prints it. */
  readonly shown?: string | undefined;
  /** A one-letter form. */
  readonly short?: string;
  /** May be given several times. */
  readonly repeatable?: boolean;
  /** The value if it is not given; without it the option's value may be `undefined`. */
  readonly fallback: Value;
  /** Reads one value; `undefined` if it is wrong. */
  read(text: string): unknown;
}

/** The values that belong to a table of options. */
export type Values<Options> = {
  [Name in keyof Options]: Options[Name] extends Option<infer Value> ? Value : never;
};

/** What all kinds have in common. */
interface Common {
  /** A one-letter form. */
  short?: string;
  /** What stands for the value in the help. */
  placeholder?: string;
}

/** A switch that is off unless given. */
export function flag(help: string, { short }: { short?: string } = {}): Option<boolean> {
  return { wanted: "no value", help, fallback: false, read: () => true, ...(short && { short }) };
}

/** A piece of text. */
export function text<const Fallback extends string | undefined>(
  help: string,
  fallback: Fallback,
  common: Common = {},
): Option<string | Fallback> {
  return {
    ...option("any text", help, fallback, (given) => given, { placeholder: "TEXT", ...common }),
    // As it stands: its spaces may matter.
    read: (given) => given === "" ? undefined : given,
  };
}

/** The path of a file. */
export function file(help: string): Option<string | undefined> {
  return { ...text(help, undefined, { placeholder: "FILE" }), wanted: "the path of a file" };
}

/** A name or an address. */
export function host<const Fallback extends string | undefined>(
  help: string,
  fallback: Fallback,
): Option<string | Fallback> {
  const wanted = "an IP address or a name";
  return { ...text(help, fallback, { placeholder: "HOST" }), wanted };
}

/** A length of time such as `250ms`, `5s` or `2m`, above zero. */
export function duration<const Fallback extends string | undefined>(
  help: string,
  fallback: Fallback,
): Option<Fallback extends string ? number : number | undefined> {
  const read = (given: string): number | undefined => {
    const ms = parseDuration(given);
    return ms !== undefined && ms > 0 ? ms : undefined;
  };
  const ms = fallback === undefined ? undefined : parseDuration(fallback);
  return {
    ...option(DURATION, help, ms as never, read, { placeholder: "DURATION" }),
    shown: fallback,
  };
}

/** A number within a range. */
export function number<const Fallback extends number | undefined>(
  help: string,
  fallback: Fallback,
  range: { min: number; max?: number; integer?: boolean },
  common: Common = {},
): Option<number | Fallback> {
  const { min, max = Infinity, integer = false } = range;
  const kind = integer ? "a whole number" : "a number";
  const wanted = max === Infinity ? `${kind} of at least ${min}` : `${kind} in ${min}..${max}`;
  const read = (given: string): number | undefined => {
    if (!NUMBER.test(given)) return undefined;
    const value = Number(given);
    return value >= min && value <= max && (!integer || Number.isInteger(value))
      ? value
      : undefined;
  };
  return option(wanted, help, fallback, read, { placeholder: "N", ...common });
}

/** A port number; 0 is any free one. */
export function port<const Fallback extends number | undefined>(
  help: string,
  fallback: Fallback,
  common: Common = {},
): Option<number | Fallback> {
  const range = { min: 0, max: 65_535, integer: true };
  return number(help, fallback, range, { placeholder: "PORT", ...common });
}

/** One of a few words. */
export function choice<const Word extends string, const Fallback extends Word | undefined>(
  help: string,
  words: readonly Word[],
  fallback: Fallback,
): Option<Word | Fallback> {
  const read = (given: string): Word | undefined => words.find((word) => word === given);
  return {
    ...option(`one of ${words.join(", ")}`, help, fallback, read, { placeholder: words.join("|") }),
    words,
  };
}

/** Any value of the caller's own making; `read` returns `undefined` for a wrong one. */
export function custom<Value, Fallback>(
  wanted: string,
  help: string,
  fallback: Fallback,
  read: (given: string) => Value | undefined,
  common: Common = {},
): Option<Value | Fallback> {
  return option(wanted, help, fallback, read, { placeholder: "VALUE", ...common });
}

/** An option without a value of its own whose help shows what holds if nothing else says so. */
export function shownAs<Value>(option: Option<Value>, shown: string): Option<Value> {
  return { ...option, shown };
}

/** An option that may be given several times. */
export function list<Value>(of: Option<Value | undefined>): Option<Value[]> {
  return { ...of, repeatable: true, fallback: [] };
}

/** An argument without a name that must be given: a command is not run without it. */
export function required<Value>(of: Option<Value>): Option<Exclude<Value, undefined>> {
  return of as Option<Exclude<Value, undefined>>;
}

function option<Value, Fallback>(
  wanted: string,
  help: string,
  fallback: Fallback,
  read: (given: string) => Value | undefined,
  common: Common,
): Option<Value | Fallback> {
  const shown = fallback === undefined || fallback === null ? undefined : String(fallback);
  return { wanted, help, fallback, read: (given) => read(given.trim()), shown, ...common };
}

const NUMBER = /^-?\d+(\.\d+)?$/;
const DURATION = "a duration above 0 such as 250ms, 5s, 1.5m, 2h or 1d";
