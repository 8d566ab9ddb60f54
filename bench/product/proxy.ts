/**
 * What the proxy costs where it has nothing to do.
 *
 * This file knows the load and the targets. It does not know how rounds are run.
 *
 * @module
 */
import type { Worker } from "../harness/children.ts";
import { compare, noteOf } from "../harness/rounds.ts";
import type { Result, Row, Tools } from "../harness/row.ts";
import { spreadOf } from "../harness/spread.ts";

/** Bytes a second, and what a round trip takes more. */
export const proxy: Row = {
  name: "proxy",
  summary: "serveProxy without faults next to a loop that reads and writes",
  measure: async (tools: Tools): Promise<Result[]> => [await bytes(tools), await roundTrip(tools)],
};

async function bytes({ children, loads }: Tools): Promise<Result> {
  const program = loads.program("tcp_flood");
  const sink = await children.worker("floors/tcp.ts", LARGEST_READ);
  const ours = await children.worker("product/workers/proxy.ts", sink.ready.port);
  const floor = await children.worker("floors/proxy.ts", sink.ready.port);
  const start = (worker: Worker) => children.load(program, worker.ready.port, LONGEST);
  const found = await compare({ ours, floor }, { start });
  await Promise.all([ours.stop(), floor.stop(), sink.stop()]);
  return {
    work: "proxy without faults: one connection flooding",
    ours: megabytes(found.ours.rate.median),
    floor: megabytes(found.floor.rate.median),
    ratio: found.rate,
    checked: found.thrift,
    target: `>= ${RATIO} x a minimal forwarder`,
    met: found.rate.median >= RATIO,
    notes: [`${noteOf(found, "byte")}; sender, forwarder and receiver share the cores`],
  };
}

async function roundTrip({ children, loads }: Tools): Promise<Result> {
  const echo = await children.worker("load/echo.ts");
  const ours = await children.worker("product/workers/proxy.ts", echo.ready.port);
  const floor = await children.worker("floors/proxy.ts", echo.ready.port);
  const inC = [...loads.program("tcp_forward"), String(echo.ready.port)];
  const c = await children.talk(inC, { module: "tcp_forward", stderr: "inherit" });
  const ways = { direct: echo, ours, floor, C: c };
  const pingers = new Map<string, Worker>();
  for (const [name, { ready }] of Object.entries(ways)) {
    pingers.set(name, await children.worker("load/pinger.ts", ready.port));
  }
  const found: Record<string, { p50: number; p99: number }[]> = {};
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    for (const [name, pinger] of pingers) {
      const trips = await pinger.ask("run");
      if (round >= 0) (found[name] ??= []).push(trips);
    }
  }
  for (const worker of [...pingers.values(), ...Object.values(ways)]) await worker.stop();
  const added = (way: string, quantile: "p50" | "p99") =>
    spreadOf(
      found[way]!.map((trips, round) => 1000 * (trips[quantile] - found.direct![round]![quantile])),
    );
  const [ourP99, floorP99] = [added("ours", "p99"), added("floor", "p99")];
  return {
    work: "proxy without faults: added round trip p99",
    ours: `${ourP99.median.toFixed(0)} us`,
    floor: `${floorP99.median.toFixed(0)} us`,
    target: `<= ${ADDED} us`,
    met: ourP99.median <= ADDED,
    notes: [
      `p99 ${range(ourP99)} us over ${ROUNDS} rounds, floor ${range(floorP99)} us; p50 ` +
      `${range(added("ours", "p50"))} us, floor ${range(added("floor", "p50"))} us`,
      `a forwarder in C p99 ${range(added("C", "p99"))} us, p50 ${range(added("C", "p50"))} us`,
    ],
  };
}

function range({ median, min, max }: ReturnType<typeof spreadOf>): string {
  return `${median.toFixed(0)} (${min.toFixed(0)}..${max.toFixed(0)})`;
}

function megabytes(bytesPerSecond: number): string {
  return `${(bytesPerSecond / 1e6).toFixed(0)} MB/s`;
}

const RATIO = 0.9;
/** Microseconds. */
const ADDED = 100;
const ROUNDS = 7;
const WARM_UPS = 2;
/** The receiver reads with the largest buffer that the library uses. */
const LARGEST_READ = 65_536;
/** A flood ends after so many ms by itself, should nobody end it. */
const LONGEST = 10_000;
