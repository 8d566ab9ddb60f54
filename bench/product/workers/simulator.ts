/**
 * The simulator in virtual time: client-days of UDP heartbeats, or sessions of full length.
 *
 * @module
 */
import process from "node:process";
import { planOf, play } from "../../../tests/simulation/scenario.ts";
import { SCENARIOS } from "../../../tests/simulation/scenarios.ts";
import { answer } from "../../harness/worker.ts";

const HOURS = { udp: 24, sequence: 18.3 };
const name = Deno.args[0] as keyof typeof HOURS;
const clients = Number(Deno.args[1]);
const scenario = SCENARIOS.find((one) => one.name === name)!;
let seed = 0;

/** One run; its clients by minutes of real time, and by minutes of CPU time. */
function run(): { readonly wall: number; readonly cpu: number } {
  const wish = { seed: ++seed, hours: HOURS[name], clients, weather: "clear", kinds: [] };
  const plan = planOf(scenario, wish);
  const start = performance.now(), before = process.cpuUsage();
  const { violation } = play(scenario, plan);
  if (violation) throw violation;
  const { user, system } = process.cpuUsage(before);
  return {
    wall: clients / (performance.now() - start) * 60_000,
    cpu: clients / (user + system) * 60e6,
  };
}

await answer({}, { run });
