/**
 * Commands and Python programs as child processes whose lines a test waits for.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { launch } from "../../cli/command/launch.ts";
import { complaintAbout } from "./json_schema.ts";
import { onDeno } from "./runtime.ts";

/** One JSON line of a command. */
export interface JsonLine {
  readonly time: string;
  readonly level: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

/** Options of a {@linkcode Child}. */
export interface ChildOptions {
  /** Added to its environment. */
  settings?: Readonly<Record<string, string>>;
  /** It is the head of a group of its own, and signals go to all of that, as those of a terminal do. */
  group?: boolean;
  /** What is wrong with a line of its standard output, `undefined` if nothing is. */
  complaintAbout?: (line: string) => string | undefined;
}

/** A child process; `await using` kills it at the end of the test. */
export class Child implements AsyncDisposable {
  /** Every line of standard output so far. */
  readonly out: string[] = [];
  /** Every line of standard error so far. */
  readonly err: string[] = [];
  readonly #process: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #group: boolean;
  readonly #complaintAbout: ChildOptions["complaintAbout"];
  #changed: (() => void)[] = [];
  #ended = false;

  /** Starts a program; `complaintAbout` says what is wrong with a line of its standard output. */
  constructor(program: string, args: readonly string[], options: ChildOptions = {}) {
    const env = { ...process.env, ...options.settings };
    this.#group = options.group === true;
    this.#process = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env,
      detached: this.#group,
    });
    this.#closed = once(this.#process, "close").then(() => {
      this.#ended = true;
      this.#wake();
    });
    this.#complaintAbout = options.complaintAbout;
    this.#collect(this.#process.stdout!, this.out);
    this.#collect(this.#process.stderr!, this.err);
  }

  /** Its number. */
  get pid(): number {
    return this.#process.pid!;
  }

  /** Sends a signal. */
  signal(name: NodeJS.Signals): void {
    // Not the child's own `kill`: after that Deno reports no exit code, even of a clean exit.
    if (!this.#ended) process.kill(this.#group ? -this.pid : this.pid, name);
  }

  /** Writes to its standard input. */
  write(text: string): void {
    this.#process.stdin!.write(text);
  }

  /** Drops the lines so far, which in hours may be many. */
  forget(): void {
    this.out.length = this.err.length = 0;
  }

  /** Waits for the end and returns the exit code, `null` if a signal ended it. */
  async exitCode(): Promise<number | null> {
    await this.#closed;
    return this.#process.exitCode;
  }

  /** Waits for the first line of standard output, from `from` on, for which `wanted` holds. */
  async line(wanted: (line: string) => boolean, from = 0): Promise<string> {
    for (let next = from;;) {
      for (; next < this.out.length; next++) {
        if (wanted(this.out[next]!)) return this.out[next]!;
      }
      if (this.#ended) {
        const said = [...this.out, ...this.err].join("\n");
        throw new Error(`The process ended before the line came; it said:\n${said}`);
      }
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
  }

  /** Waits for the first JSON line of an event that fits `wanted`. */
  async event(
    name: string,
    wanted: (line: JsonLine) => boolean = () => true,
    from = 0,
  ): Promise<JsonLine> {
    const found = await this.line((line) => {
      const parsed: JsonLine = JSON.parse(line);
      return parsed.event === name && wanted(parsed);
    }, from);
    return JSON.parse(found);
  }

  /** Every JSON line of an event so far. */
  events(name: string): JsonLine[] {
    return this.out.map((line): JsonLine => JSON.parse(line)).filter(({ event }) => event === name);
  }

  /** Ends it at once, also if it is frozen; throws if a line of it was wrong. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGKILL");
    await this.#closed;
    // Not when they come: what a test waits for may be a matter of time.
    for (const line of this.out) {
      const complaint = this.#complaintAbout?.(line);
      if (complaint !== undefined) throw new Error(complaint);
    }
  }

  #collect(stream: NodeJS.ReadableStream, lines: string[]): void {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      this.#wake();
    });
  }

  #wake(): void {
    this.#changed.splice(0).forEach((resolve) => resolve());
  }
}

/**
 * Starts a command of this project by the name of its file in `cli/`. With `--json` its lines must be as
 * the published schema has them; without, they are as on a terminal, where no time stands before them.
 */
export function command(file: string, ...args: string[]): Child {
  return piped(file, ...timeless(args));
}

/** The same as it is when its output is kept: lines of text begin with the time. */
export function piped(file: string, ...args: string[]): Child {
  const [program, ...start] = launch(file, ACCESS);
  return new Child(program, [...start, ...args], checked(file, args));
}

/** The same under limits, in the words of the shell: `ulimit -n 64`. */
export function limited(limits: string, file: string, ...args: string[]): Child {
  const program = [...launch(file, ACCESS), ...timeless(args)];
  const run = ["-c", `${limits}; exec "$0" "$@"`, ...program];
  return new Child("bash", run, checked(file, args));
}

function timeless(args: readonly string[]): readonly string[] {
  return args.includes("--json") ? args : [...args, "--no-timestamps"];
}

function checked(file: string, args: readonly string[]): ChildOptions {
  if (!args.includes("--json")) return {};
  return { complaintAbout: (line) => complaintAbout(file.replaceAll("_", "-"), line) };
}

/** Starts a program of this repository by its path from the root, without the extension. */
export function script(path: string, ...args: string[]): Child {
  const file = onDeno ? `${path}.ts` : `${path}.js`;
  const start = onDeno ? ["run", "--quiet", ...ACCESS] : [];
  const url = new URL(`../../${file}`, import.meta.url);
  return new Child(process.execPath, [...start, fileURLToPath(url), ...args]);
}

/** Starts a Python program given as text; it should flush what it prints. */
export function python(program: string, ...args: string[]): Child {
  return new Child("python3", ["-u", "-c", program, ...args]);
}

const ACCESS = ["--allow-net", "--allow-read", "--allow-write", "--no-prompt"];
