/**
 * Handshakes over UDP, there and back, against a bare echo.
 *
 * This file knows the load, the number of leases and the target. It does not know how rounds are run.
 *
 * @module
 */
import type { Worker } from "../harness/children.ts";
import { rateLines } from "../peers/peers.ts";
import { compare, type Comparison, noteOf } from "../harness/rounds.ts";
import type { Result, Row, Tools } from "../harness/row.ts";
import { formatRate } from "../harness/spread.ts";

/** HELLO and its reply: few leases, 100,000 of them, and every HELLO a new id. */
export const handshake: Row = {
  name: "handshake",
  summary: "UDP HELLO round trips through serveHandshake, 64 clients, against a bare UDP echo",
  async measure({ children, loads, peers }: Tools): Promise<Result[]> {
    const program = loads.program("udp_hello");
    const start = (fresh: boolean) => (worker: Worker) =>
      children.load(program, worker.ready.port, CLIENTS, Number(fresh), LONGEST);
    const floor = await children.worker("floors/handshake.ts");
    const long = await children.worker("product/workers/handshake_server.ts", LONG_LEASE);
    const patient = await peers.start("handshake.py", LONG_LEASE);
    const few = await compare({ ours: long, floor, peers: patient }, { start: start(false) });
    const before = await long.ask("memory") as number;
    const filled = await fill(long, start(true));
    const bytes = (await long.ask("memory") as number - before) / filled;
    const many = await compare({ ours: long, floor }, { start: start(false) });
    const live = await long.ask("leases") as number;
    await long.stop();
    const short = await children.worker("product/workers/handshake_server.ts", SHORT_LEASE);
    const hasty = await peers.start("handshake.py", SHORT_LEASE);
    const fresh = await compare({ ours: short, floor, peers: hasty }, { start: start(true) });
    await Promise.all([short, floor, ...patient, ...hasty].map((worker) => worker.stop()));
    return [
      result("UDP HELLO round trips: few leases", few, []),
      result(`UDP HELLO round trips: ${thousands(LIVE)} live leases`, many, [
        `${thousands(live)} leases; one takes ${
          bytes.toFixed(0)
        } B, heap and external memory after a collection`,
      ]),
      result("UDP HELLO round trips: each a new id", fresh, [
        `leases of ${SHORT_LEASE} ms, so that as many end as begin`,
      ]),
    ];
  },
};

/** Lets clients ask for new ids until there are enough. */
async function fill(
  worker: Worker,
  start: (worker: Worker) => { stop(): Promise<void> },
): Promise<number> {
  const before = await worker.ask("leases") as number;
  let now = before;
  while (now < LIVE) {
    const load = start(worker);
    for (let i = 0; i < 50 && now < LIVE; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      now = await worker.ask("leases") as number;
    }
    await load.stop();
  }
  return now - before;
}

function result(work: string, found: Comparison, notes: string[]): Result {
  return {
    work,
    ours: formatRate(found.ours.rate.median),
    floor: formatRate(found.floor.rate.median),
    ratio: found.rate,
    checked: found.thrift,
    target: `>= ${TARGET} x a bare echo`,
    met: found.rate.median >= TARGET,
    peers: rateLines(found.peers, "round trip", found.ours.rate),
    notes: [noteOf(found, "round trip"), ...notes],
  };
}

function thousands(count: number): string {
  return count.toLocaleString("en-US");
}

const CLIENTS = 64;
const LIVE = 100_000;
const TARGET = 0.85;
/** Longer than the row takes, in ms. */
const LONG_LEASE = 600_000;
const SHORT_LEASE = 1_000;
/** The load ends after so many ms by itself, should nobody end it. */
const LONGEST = 10_000;
