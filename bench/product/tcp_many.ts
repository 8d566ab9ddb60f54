/**
 * 1,000 and 10,000 connections that each send one heartbeat a write, against a loop that only reads.
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
import { type Load, stopAll, type Worker } from "../harness/children.ts";
import { compare, noteOf, type Readings, resultOf } from "../harness/rounds.ts";
import { atLeast, atMost, peerLine, type Result, type Row, type Tools } from "../harness/row.ts";
import { medianOf, spreadOf } from "../harness/statistics.ts";
import type { Memory } from "../harness/worker.ts";

/** TCP ingest of many connections. */
export const tcpMany: Row = {
  name: "tcp-many",
  summary: "TCP heartbeats through serveTcpHeartbeats, 1,000 and 10,000 connections, 80,000/s",
  onNode: true,
  async measure(tools) {
    const python = await tools.peers.start("tcp_ingest.py");
    const ws = await tools.peers.start("ws_server.mjs", PING_INTERVAL);
    const peers = [...python, ...ws];
    const results = [...await measure(tools, 1_000, peers), ...await measure(tools, 10_000, [])];
    await stopAll(...peers);
    return results;
  },
};

/** CPU and memory with so many connections, in processes of their own. */
async function measure(
  tools: Tools,
  connections: number,
  peers: readonly Worker[],
): Promise<Result[]> {
  const ours = await tools.children.worker("product/workers/tcp.ts");
  const floor = await tools.children.worker("floors/deno.ts", "tcp", SMALL_READ);
  const low = await inTurns(tools, [ours, floor], connections, LOW_RATE, LOW_ROUNDS);
  const high = await inTurns(tools, [ours, floor, ...peers], connections, HIGH_RATE, HIGH_ROUNDS);
  await stopAll(ours, floor);
  const name = `TCP ingest, ${connections.toLocaleString("en")} connections`;
  const work = { work: `${name}: CPU per message`, thing: "message", by: "cpu" } as const;
  const note = `at a low rate ${noteOf(low.readings, "message")}`;
  const thrift = resultOf(work, high.readings, note);
  return [
    { ...thrift, ...atLeast(0.9, "x a bare read loop", thrift.ratio.median) },
    memoryResult(`${name}: resident memory`, high.footprints, connections),
  ];
}

/** What a side takes with all connections open. */
interface Footprint {
  readonly name: string;
  /** Of the process as it runs, at the end of each of its turns: more or less of it waits to be collected. */
  readonly resident: number[];
  /** Since it listens, after a collection. */
  readonly grown: Memory;
}

/** @param rate messages a second on all connections together */
async function inTurns(
  { loads }: Tools,
  workers: Readings<Worker>,
  connections: number,
  rate: number,
  rounds: number,
) {
  const running = new Map<Worker, Load>();
  const resident = new Map<Worker, number[]>(workers.map((worker) => [worker, []]));
  const start = (worker: Worker) => {
    const { port, framed } = worker.ready;
    const load = running.get(worker) ??
      loads.start(framed ? "ws_beats" : "tcp_beats", port, connections, rate, LONGEST);
    running.set(worker, load);
    load.resume();
    const stop = async () => {
      resident.get(worker)!.push(await worker.ask("resident"));
      load.pause();
    };
    return { check: () => load.check(), stop };
  };
  const readings = await compare(workers, { start, rounds, duration: DURATION });
  const footprints: Footprint[] = [];
  for (const worker of workers) {
    const grown = await worker.ask("memory");
    footprints.push({ name: worker.name, resident: resident.get(worker)!, grown });
  }
  await stopAll(...running.values());
  return { readings, footprints };
}

function memoryResult(
  work: string,
  footprints: readonly Footprint[],
  connections: number,
): Result {
  const [ours, floor, ...peers] = footprints as [Footprint, Footprint, ...Footprint[]];
  const each = (bytes: number): string => `${(bytes / connections / 1_024).toFixed(1)} KiB`;
  const text = ({ resident }: Footprint) => megabytes(medianOf(resident));
  const course = ({ resident, grown }: Footprint): string => {
    const { min, max } = spreadOf(resident);
    return `${megabytes(min)} to ${megabytes(max)}, a connection takes ${
      each(grown.held)
    } of heap and ` +
      `external memory and ${each(grown.resident)} resident`;
  };
  const ratio = medianOf(ours.resident) / medianOf(floor.resident);
  return {
    work,
    ours: `${text(ours)}, ${ratio.toFixed(2)} x`,
    floor: text(floor),
    checked: spreadOf([1 / ratio]),
    ...atMost(1.3, "x a bare read loop's", ratio),
    peers: peers.map((peer) =>
      peerLine(
        peer.name,
        [text(ours), text(peer)],
        [[medianOf(ours.resident)], [medianOf(peer.resident)]],
        "less",
        `a connection takes ${each(peer.grown.resident)} resident, after a collection`,
      )
    ),
    notes: [
      "of the whole process while messages come, at the end of each turn, and of a connection after a " +
      `collection: ours ${course(ours)}; floor ${
        course(floor)
      }; the resident memory includes what it ` +
      "took to run at all",
    ],
  };
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
export const SMALL_READ = 256;
/** Of the recipe of `ws`, in ms; a load that is held still answers no ping, so none falls into the row. */
const PING_INTERVAL = 600_000;
/** The load ends after so many ms by itself, should nobody end it. */
const LONGEST = 600_000;
