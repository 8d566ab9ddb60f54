/**
 * One sequence as fast as it goes.
 *
 * @module
 */
import { stopAll, type Worker } from "../harness/children.ts";
import { alternate } from "../harness/rounds.ts";
import { atLeast, peerLine, type Row } from "../harness/row.ts";
import { formatRate, medianOf, range, ratioOf, spreadOf } from "../harness/statistics.ts";
import type { Peers, Stoppable } from "../peers/peers.ts";

/** Numbers a second, from `serveSequence` through a socket to the loop of a user. */
export const sequenceStream: Row = {
  name: "sequence-stream",
  summary: "one sequence without an interval, serveSequence to receiveSequence",
  onNode: true,
  async measure({ children, peers }) {
    const module = "product/workers/sequence_stream.ts",
      floors = ["floors/deno.ts", "stream"] as const;
    const servers = [await children.worker(module), await children.worker(...floors)];
    const clients = [
      await children.worker(module, servers[0]!.ready.port),
      await children.worker(...floors, servers[1]!.ready.port),
    ];
    for (const worker of [...servers, ...clients]) await worker.ask("begin");
    const others = await pairsOf(peers);
    const found = await alternate([...clients, ...others.map(({ client }) => client)]);
    const [ours, floor, ...theirs] = found as [number[], number[], ...number[][]];
    const [our, its] = [
      await costOf(servers[0]!, clients[0]!),
      await costOf(servers[1]!, clients[1]!),
    ];
    await stopAll(...clients, ...servers);
    for (const { client, ends } of others) await stopAll(client, ...ends);
    const text = (rates: readonly number[]) => formatRate(medianOf(rates));
    return [{
      work: "sequence without interval: one stream",
      ours: text(ours),
      floor: text(floor),
      ratio: ratioOf(ours, floor),
      checked: spreadOf([(its.server + its.client) / (our.server + our.client)]),
      ...atLeast(500, "k/s delivered and checked", medianOf(ours) / 1000),
      peers: theirs.map((rates, i) => {
        const { name } = others[i]!.client;
        const note = `${range(rates, 0, 1 / 1000)} k/s; ${WORK[name.split(" ")[0]!]}`;
        return peerLine(name, [text(ours), text(rates)], [ours, rates], "more", note);
      }),
      notes: [
        `ours ${range(ours, 0, 1 / 1000)} k/s; a number takes ${
          our.server.toFixed(2)
        } us CPU of the ` +
        `server and ${
          our.client.toFixed(2)
        } us of the client; the floor moves as many bytes and counts ` +
        "line feeds",
      ],
    }];
  },
};

/** CPU microseconds that each end took for a number, over all rounds. */
async function costOf(server: Worker, client: Worker) {
  const { cpu: sent } = await server.ask("end");
  const { cpu: received, count } = await client.ask("end");
  return { server: sent / count, client: received / count };
}

/** Clients of peers with the ends that are not asked. */
async function pairsOf(peers: Peers): Promise<{ client: Worker; ends: Stoppable[] }[]> {
  const pairs = [];
  for (const module of ["sequence_stream.py", "socketio_stream.mjs"]) {
    const [server] = await peers.start(module);
    const [client] = server ? await peers.start(module, server.ready.port) : [];
    if (client) pairs.push({ client, ends: [server!] });
  }
  const [broker] = await peers.nats();
  const [publisher] = broker ? await peers.start("nats_stream.mjs", "serve", broker.port) : [];
  const [client] = publisher ? await peers.start("nats_stream.mjs", "receive", broker!.port) : [];
  if (client) pairs.push({ client, ends: [publisher!, broker!] });
  return pairs;
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
