/**
 * From the start of a process to the line that says that it listens, for every command that serves.
 *
 * This file knows how commands are started on both runtimes, and the targets. It does not know what they
 * do until they listen.
 *
 * Each command is started as its task says, without `deno task` in front, and with what the runtime has
 * cached of it: the first starts are not counted. `seq-server` is given the store that both runtimes have.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import deno from "../../deno.json" with { type: "json" };
import { npmName } from "../../scripts/_npm_package.ts";
import { CannotMeasure } from "../harness/children.ts";
import type { Result, Row, Tools } from "../harness/row.ts";
import { formatSpread, type Spread, spreadOf } from "../harness/spread.ts";

/** Commands until they listen. */
export const start: Row = {
  name: "start",
  summary: "each command that serves, from its start to its listening line, on Deno and Node",
  async measure(tools: Tools): Promise<Result[]> {
    const results = [await measureOn("Deno", DENO_TARGET, denoCommand, DENO_FLOOR, tools)];
    const project = await nodeProject(tools);
    if (project === undefined) return results;
    const command = (name: Name): string[] => [
      "node",
      `${project}/node_modules/${npmName(deno)}/bin/${name.replaceAll("-", "_")}.js`,
    ];
    return [...results, await measureOn("Node", NODE_TARGET, command, NODE_FLOOR, tools)];
  },
};

type Name = keyof typeof ARGUMENTS;

/** As in `deno.json`, by this very Deno. */
function denoCommand(name: Name): string[] {
  return [Deno.execPath(), ...deno.tasks[name].command.split(" ").slice(1)];
}

async function nodeProject({ node }: Tools): Promise<string | undefined> {
  try {
    return await node.project();
  } catch (error) {
    if (!(error instanceof CannotMeasure)) throw error;
    return undefined;
  }
}

async function measureOn(
  runtime: string,
  target: number,
  command: (name: Name) => string[],
  floorCommand: readonly string[],
  { children }: Tools,
): Promise<Result> {
  // What they keep under the user's state folder is the user's own.
  const how = { cwd: ROOT, env: { XDG_STATE_HOME: children.folder() } };
  const names = Object.keys(ARGUMENTS) as Name[];
  const taken = new Map<Name, number[]>(names.map((name) => [name, []]));
  const floor: number[] = [];
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    const bare = await children.timeTo("listening", floorCommand, how);
    if (round >= 0) floor.push(bare);
    for (const [name, all] of taken) {
      const line = [...command(name), ...ARGUMENTS[name], "--json"];
      const ms = await children.timeTo(`"event":"listening"`, line, how);
      if (round >= 0) all.push(ms);
    }
  }
  const spreads = [...taken].map(([name, all]): [Name, Spread] => [name, spreadOf(all)]);
  const [slowest, ours] = spreads.reduce((a, b) => b[1].median > a[1].median ? b : a);
  const ratio = spreadOf(taken.get(slowest)!.map((ms, round) => floor[round]! / ms));
  return {
    work: `start to listening on ${runtime}, the slowest of ${names.length} commands`,
    ours: `${ours.median.toFixed(0)} ms`,
    floor: `${spreadOf(floor).median.toFixed(0)} ms`,
    ratio,
    target: `<= ${target} ms`,
    met: ours.median <= target,
    notes: [
      `on ${runtime} in ms: ${
        spreads.map(([name, ms]) => `${name} ${formatSpread(ms, 0)}`).join(", ")
      }; the floor listens and prints one line, ${formatSpread(spreadOf(floor), 0)}`,
    ],
  };
}

/** The commands that serve, with what each needs to listen on a free port. */
const ARGUMENTS = {
  "udp-server": ["--port", "0"],
  "tcp-server": ["--port", "0"],
  "handshake-server": ["127.0.0.1", "0"],
  "keepalive-server": ["127.0.0.1", "0"],
  "seq-server": ["0", "--store", "memory"],
  "seq-proxy": ["0", "49155", "--no-keys"],
} as const;
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const DENO_FLOOR = [Deno.execPath(), "run", "--allow-net", "bench/floors/start.ts"];
const NODE_FLOOR = [
  "node",
  "--eval",
  'require("node:net").createServer().listen(0, "127.0.0.1", () => console.log("listening"))',
];
/** In ms. */
const DENO_TARGET = 150;
const NODE_TARGET = 250;
const ROUNDS = 9;
const WARM_UPS = 2;
