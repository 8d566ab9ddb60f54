/**
 * How much virtual time the simulator gets through in a minute of real time, on two cores.
 *
 * This file knows the targets. It does not know what is simulated.
 *
 * @module
 */
import type { Result, Row, Tools } from "../harness/row.ts";
import { formatSpread, spreadOf } from "../harness/spread.ts";

/** The simulator behind `deno task simulate`. */
export const simulator: Row = {
  name: "simulator",
  summary: "virtual time in a minute of real time, one process for each of two cores",
  async measure(tools: Tools): Promise<Result[]> {
    return [
      await measure(tools, "udp", {
        work: "simulator: client-days of UDP heartbeats a minute",
        clients: 50,
        target: 2_000,
        notes: ["a burst of ten every 30 s on a clear day, every invariant checked at every step"],
      }),
      await measure(tools, "sequence", {
        work: "simulator: sequences of full length a minute",
        clients: 4,
        target: 500,
        notes: [
          "65,535 numbers at one a second, 18 hours, all confirmed; every invariant checked",
        ],
      }),
    ];
  },
};

async function measure(
  { children }: Tools,
  scenario: string,
  { work, clients, target, notes }:
    & { clients: number; target: number }
    & Pick<
      Result,
      "work" | "notes"
    >,
): Promise<Result> {
  const workers = await Promise.all(
    Array.from(
      { length: CORES },
      () => children.worker("product/workers/simulator.ts", scenario, clients),
    ),
  );
  const wall: number[] = [], cpu: number[] = [];
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    const found = await Promise.all(workers.map((worker) => worker.ask("run") as Promise<Found>));
    if (round < 0) continue;
    wall.push(found.reduce((sum, one) => sum + one.wall, 0));
    cpu.push(found.reduce((sum, one) => sum + one.cpu, 0));
  }
  await Promise.all(workers.map((worker) => worker.stop()));
  const rate = spreadOf(wall);
  return {
    work,
    ours: formatSpread(rate, 0),
    floor: "-",
    target: `>= ${target}`,
    met: rate.median >= target,
    notes: [...notes, `${formatSpread(spreadOf(cpu), 0)} by CPU time, as on cores of its own`],
  };
}

/** What a worker answers. */
interface Found {
  readonly wall: number;
  readonly cpu: number;
}

const CORES = 2;
const ROUNDS = 5;
/** Rounds until the compiler has settled. */
const WARM_UPS = 1;
