/**
 * One sequence as fast as it goes.
 *
 * This file knows the target. It does not know how rounds are run, nor what the ends do.
 *
 * @module
 */
import type { Worker } from "../harness/children.ts";
import type { Peer, Peers } from "../peers/peers.ts";
import { alternate } from "../harness/rounds.ts";
import type { Result, Row, Tools } from "../harness/row.ts";
import { formatRate, formatSpread, spreadOf } from "../harness/spread.ts";
import type { Interval } from "../harness/worker.ts";

/** Numbers a second, from `serveSequence` through a socket to the loop of a user. */
export const sequenceStream: Row = {
  name: "sequence-stream",
  summary: "one sequence without an interval, serveSequence to receiveSequence",
  async measure({ children, peers }: Tools): Promise<Result[]> {
    const servers = {
      ours: await children.worker("product/workers/sequence_stream.ts"),
      floor: await children.worker("floors/sequence_stream.ts"),
    };
    const sides = {
      ours: await children.worker("product/workers/sequence_stream.ts", servers.ours.ready.port),
      floor: await children.worker("floors/sequence_stream.ts", servers.floor.ready.port),
    };
    const bothEnds = { ours: [servers.ours, sides.ours], floor: [servers.floor, sides.floor] };
    for (const worker of Object.values(bothEnds).flat()) await worker.ask("begin");
    const others = await pairsOf(peers);
    const found = await alternate({ ...sides, peers: others.map(({ client }) => client) });
    const ours = await costsOf(bothEnds.ours);
    const floor = await costsOf(bothEnds.floor);
    for (const { ours, floor } of [sides, servers]) await Promise.all([ours.stop(), floor.stop()]);
    for (const { client, stop } of others) {
      await client.stop();
      await stop();
    }
    const thrift = (floor.server + floor.client) / (ours.server + ours.client);
    return [{
      work: "sequence without interval: one stream",
      ours: formatRate(found.ours.median),
      floor: formatRate(found.floor.median),
      ratio: found.ratio,
      checked: spreadOf([thrift]),
      target: `>= ${TARGET / 1000} k/s delivered and checked`,
      met: found.ours.median >= TARGET,
      peers: found.peers.map(({ name, rate, ratio }) => ({
        name,
        ours: formatRate(found.ours.median),
        theirs: formatRate(rate.median),
        ratio,
        verdict: ratio.median >= 1 ? "ahead" : "behind",
        notes: [`${formatSpread(thousands(rate), 0)} k/s; ${WORK[name.split(" ")[0]!]}`],
      })),
      notes: [
        `ours ${formatSpread(thousands(found.ours), 0)} k/s; a number takes ${
          ours.server.toFixed(2)
        } us CPU ` +
        `of the server and ${
          ours.client.toFixed(2)
        } us of the client; the floor moves the same bytes and ` +
        "counts line feeds",
      ],
    }];
  },
};

/** CPU microseconds that each end took for a number, over all rounds. */
async function costsOf([server, client]: readonly Worker[]) {
  const { cpu: sent } = await server!.ask("end") as Interval;
  const { cpu: received, count } = await client!.ask("end") as Interval;
  return { server: sent / count, client: received / count };
}

/** Two ends that talk to each other, and how the one that is not asked is ended. */
interface Pair {
  readonly client: Peer;
  stop(): Promise<void>;
}

async function pairsOf(peers: Peers): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const module of ["sequence_stream.py", "socketio_stream.mjs"]) {
    const [server] = await peers.start(module);
    const [client] = server ? await peers.start(module, server.ready.port) : [];
    if (client) pairs.push({ client, stop: server!.stop });
  }
  const [broker] = await peers.nats();
  const [publisher] = broker ? await peers.start("nats_stream.mjs", "serve", broker.port) : [];
  const [client] = publisher ? await peers.start("nats_stream.mjs", "receive", broker!.port) : [];
  if (client) {
    const stop = async () => {
      await publisher!.stop();
      await broker!.stop();
    };
    pairs.push({ client, stop });
  }
  return pairs;
}

function thousands({ median, min, max }: { median: number; min: number; max: number }) {
  return { median: median / 1000, min: min / 1000, max: max / 1000 };
}

/** Where the work of a peer differs from ours, by the first word of its name. */
const WORK: Readonly<Record<string, string>> = {
  Python: "lines and the same checksum over a bare socket, and no session to go on with",
  "socket.io":
    "an event for each number with connection state recovery, the client confirms each " +
    "batch of 4,096, the same checksum",
  NATS:
    "through nats-server into a stream in memory, an ordered consumer that asks for 4,096 at a " +
    "time and confirms none, the same checksum",
};
/** Numbers a second. */
const TARGET = 500_000;
