/**
 * How fast a sequence goes on when the network is back, and whether anything is missing then.
 *
 * @module
 */
import { stopAll, type Worker } from "../harness/children.ts";
import { HEARTBEAT, INTERVAL } from "../harness/outage.ts";
import { atMost, type PeerLine, type Result, type Row, type Tools } from "../harness/row.ts";
import { type Lateness, latenessOf } from "../harness/statistics.ts";
import { difference } from "../harness/worker.ts";
import type { Stoppable } from "../peers/peers.ts";

/** From the moment at which a client may be back to the moment at which it is. */
export const sequenceResume: Row = {
  name: "sequence-resume",
  summary: "sequence clients whose way to the server is cut, a blackhole, or vanishes",
  async measure(tools) {
    const module = "product/workers/sequence_resume.ts";
    const server = await tools.children.worker(module);
    const others = [...await socketio(tools), ...await nats(tools)];
    const results: Result[] = [];
    for (const kind of ["proxy", "relay"] as const) {
      const clients = await tools.children.worker(module, server.ready.port, CLIENTS, kind);
      const ways = (await Promise.all(others.map(({ open }) => open(kind)))).flat();
      for (const fault of FAULTS.filter(({ way }) => way === kind)) {
        results.push(await measure(clients, ways, fault));
      }
      await stopAll(...ways.flatMap(({ clients, way }) => [clients, way]), clients);
    }
    await stopAll(...others.flatMap(({ ends }) => ends), server);
    return results;
  },
};

const FAULTS = [
  { name: "cut", way: "proxy", rounds: 15, meaning: "the proxy refuses for 100 to 600 ms" },
  {
    ...{ name: "blackhole", way: "proxy", rounds: 6 },
    meaning: "nothing comes through until the clients have hung up",
  },
  {
    ...{ name: "vanish", way: "relay", rounds: 10 },
    meaning: "clients lose their link, and the server does not hear of it",
  },
];

/** A peer's server. */
interface Other {
  /** Opens a way to it, with clients of its own; none where they cannot be started. */
  open(kind: "proxy" | "relay"): Promise<OtherWay[]>;
  readonly ends: readonly Stoppable[];
}

interface OtherWay {
  readonly clients: Worker;
  readonly way: Worker;
}

async function socketio({ children, peers }: Tools): Promise<Other[]> {
  const [server] = await peers.start("socketio_server.mjs", INTERVAL, HEARTBEAT, WINDOW);
  if (!server) return [];
  const open = async (kind: string): Promise<OtherWay[]> => {
    const way = await children.worker("peers/way.ts", kind, server.ready.port);
    const args = [way.ready.port, CLIENTS, FIRST_WAIT, kind];
    const [clients] = await peers.start("socketio_resume.mjs", ...args);
    return clients ? [{ clients, way }] : [];
  };
  return [{ open, ends: [server] }];
}

async function nats({ children, peers }: Tools): Promise<Other[]> {
  const [broker] = await peers.nats();
  if (!broker) return [];
  const start = (role: string, port: number) =>
    peers.start("nats_resume.mjs", role, port, CLIENTS, INTERVAL, HEARTBEAT, FIRST_WAIT);
  const [publisher] = await start("serve", broker.port);
  if (!publisher) return [];
  const open = async (kind: string): Promise<OtherWay[]> => {
    const way = await children.worker("peers/way.ts", kind, broker.port);
    const [clients] = await start("receive", way.ready.port);
    return clients ? [{ clients, way }] : [];
  };
  return [{ open, ends: [publisher, broker] }];
}

async function measure(
  clients: Worker,
  others: readonly OtherWay[],
  { name, rounds, meaning }: typeof FAULTS[number],
): Promise<Result> {
  for (const { clients } of others) await clients.ask("steady");
  const before = await clients.ask("seen");
  const theirs = await Promise.all(others.map(({ clients }) => clients.ask("seen")));
  const took: number[] = [], tookThem: number[][] = others.map(() => []);
  for (let round = 0; round < rounds; round++) {
    took.push(...await clients.ask(name));
    for (const [i, { clients, way }] of others.entries()) {
      await clients.ask("steady");
      const healed = await way.ask(name);
      for (const { at, tried } of await clients.ask("back")) {
        tookThem[i]!.push(at - Math.max(healed, tried));
      }
    }
  }
  const ours = latenessOf(took), peers: PeerLine[] = [];
  for (const [i, { clients }] of others.entries()) {
    const seen = difference(await clients.ask("seen"), theirs[i]);
    peers.push(lineOf(clients.name, ours, latenessOf(tookThem[i]!), seen));
  }
  const { received, wrong } = difference(await clients.ask("seen"), before);
  return {
    work: `sequence resumed after a ${name}: p99 beyond backoff`,
    ours: `${ours.p99.toFixed(1)} ms`,
    ...atMost(50, "ms + backoff", wrong === 0 ? ours.p99 : Infinity),
    peers,
    notes: [
      `${meaning}; ${ours.count} resumes of ${CLIENTS} clients, from the heal or the end of the wait that ` +
      "a client had announced, whichever was later, to its `resumed`: " +
      `p50 ${ours.p50.toFixed(1)} ms, largest ${ours.most.toFixed(1)} ms; of ${received} numbers ` +
      `${wrong} were not the next one`,
    ],
  };
}

function lineOf(
  name: string,
  ours: Lateness,
  took: Lateness,
  { received, lost, repeated, reordered }: Record<string, number>,
): PeerLine {
  const whole = lost! + repeated! + reordered! === 0;
  const order = ours.p99 <= took.p99 ? "ahead" : "behind";
  return {
    name,
    ours: `${ours.p99.toFixed(1)} ms, 0 lost`,
    theirs: `${took.p99.toFixed(1)} ms, ${lost} lost`,
    verdict: whole ? order : "it loses numbers",
    notes: [
      "from the heal or its attempt to connect, whichever was later, to the next number: " +
      `p50 ${took.p50.toFixed(1)} ms, largest ${took.most.toFixed(1)} ms; of ${
        received! + lost!
      } ` +
      `numbers ${lost} lost, ${repeated} repeated, ${reordered} out of order`,
    ],
  };
}

const CLIENTS = 20;
/** How long a peer keeps what a client has missed, in ms: as long as the library by default. */
const WINDOW = 30_000;
/** Before the first attempt of a peer, about as the library, in ms. */
const FIRST_WAIT = 250;
