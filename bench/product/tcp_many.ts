/**
 * 1,000 and 10,000 connections that each send one heartbeat a write, against a loop that only reads.
 *
 * This file knows the load and the targets. It does not know how rounds are run.
 *
 * The rate is fixed, and the ratio is that of CPU time per message. A flood would not do: the further a
 * receiver falls behind, the more messages each read returns, so that every receiver keeps up however
 * much it spends. The rate is as high as it can be while a read returns one message; at a low rate both
 * sides are woken for single messages and find the caches cold, which is told in the notes.
 *
 * Both sides keep their connections through all rounds, and the load of the one whose turn it is not is
 * held still: to open and close thousands of them would disturb the other side's turn.
 *
 * @module
 */
import type { Load, Worker } from "../harness/children.ts";
import { type Peer, thriftLines } from "../peers/peers.ts";
import { compare, type Comparison, noteOf, type Sides } from "../harness/rounds.ts";
import type { PeerLine, Result, Row, Tools } from "../harness/row.ts";
import { type Spread, spreadOf } from "../harness/spread.ts";
import type { Memory } from "../harness/worker.ts";

/** TCP ingest of many connections. */
export const tcpMany: Row = {
  name: "tcp-many",
  summary: "TCP heartbeats through serveTcpHeartbeats, 1,000 and 10,000 connections, 80,000/s",
  async measure(tools: Tools): Promise<Result[]> {
    const python = await tools.peers.start("tcp_ingest.py");
    const ws = await tools.peers.start("ws_server.mjs", PING_INTERVAL);
    const peers = [...python, ...ws];
    const results = [...await measure(tools, 1_000, peers), ...await measure(tools, 10_000, [])];
    await Promise.all(peers.map((peer) => peer.stop()));
    return results;
  },
};

/** CPU and memory with so many connections, in processes of their own. */
async function measure(
  tools: Tools,
  connections: number,
  peers: readonly Peer[],
): Promise<Result[]> {
  const { children } = tools;
  const ours = await children.worker("product/workers/tcp_server.ts");
  const floor = await children.worker("floors/tcp.ts", SMALL_READ);
  const sides = { ours, floor, peers };
  const low = await inTurns(tools, { ours, floor }, {
    connections,
    rate: LOW_RATE,
    rounds: LOW_ROUNDS,
  });
  const high = await inTurns(tools, sides, { connections, rate: HIGH_RATE, rounds: HIGH_ROUNDS });
  await Promise.all([ours, floor].map((worker) => worker.stop()));
  const name = `TCP ingest, ${connections.toLocaleString("en")} connections`;
  return [cpuResult(name, high.found, low.found), memoryResult(name, high, connections)];
}

interface Turns {
  readonly connections: number;
  /** Messages a second on all connections together. */
  readonly rate: number;
  readonly rounds: number;
}

interface Found {
  readonly found: Comparison;
  readonly ours: Footprint;
  readonly floor: Footprint;
  readonly peers: readonly (Footprint & { readonly name: string })[];
}

/** What a side takes with all connections open. */
interface Footprint {
  /** Of the process as it runs, at the end of each of its turns: more or less of it waits to be collected. */
  readonly resident: Spread;
  /** Since it listens, after a collection. */
  readonly grown: Memory;
}

async function inTurns(
  { children, loads }: Tools,
  sides: Sides,
  { connections, rate, rounds }: Turns,
): Promise<Found> {
  const running = new Map<Worker, Load>();
  const resident = new Map<Worker, number[]>();
  const start = (worker: Worker) => {
    const port = worker.ready.port as number;
    const program = loads.program(worker.ready.framed ? "ws_beats" : "tcp_beats");
    const load = running.get(worker) ?? children.load(program, port, connections, rate, LONGEST);
    running.set(worker, load);
    load.resume();
    return {
      check: load.check,
      async stop() {
        const readings = resident.get(worker) ?? [];
        resident.set(worker, [...readings, await worker.ask("resident") as number]);
        load.pause();
      },
    };
  };
  const footprint = async (worker: Worker): Promise<Footprint> => ({
    resident: spreadOf(resident.get(worker)!),
    grown: await worker.ask("memory") as Memory,
  });
  const found = await compare(sides, { start, rounds, duration: DURATION });
  const ours = await footprint(sides.ours);
  const floor = await footprint(sides.floor);
  const peers: (Footprint & { name: string })[] = [];
  for (const peer of sides.peers ?? []) {
    peers.push({ name: peer.name, ...await footprint(peer) });
  }
  await Promise.all(Array.from(running.values(), (load) => load.stop()));
  return { found, ours, floor, peers };
}

function cpuResult(name: string, high: Comparison, low: Comparison): Result {
  return {
    work: `${name}: CPU per message`,
    ours: `${high.ours.cpu.median.toFixed(1)} us CPU`,
    floor: `${high.floor.cpu.median.toFixed(1)} us CPU`,
    ratio: high.thrift,
    checked: high.thrift,
    target: `>= ${CPU_TARGET} x a bare read loop`,
    met: high.thrift.median >= CPU_TARGET,
    peers: thriftLines(high.peers, "message", high.ours.cpu),
    notes: [noteOf(high, "message"), `at a low rate ${noteOf(low, "message")}`],
  };
}

function memoryResult(name: string, { ours, floor, peers }: Found, connections: number): Result {
  const ratio = ours.resident.median / floor.resident.median;
  const each = (bytes: number): string => `${(bytes / connections / 1_024).toFixed(1)} KiB`;
  const line = (peer: Found["peers"][number]): PeerLine => ({
    name: peer.name,
    ours: megabytes(ours.resident.median),
    theirs: megabytes(peer.resident.median),
    ratio: spreadOf([ours.resident.median / peer.resident.median]),
    verdict: ours.resident.median <= peer.resident.median ? "ahead" : "behind",
    notes: [`a connection takes ${each(peer.grown.resident)} resident, after a collection`],
  });
  const text = ({ grown }: Footprint): string =>
    `${each(grown.held)} of heap and external memory and ${each(grown.resident)} resident`;
  return {
    work: `${name}: resident memory`,
    ours: `${megabytes(ours.resident.median)}, ${ratio.toFixed(2)} x`,
    floor: megabytes(floor.resident.median),
    checked: spreadOf([1 / ratio]),
    target: `<= ${MEMORY_TARGET} x a bare read loop's`,
    met: ratio <= MEMORY_TARGET,
    peers: peers.map(line),
    notes: [
      `of the whole process while messages come, at the end of each turn: ours ${
        range(ours.resident)
      }, floor ${range(floor.resident)}; a connection takes, after a collection, ours ` +
      `${text(ours)}, floor ${
        text(floor)
      }; the resident memory includes what it took to run at all`,
    ],
  };
}

function range({ min, max }: Spread): string {
  return `${megabytes(min)} to ${megabytes(max)}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(0)} MiB`;
}

/** More than half of what the floor can take. */
const HIGH_RATE = 80_000;
const HIGH_ROUNDS = 15;
/** Low enough that most messages find the receiver asleep. */
const LOW_RATE = 20_000;
const LOW_ROUNDS = 5;
/** How long each side is measured in a round, in ms. */
const DURATION = 500;
/** As the library reads while messages come one at a time. */
const SMALL_READ = 256;
/** Of the recipe of `ws`, in ms; a load that is held still answers no ping, so none falls into the row. */
const PING_INTERVAL = 600_000;
const CPU_TARGET = 0.9;
const MEMORY_TARGET = 1.3;
/** The load ends after so many ms by itself, should nobody end it. */
const LONGEST = 600_000;
