/**
 * From the start of a process to the line that says that it listens, for every command that serves.
 *
 * Each command is started as its task says, without `deno task` in front, and with what the runtime has
 * cached of it: the first starts are not counted. `seq-server` is given the store that both runtimes have.
 *
 * @module
 */
import deno from "../../deno.json" with { type: "json" };
import { npmName } from "../../scripts/_npm_package.ts";
import { ROOT } from "../../scripts/_tree.ts";
import { CannotMeasure } from "../harness/children.ts";
import { atMost, type Result, type Row, type Tools } from "../harness/row.ts";
import { medianOf, range, ratioOf } from "../harness/statistics.ts";

/** Commands until they listen. */
export const start: Row = {
  name: "start",
  summary: "each command that serves, from its start to its listening line, on Deno and Node",
  async measure(tools) {
    // As in `deno.json`, by this very Deno.
    const onDeno = (name: Name) => [
      Deno.execPath(),
      ...deno.tasks[name].command.split(" ").slice(1),
    ];
    const results = [await measureOn("Deno", 150, onDeno, DENO_FLOOR, tools)];
    const project = await tools.node.project().catch((error) => {
      if (!(error instanceof CannotMeasure)) throw error;
    });
    if (project === undefined) return results;
    const onNode = (name: Name) => [
      "node",
      `${project}/node_modules/${npmName(deno)}/bin/${name.replaceAll("-", "_")}.js`,
    ];
    return [...results, await measureOn("Node", 250, onNode, NODE_FLOOR, tools)];
  },
};

type Name = keyof typeof ARGUMENTS;

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
  const taken = names.map((name): [Name, number[]] => [name, []]);
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
  const [, slowest] = taken.reduce((a, b) => medianOf(b[1]) > medianOf(a[1]) ? b : a);
  const all = taken.map(([name, ms]) => `${name} ${range(ms, 0)}`).join(", ");
  return {
    work: `start to listening on ${runtime}, the slowest of ${names.length} commands`,
    ours: `${medianOf(slowest).toFixed(0)} ms`,
    floor: `${medianOf(floor).toFixed(0)} ms`,
    ratio: ratioOf(floor, slowest),
    ...atMost(target, "ms", medianOf(slowest)),
    notes: [
      `on ${runtime} in ms: ${all}; the floor listens and prints one line, ${range(floor, 0)}`,
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
const DENO_FLOOR = [Deno.execPath(), "run", "--allow-net", "bench/floors/start.ts"];
const NODE_FLOOR = [
  "node",
  "--eval",
  'require("node:net").createServer().listen(0, "127.0.0.1", () => console.log("listening"))',
];
const ROUNDS = 9;
const WARM_UPS = 2;
