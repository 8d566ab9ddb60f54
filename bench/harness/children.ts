/**
 * The processes that a benchmark is made of, and their end.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import deno from "../../deno.json" with { type: "json" };

/** A child that answers questions: see `worker.ts` for its side. */
export interface Worker {
  /** Who it is, as it says itself: "socket.io 4.8.4"; ours have no name. */
  readonly name: string;
  /** What it said when it was ready. */
  readonly ready: Json;
  /** Sends a question and waits for the answer. */
  ask(question: string): Promise<Json>;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
}

/** A program that makes load. */
export interface Load {
  /** Holds it still where it is; its sockets stay open. */
  pause(): void;
  /** Lets it go on. */
  resume(): void;
  /** Throws a {@linkcode CannotMeasure} if it failed. */
  check(): void;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
}

/** One line of a worker. */
// deno-lint-ignore no-explicit-any -- what a worker says is read by the row that started it
export type Json = any;

/** Thrown when this machine or a process of the run does not let a row be measured; in one line. */
export class CannotMeasure extends Error {
  constructor(why: string) {
    super(`Cannot measure: ${why}`);
  }
}

/** The command line that runs a module of `bench/`, as "floors/deno.ts". */
export type Launch = (
  module: string,
  v8Flags: readonly string[],
) => readonly string[] | Promise<readonly string[]>;

/** The one on this Deno. */
export function onDeno(module: string, v8Flags: readonly string[]): string[] {
  const path = fileURLToPath(new URL(`../${module}`, import.meta.url));
  const flags = ["--quiet", "--allow-all", "--unstable-net", `--v8-flags=${v8Flags.join(",")}`];
  return [Deno.execPath(), "run", ...flags, path];
}

/** Every process and temporary folder of this run. */
export class Children {
  readonly #running = new Set<Deno.ChildProcess>();
  readonly #folders: string[] = [];
  #launch: Launch = onDeno;

  /** Has another runtime run workers from here on. */
  launchBy(launch: Launch): void {
    this.#launch = launch;
  }

  /** Starts a module of `bench/` in a process of its own, so that no JIT state is shared. */
  worker(module: string, ...args: (string | number)[]): Promise<Worker> {
    return this.tuned([], module, ...args);
  }

  /** The same by options of V8, `--name=value` each. */
  async tuned(
    v8Flags: readonly string[],
    module: string,
    ...args: (string | number)[]
  ): Promise<Worker> {
    const command = await this.#launch(module, [COLLECTS, ...v8Flags]);
    return await this.talk([...command, ...args.map(String)]);
  }

  /** Starts a program that says when it is ready and then answers questions, line by line. */
  async talk(
    [command, ...args]: readonly string[],
    options: Pick<Deno.CommandOptions, "stderr" | "env"> = {},
  ): Promise<Worker> {
    const pipes = { stdin: "piped", stdout: "piped" } as const;
    const child = this.#spawn(command!, { stderr: "inherit", ...options, args, ...pipes });
    const lines = linesOf(child.stdout);
    const input = child.stdin.getWriter();
    const answer = async (): Promise<Json> => {
      const { value, done } = await lines.next();
      if (!done) return JSON.parse(value);
      throw new CannotMeasure(`${[command, ...args].join(" ")} ended without an answer`);
    };
    const ready = await answer();
    return {
      name: ready.name ?? "",
      ready,
      async ask(question) {
        // What has ended gives no answer, and that is what is reported.
        await input.write(new TextEncoder().encode(`${question}\n`)).catch(() => {});
        return await answer();
      },
      stop: async () => {
        // The end of its input ends a worker, also when this process was killed.
        await input.close().catch(() => {});
        await lines.return(undefined);
        await this.#ended(child);
      },
    };
  }

  /** Starts a program that makes load; it ends by itself or by `stop`. */
  load(program: readonly string[], ...args: (string | number)[]): Load {
    const [command, ...first] = program;
    const all = [...first, ...args.map(String)];
    const child = this.#spawn(command!, { args: all, stdin: "null", stdout: "null" });
    let failed = 0;
    void child.status.then(({ code, signal }) => failed = signal === null ? code : 0);
    return {
      check() {
        if (failed === 0) return;
        const name = program.at(-1)!.split("/").at(-1);
        throw new CannotMeasure(
          `the load ${name} failed with code ${failed}: it could not connect, or the receiver closed a ` +
            "connection (a limit of clients, or of open files: ulimit -n)",
        );
      },
      pause: () => signal(child, "SIGSTOP"),
      resume: () => signal(child, "SIGCONT"),
      stop: () => this.#kill(child),
    };
  }

  /**
   * Starts a program and ends it when it writes a line in which `awaited` stands; returns the ms from its
   * start to that line.
   */
  async timeTo(
    awaited: string,
    [command, ...args]: readonly string[],
    options: Pick<Deno.CommandOptions, "cwd" | "env">,
  ): Promise<number> {
    const started = performance.now();
    const child = this.#spawn(command!, { ...options, args, stdin: "null", stdout: "piped" });
    try {
      for await (const line of linesOf(child.stdout)) {
        if (line.includes(awaited)) return performance.now() - started;
      }
      throw new CannotMeasure(`${args.join(" ")} ended before it said ${awaited}`);
    } finally {
      await this.#kill(child);
    }
  }

  /** Makes a folder that is gone after the run. */
  folder(): string {
    const folder = Deno.makeTempDirSync({ prefix: "heartline-bench-" });
    this.#folders.push(folder);
    return folder;
  }

  /** Kills whatever still runs, as after a row that ended early; never throws. */
  end(): void {
    for (const child of this.#running) signal(child, "SIGKILL");
    this.#running.clear();
  }

  /** Kills and removes whatever is left; never throws. */
  clear(): void {
    this.end();
    for (const folder of this.#folders.splice(0)) Deno.removeSync(folder, { recursive: true });
  }

  #spawn(command: string, options: Deno.CommandOptions): Deno.ChildProcess {
    const child = new Deno.Command(command, options).spawn();
    this.#running.add(child);
    return child;
  }

  #kill(child: Deno.ChildProcess): Promise<void> {
    signal(child, "SIGKILL");
    return this.#ended(child);
  }

  async #ended(child: Deno.ChildProcess): Promise<void> {
    await child.status;
    this.#running.delete(child);
  }
}

/** What `measure` found; `undefined` after a line that says why this machine could not measure the row. */
export async function measurable<T>(
  row: string,
  children: Pick<Children, "end">,
  measure: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await measure();
  } catch (error) {
    if (!(error instanceof CannotMeasure)) throw error;
    console.error(`${row}: ${error.message}`);
    children.end();
    return undefined;
  }
}

/** Stops workers and loads, one after the other. */
export async function stopAll(...all: readonly { stop(): Promise<void> }[]): Promise<void> {
  for (const one of all) await one.stop();
}

/** The options of V8 that a task of `deno.json` runs with, `--name=value` each; none if it names none. */
export function v8FlagsOf(task: keyof typeof deno.tasks): string[] {
  const options = / --v8-flags=(\S+)/.exec(deno.tasks[task].command);
  return options ? options[1]!.split(",") : [];
}

async function* linesOf(bytes: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

function signal(child: Deno.ChildProcess, name: Deno.Signal): void {
  try {
    child.kill(name);
  } catch {
    // It ended by itself.
  }
}

/** Lets a worker free its garbage when it is asked. */
const COLLECTS = "--expose-gc";
