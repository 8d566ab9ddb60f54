/**
 * Others that do the same work, as far as this machine has them.
 *
 * This file knows how the programs of `bench/peers/` are started and what they need: Python, or Node with
 * packages from npm. It does not know what any of them does. What cannot be started is left out, and why.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { CannotMeasure, type Children, type Worker } from "../harness/children.ts";
import type { PeerComparison } from "../harness/rounds.ts";
import { costOf } from "../harness/rounds.ts";
import type { PeerLine } from "../harness/row.ts";
import { formatRate, type Spread } from "../harness/spread.ts";

/** A worker that is not ours. */
export interface Peer extends Worker {
  /** Who it is, as it says itself: "socket.io 4.8.4". */
  readonly name: string;
}

/** A server that peers talk to, and that is not asked anything itself. */
export interface Broker {
  readonly port: number;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
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
  async start(module: string, ...args: (string | number)[]): Promise<Peer[]> {
    if (!this.#wanted) return [];
    try {
      const worker = await this.#talk(module, args.map(String));
      return [{ ...worker, name: worker.ready.name }];
    } catch (error) {
      this.leaveOut(module, error);
      return [];
    }
  }

  /** Starts a NATS server with JetStream and a store of its own: its port, or none. */
  async nats(): Promise<Broker[]> {
    if (!this.#wanted) return [];
    const folder = this.#children.folder();
    const quiet = ["-l", `${folder}/log`, "-sd", folder, "--ports_file_dir", folder];
    try {
      const command = ["nats-server", "-a", "127.0.0.1", "-p", "-1", "-js", ...quiet];
      const server = this.#children.load(command);
      return [{ port: await portOf(folder), stop: server.stop }];
    } catch (error) {
      this.leaveOut("nats-server", error);
      return [];
    }
  }

  /** Remembers that a peer could not be measured; throws what is not of that kind. */
  leaveOut(name: string, error: unknown): void {
    if (error instanceof Deno.errors.NotFound) {
      this.#missing.set(whoOf(name), `${commandOf(name)} is not installed`);
    } else if (error instanceof CannotMeasure) {
      this.#missing.set(whoOf(name), error.message.replace(/^Cannot measure: /, ""));
    } else throw error;
  }

  async #talk(module: string, args: string[]): Promise<Worker> {
    const path = pathOf(module);
    // What a peer has to complain about is the business of its own users.
    const how = { module, stderr: "null" } as const;
    if (commandOf(module) === "python3") {
      return await this.#children.talk(["python3", path, ...args], how);
    }
    const folder = await (this.#packages ??= installed());
    const command = ["node", "--expose-gc", path, ...args];
    return await this.#children.talk(command, { ...how, env: { BENCH_PACKAGES: folder } });
  }
}

/** A line for each peer that was compared by what it takes a second. */
export function rateLines(
  peers: readonly PeerComparison[],
  thing: string,
  ours: Spread,
  format: (perSecond: number) => string = formatRate,
): PeerLine[] {
  return peers.map(({ name, peer, rate }) => ({
    name,
    ours: format(ours.median),
    theirs: format(peer.rate.median),
    ratio: rate,
    verdict: rate.median >= 1 ? "ahead" : "behind",
    notes: [costOf(peer, thing)],
  }));
}

/** A line for each peer that was compared by the CPU time of a thing. */
export function thriftLines(
  peers: readonly PeerComparison[],
  thing: string,
  ours: Spread,
): PeerLine[] {
  return peers.map(({ name, peer, thrift }) => ({
    name,
    ours: `${ours.median.toFixed(1)} us CPU`,
    theirs: `${peer.cpu.median.toFixed(1)} us CPU`,
    ratio: thrift,
    verdict: thrift.median >= 1 ? "ahead" : "behind",
    notes: [costOf(peer, thing)],
  }));
}

/** Puts the packages that `bench/peers/package-lock.json` names into a cache, once; returns the folder. */
async function installed(): Promise<string> {
  const files = ["package.json", "package-lock.json"];
  const lock = await Deno.readFile(pathOf("package-lock.json"));
  const version = createHash("sha256").update(lock).digest("hex").slice(0, 12);
  const folder = `${cacheFolder()}/heartline-bench/${version}`;
  const mark = `${folder}/.complete`;
  if (await Deno.stat(mark).then(() => true, () => false)) return folder;
  await Deno.mkdir(folder, { recursive: true });
  for (const file of files) await Deno.copyFile(pathOf(file), `${folder}/${file}`);
  await install(folder);
  await Deno.writeTextFile(mark, "");
  return folder;
}

async function install(cwd: string): Promise<void> {
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  let success = false;
  try {
    const npm = new Deno.Command("npm", { args, cwd, stdout: "null", stderr: "null" });
    ({ success } = await npm.output());
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new CannotMeasure("Cannot measure: npm is not installed");
  }
  if (!success) throw new CannotMeasure("Cannot measure: npm could not install its packages");
}

function cacheFolder(): string {
  return Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "."}/.cache`;
}

/** The port of a NATS server, out of the file that it writes when it listens. */
async function portOf(folder: string): Promise<number> {
  for (let waited = 0; waited < MOST_WAIT; waited += LOOK) {
    const name = Array.from(Deno.readDirSync(folder)).find(({ name }) => name.endsWith(".ports"));
    const url = name && /nats:[^"]*:(\d+)/.exec(Deno.readTextFileSync(`${folder}/${name.name}`));
    if (url) return Number(url[1]);
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
  throw new CannotMeasure("Cannot measure: it did not listen");
}

/** Who a program of `bench/peers/` stands for. */
function whoOf(module: string): string {
  if (module.endsWith(".py")) return "Python sockets";
  return WHO[module.split("_")[0]!] ?? module;
}

function commandOf(module: string): string {
  if (module.endsWith(".py")) return "python3";
  return module.endsWith(".mjs") ? "node" : module;
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../peers/${file}`, import.meta.url));
}

const WHO: Readonly<Record<string, string>> = {
  socketio: "socket.io",
  nats: "NATS",
  "nats-server": "NATS",
  ws: "ws",
};
/** For a server to listen, in ms. */
const MOST_WAIT = 5_000;
const LOOK = 20;
