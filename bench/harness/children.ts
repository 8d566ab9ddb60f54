/**
 * The processes that a benchmark is made of, and their end.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import deno from "../../deno.json" with { type: "json" };

/** A child that answers questions: see `worker.ts` for its side. */
export type Worker = Pick<Child, "name" | "ready" | "ask" | "stop">;

/** A program that makes load. */
export type Load = Pick<Child, "pause" | "resume" | "check" | "stop">;

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
  readonly #running = new Set<Child>();
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
  async talk(command: readonly string[], options: Options = {}): Promise<Worker> {
    const pipes = { stdin: "piped", stdout: "piped" } as const;
    const child = this.#start(command, { ...options, ...pipes });
    child.ready = await child.answer();
    return child;
  }

  /** Starts a program that makes load; it ends by itself or by `stop`. */
  load(program: readonly string[], ...args: (string | number)[]): Load {
    return this.#start([...program, ...args.map(String)], { stdin: "null", stdout: "null" });
  }

  /**
   * Starts a program and ends it when it writes a line in which `awaited` stands; returns the ms from its
   * start to that line.
   */
  async timeTo(awaited: string, command: readonly string[], options: Options): Promise<number> {
    const started = performance.now();
    const child = this.#start(command, { ...options, stdin: "null", stdout: "piped" });
    while (!(await child.line()).includes(awaited));
    const took = performance.now() - started;
    await child.stop();
    return took;
  }

  /** Makes a folder that is gone after the run. */
  folder(): string {
    const folder = Deno.makeTempDirSync({ prefix: "heartline-bench-" });
    this.#folders.push(folder);
    return folder;
  }

  /** Kills whatever still runs, as after a row that ended early; never throws. */
  end(): void {
    for (const child of this.#running) child.signal("SIGKILL");
    this.#running.clear();
  }

  /** Kills and removes whatever is left; never throws. */
  clear(): void {
    this.end();
    for (const folder of this.#folders.splice(0)) Deno.removeSync(folder, { recursive: true });
  }

  #start(command: readonly string[], options: Deno.CommandOptions): Child {
    const child = new Child(command, options);
    this.#running.add(child);
    void child.ended.then(() => this.#running.delete(child));
    return child;
  }
}

/** How a program is started. */
type Options = Pick<Deno.CommandOptions, "stderr" | "env" | "cwd">;

/** A process. */
class Child {
  readonly #command: string;
  readonly #process: Deno.ChildProcess;
  readonly #lines: AsyncGenerator<string> | undefined;
  readonly #input: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #code = 0;
  /** What it said when it was ready. */
  ready: Json;

  constructor([command, ...args]: readonly string[], options: Deno.CommandOptions) {
    this.#command = [command!.split("/").at(-1), ...args].join(" ");
    this.#process = new Deno.Command(command!, { ...options, args }).spawn();
    if (options.stdout === "piped") this.#lines = linesOf(this.#process.stdout);
    if (options.stdin === "piped") this.#input = this.#process.stdin.getWriter();
    void this.ended.then(({ code, signal }) => this.#code = signal === null ? code : 0);
  }

  /** Who it is, as it says itself: "socket.io 4.8.4"; ours have no name. */
  get name(): string {
    return this.ready.name ?? "";
  }

  get ended(): Promise<Deno.CommandStatus> {
    return this.#process.status;
  }

  /** Sends a question and waits for the answer. */
  async ask(question: string): Promise<Json> {
    // What has ended gives no answer, and that is what is reported.
    await this.#input!.write(new TextEncoder().encode(`${question}\n`)).catch(() => {});
    return await this.answer();
  }

  async answer(): Promise<Json> {
    return JSON.parse(await this.line());
  }

  /** Its next line. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines!.next();
    if (done) throw new CannotMeasure(`${this.#command} ended without an answer`);
    return value;
  }

  /** Throws a {@linkcode CannotMeasure} if it failed. */
  check(): void {
    if (this.#code === 0) return;
    throw new CannotMeasure(
      `the load ${this.#command} failed with code ${this.#code}: it could not connect, or the receiver ` +
        "closed a connection (a limit of clients, or of open files: ulimit -n)",
    );
  }

  /** Holds it still where it is; its sockets stay open. */
  pause(): void {
    this.signal("SIGSTOP");
  }

  /** Lets it go on. */
  resume(): void {
    this.signal("SIGCONT");
  }

  /** Ends it and waits until it is gone: a worker by the end of its input, which is how it ends without us. */
  async stop(): Promise<void> {
    if (this.#input) await this.#input.close().catch(() => {});
    else this.signal("SIGKILL");
    await this.#lines?.return(undefined);
    await this.ended;
  }

  signal(name: Deno.Signal): void {
    try {
      this.#process.kill(name);
    } catch {
      // It ended by itself.
    }
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

/** Lets a worker free its garbage when it is asked. */
const COLLECTS = "--expose-gc";
