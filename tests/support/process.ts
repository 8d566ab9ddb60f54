/**
 * Commands and Python programs as child processes whose lines a test waits for.
 *
 * This file knows processes and lines. It does not know what a line says.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { launch } from "../../cli/_launch.ts";
import { onDeno } from "./runtime.ts";

/** One JSON line of a command. */
export interface JsonLine {
  readonly time: string;
  readonly level: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

/** A child process; `await using` kills it at the end of the test. */
export class Child implements AsyncDisposable {
  /** Every line of standard output so far. */
  readonly out: string[] = [];
  /** Every line of standard error so far. */
  readonly err: string[] = [];
  readonly #process: ChildProcess;
  readonly #closed: Promise<unknown>;
  #changed: (() => void)[] = [];
  #ended = false;

  /** Starts a program. */
  constructor(program: string, args: readonly string[]) {
    this.#process = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#closed = once(this.#process, "close").then(() => {
      this.#ended = true;
      this.#wake();
    });
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
    if (!this.#ended) process.kill(this.pid, name);
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

  /** Ends it at once, also if it is frozen. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGKILL");
    await this.#closed;
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

/** Starts a command of this project by the name of its file in `cli/`. */
export function command(file: string, ...args: string[]): Child {
  const [program, ...start] = launch(file, ACCESS);
  return new Child(program, [...start, ...args]);
}

/** The same under limits, in the words of the shell: `ulimit -n 64`. */
export function limited(limits: string, file: string, ...args: string[]): Child {
  const program = [...launch(file, ACCESS), ...args];
  return new Child("bash", ["-c", `${limits}; exec "$0" "$@"`, ...program]);
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
