/**
 * The processes a benchmark is made of, and their end.
 *
 * This file knows how to start a process, talk to it in lines of JSON, and leave none behind. It does
 * not know what any of them measures.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { TextLineStream } from "./text_lines.ts";

/** A child that answers questions: see `worker.ts` for its side. */
export interface Worker {
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
export class CannotMeasure extends Error {}

/** The command line that runs a module of `bench/`, as "floors/tcp.ts",. */
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

  /** Starts a module of `bench/`, as "floors/tcp.ts", in a process of its own, so that no JIT state is shared. */
  worker(module: string, ...args: (string | number)[]): Promise<Worker> {
    return this.tuned([], module, ...args);
  }

  /** The same by options of V8, `--name=value` each. */
  tuned(v8Flags: readonly string[], module: string, ...args: (string | number)[]): Promise<Worker> {
    return this.#start(module, [COLLECTS, ...v8Flags], args);
  }

  /** The same with so large a young generation that nothing is collected while it is looked at. */
  hoarder(module: string, ...args: (string | number)[]): Promise<Worker> {
    const young = ["min", "max"].map((end) => `--${end}-semi-space-size=${YOUNG_MEGABYTES}`);
    return this.tuned(young, module, ...args);
  }

  /** Starts a program that says when it is ready and then answers questions, line by line. */
  async talk(
    [command, ...args]: readonly string[],
    { module, stderr, env = {} }: {
      /** What it is called where it fails. */
      readonly module: string;
      readonly stderr: "inherit" | "null";
      readonly env?: Readonly<Record<string, string>>;
    },
  ): Promise<Worker> {
    const pipes = { stdin: "piped", stdout: "piped", stderr } as const;
    const child = this.#spawn(command!, { args, ...pipes, env });
    const lines = new TextLineStream(child.stdout);
    const input = child.stdin.getWriter();
    const answer = async (): Promise<Json> => {
      const line = await lines.next();
      if (line === undefined) {
        throw new CannotMeasure(`Cannot measure: ${module} ended without an answer`);
      }
      return JSON.parse(line);
    };
    return {
      ready: await answer(),
      async ask(question) {
        // What has ended gives no answer, and that is what is reported.
        await input.write(new TextEncoder().encode(`${question}\n`)).catch(() => {});
        return await answer();
      },
      stop: async () => {
        // The end of its input ends a worker, also when this process was killed.
        await input.close().catch(() => {});
        await lines.close();
        await this.#ended(child);
      },
    };
  }

  /** Starts a program that makes load; it ends by itself or by `stop`. */
  load(program: readonly string[], ...args: (string | number)[]): Load {
    const [command, ...first] = program;
    const child = this.#spawn(command!, {
      args: [...first, ...args.map(String)],
      stdin: "null",
      stdout: "null",
    });
    let failed = 0;
    void child.status.then(({ code, signal }) => failed = signal === null ? code : 0);
    return {
      check() {
        if (failed === 0) return;
        const name = program.at(-1)!.split("/").at(-1);
        throw new CannotMeasure(
          `Cannot measure: the load ${name} failed with code ${failed}: it could not connect, or the ` +
            "receiver closed a connection (a limit of clients, or of open files: ulimit -n)",
        );
      },
      pause: () => signal(child, "SIGSTOP"),
      resume: () => signal(child, "SIGCONT"),
      stop: async () => {
        signal(child, "SIGKILL");
        await this.#ended(child);
      },
    };
  }

  /**
   * Starts a program and ends it when it writes a line in which `awaited` stands; returns the ms from its
   * start to that line.
   */
  async timeTo(
    awaited: string,
    [command, ...args]: readonly string[],
    how: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
  ): Promise<number> {
    const started = performance.now();
    const child = this.#spawn(command!, { args, ...how, stdin: "null", stdout: "piped" });
    const lines = new TextLineStream(child.stdout);
    try {
      for (let line; (line = await lines.next()) !== undefined;) {
        if (line.includes(awaited)) return performance.now() - started;
      }
      throw new CannotMeasure(`Cannot measure: ${args.join(" ")} ended before it said ${awaited}`);
    } finally {
      await lines.close();
      signal(child, "SIGKILL");
      await this.#ended(child);
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

  async #start(
    module: string,
    v8Flags: readonly string[],
    args: (string | number)[],
  ): Promise<Worker> {
    const command = [...await this.#launch(module, v8Flags), ...args.map(String)];
    return await this.talk(command, { module, stderr: "inherit" });
  }

  #spawn(command: string, options: Deno.CommandOptions): Deno.ChildProcess {
    const child = new Deno.Command(command, options).spawn();
    this.#running.add(child);
    return child;
  }

  async #ended(child: Deno.ChildProcess): Promise<void> {
    await child.status;
    this.#running.delete(child);
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
/** Pages that are never touched cost nothing. */
const YOUNG_MEGABYTES = 1_024;
