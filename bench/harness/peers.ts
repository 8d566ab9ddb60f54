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
import { CannotMeasure, type Children, type Worker } from "./children.ts";
import type { PeerComparison } from "./rounds.ts";
import { costOf } from "./rounds.ts";
import type { PeerLine } from "./row.ts";
import { formatRate, type Spread } from "./spread.ts";

/** A worker that is not ours. */
export interface Peer extends Worker {
  /** Who it is, as it says itself: "socket.io 4.8.4". */
  readonly name: string;
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

  /** Remembers that a peer could not be measured; throws what is not of that kind. */
  leaveOut(name: string, error: unknown): void {
    if (error instanceof Deno.errors.NotFound) {
      this.#missing.set(name, `${commandOf(name)} is not installed`);
    } else if (error instanceof CannotMeasure) {
      this.#missing.set(name, error.message.replace(/^Cannot measure: /, ""));
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
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  const npm = new Deno.Command("npm", { args, cwd: folder, stdout: "null", stderr: "null" });
  if (!(await npm.output()).success) {
    throw new CannotMeasure("Cannot measure: npm could not install the packages");
  }
  await Deno.writeTextFile(mark, "");
  return folder;
}

function cacheFolder(): string {
  return Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "."}/.cache`;
}

function commandOf(module: string): string {
  return module.endsWith(".py") ? "python3" : "node";
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../peers/${file}`, import.meta.url));
}
