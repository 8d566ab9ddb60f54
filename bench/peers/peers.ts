/**
 * Others that do the same work, as far as this machine has them: programs of `bench/peers/` in Python, or on
 * Node with packages from npm. What cannot be started is left out, and the table says why.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { quietly } from "../../scripts/_run.ts";
import { CannotMeasure, type Children, type Worker } from "../harness/children.ts";

/** What runs until it is stopped. */
export interface Stoppable {
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
}

/** A server that peers talk to, and that is not asked anything itself. */
export interface Broker extends Stoppable {
  readonly port: number;
}

/** Starts peers, none if none are wanted. */
export class Peers {
  readonly #children: Children;
  readonly #wanted: boolean;
  readonly #missing = new Map<string, string>();
  #packages: Promise<string> | undefined;

  /** Starts them as processes of `children`. */
  constructor(children: Children, wanted: boolean) {
    this.#children = children;
    this.#wanted = wanted;
  }

  /** A line for each peer that was left out, which says why. */
  get leftOut(): readonly string[] {
    if (!this.#wanted) return ["peers were left out, as asked"];
    return [...this.#missing].map(([name, why]) => `left out: ${name}, because ${why}`);
  }

  /** Starts a program of `bench/peers/`: one worker, or none where this machine cannot. */
  start(module: string, ...args: (string | number)[]): Promise<Worker[]> {
    return this.#attempt(module, async () => {
      const program = [pathOf(module), ...args.map(String)];
      // What a peer has to complain about is the business of its own users.
      const stderr = "null";
      if (module.endsWith(".py")) {
        return await this.#children.talk(["python3", ...program], { stderr });
      }
      const env = { BENCH_PACKAGES: await (this.#packages ??= installed()) };
      return await this.#children.talk(["node", "--expose-gc", ...program], { stderr, env });
    });
  }

  /** Starts a NATS server with JetStream and a store of its own: its port, or none. */
  nats(): Promise<Broker[]> {
    return this.#attempt("nats-server", async () => {
      const folder = this.#children.folder();
      const quiet = ["-l", `${folder}/log`, "-sd", folder, "--ports_file_dir", folder];
      const command = ["nats-server", "-a", "127.0.0.1", "-p", "-1", "-js", ...quiet];
      const server = this.#children.load(command);
      return { port: await portOf(folder), stop: () => server.stop() };
    });
  }

  /** Remembers that a peer could not be measured; throws what is not of that kind. */
  leaveOut(module: string, error: unknown): void {
    const who = module.endsWith(".py")
      ? "Python sockets"
      : WHO[module.split(/[_ -]/)[0]!] ?? module;
    if (error instanceof Deno.errors.NotFound) {
      const program = module.endsWith(".py")
        ? "python3"
        : module.endsWith(".mjs")
        ? "node"
        : module;
      this.#missing.set(who, `${program} is not installed`);
    } else if (error instanceof CannotMeasure) {
      this.#missing.set(who, error.message.replace(/^Cannot measure: /, ""));
    } else throw error;
  }

  async #attempt<Peer>(module: string, start: () => Promise<Peer>): Promise<Peer[]> {
    if (!this.#wanted) return [];
    try {
      return [await start()];
    } catch (error) {
      this.leaveOut(module, error);
      return [];
    }
  }
}

/** Puts the packages that `bench/peers/package-lock.json` names into a cache, once; returns the folder. */
async function installed(): Promise<string> {
  const lock = await Deno.readFile(pathOf("package-lock.json"));
  const version = createHash("sha256").update(lock).digest("hex").slice(0, 12);
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "."}/.cache`;
  const folder = `${cache}/heartline-bench/${version}`;
  const mark = `${folder}/.complete`;
  if (await Deno.stat(mark).then(() => true, () => false)) return folder;
  await Deno.mkdir(folder, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) {
    await Deno.copyFile(pathOf(file), `${folder}/${file}`);
  }
  await quietly(folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund").catch(
    (error) => {
      const missing = error instanceof Deno.errors.NotFound;
      throw new CannotMeasure(
        `npm ${missing ? "is not installed" : "could not install its packages"}`,
      );
    },
  );
  await Deno.writeTextFile(mark, "");
  return folder;
}

/** The port of a NATS server, out of the file that it writes when it listens. */
async function portOf(folder: string): Promise<number> {
  for (let waited = 0; waited < MOST_WAIT; waited += LOOK) {
    const name = Array.from(Deno.readDirSync(folder)).find(({ name }) => name.endsWith(".ports"));
    const url = name && /nats:[^"]*:(\d+)/.exec(Deno.readTextFileSync(`${folder}/${name.name}`));
    if (url) return Number(url[1]);
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
  throw new CannotMeasure("it did not listen");
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

/** Who a program stands for, by the first word of its name. */
const WHO: Readonly<Record<string, string>> = { socketio: "socket.io", nats: "NATS", ws: "ws" };
/** For a server to listen, in ms. */
const MOST_WAIT = 5_000;
const LOOK = 20;
