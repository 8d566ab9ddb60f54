/**
 * What the library computes without a socket: a decoder, a queue, and whole days in virtual time.
 *
 * @module
 */
import { stopAll } from "../harness/children.ts";
import { alternate } from "../harness/rounds.ts";
import { atLeast, atMost, type Result, type Row, type Tools } from "../harness/row.ts";
import { formatRate, medianOf, range, ratioOf } from "../harness/statistics.ts";

/** Decoding a heartbeat datagram. */
export const decode: Row = {
  name: "decode",
  summary: "decodeHeartbeat on datagrams in memory",
  async measure({ children }) {
    const module = "product/workers/decode.ts";
    const { rates } = await inTurns({ children }, module);
    return [{
      work: "decode a heartbeat datagram",
      ...rates,
      ...atLeast(10, "M/s", rates.reached / 1e6),
      notes: ["by CPU time; the floor is a loop that adds up the bytes of the same datagrams"],
    }];
  },
};

/** The deadline queue: how fast a beat moves a deadline, and what a client costs. */
export const deadlines: Row = {
  name: "deadlines",
  summary: "the deadline queue with 100,000 clients that each beat once a virtual second",
  async measure({ children }) {
    const { rates, ready } = await inTurns({ children }, "product/workers/deadlines.ts");
    const bytes = ready.bytesPerClient as number;
    return [{
      work: "deadline queue: re-arm one of 100,000",
      ...rates,
      ...atLeast(5, "M/s", rates.reached / 1e6),
      notes: [
        "by CPU time; both are asked every 10 virtual ms who has expired; the floor is an array of deadlines that " +
        "is looked through from end to end each time",
      ],
    }, {
      work: "deadline queue: memory of one of 100,000",
      ours: `${bytes.toFixed(0)} B`,
      ...atMost(200, "B", bytes),
      notes: ["heap and external memory after a collection, less the same before the queue"],
    }];
  },
};

/** The simulator behind `deno task simulate`. */
export const simulator: Row = {
  name: "simulator",
  summary: "virtual time in a minute of real time, one process for each of two cores",
  async measure(tools) {
    const udp = "a burst of ten every 30 s on a clear day, every invariant checked at every step";
    const sequence =
      "65,535 numbers at one a second, 18 hours, all confirmed; every invariant checked";
    return [
      await simulated(tools, ["udp", 50], "client-days of UDP heartbeats", 2_000, udp),
      await simulated(tools, ["sequence", 4], "sequences of full length", 500, sequence),
    ];
  },
};

/** A worker that is told which side it is. */
async function inTurns({ children }: Pick<Tools, "children">, module: string) {
  const workers = [await children.worker(module, "ours"), await children.worker(module, "floor")];
  const [ours, floor] = await alternate(workers, ROUNDS) as [number[], number[]];
  await stopAll(...workers);
  const ratio = ratioOf(ours, floor), reached = medianOf(ours);
  const texts = { ours: formatRate(reached), floor: formatRate(medianOf(floor)) };
  return { rates: { ...texts, ratio, checked: ratio, reached }, ready: workers[0]!.ready };
}

async function simulated(
  { children }: Tools,
  [scenario, clients]: readonly [string, number],
  what: string,
  target: number,
  note: string,
): Promise<Result> {
  const start = () => children.worker("product/workers/simulator.ts", scenario, clients);
  const workers = await Promise.all(Array.from({ length: CORES }, start));
  const wall: number[] = [], cpu: number[] = [];
  // The first round warms up.
  for (let round = -1; round < SIMULATED_ROUNDS; round++) {
    const found = await Promise.all(workers.map((worker) => worker.ask("run")));
    if (round < 0) continue;
    wall.push(found.reduce((sum, one) => sum + one.wall, 0));
    cpu.push(found.reduce((sum, one) => sum + one.cpu, 0));
  }
  await stopAll(...workers);
  return {
    work: `simulator: ${what} a minute`,
    ours: range(wall, 0),
    ...atLeast(target, "", medianOf(wall)),
    notes: [note, `${range(cpu, 0)} by CPU time, as on cores of its own`],
  };
}

/** Short ones, of CPU time. */
const ROUNDS = 21;
const CORES = 2;
const SIMULATED_ROUNDS = 5;
