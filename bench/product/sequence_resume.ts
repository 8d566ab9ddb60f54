/**
 * How fast a sequence goes on when the network is back, and whether anything is missing then.
 *
 * This file knows the number of trials and the target. It does not know what happens to the network.
 *
 * @module
 */
import type { Worker } from "../harness/children.ts";
import { type Lateness, LatenessLog } from "../harness/lateness.ts";
import { HEARTBEAT } from "../harness/outage.ts";
import type { Peer } from "../peers/peers.ts";
import type { PeerLine, Result, Row, Tools } from "../harness/row.ts";

/** From the moment at which a client may be back to the moment at which it is. */
export const sequenceResume: Row = {
  name: "sequence-resume",
  summary: "sequence clients whose way to the server is cut, a blackhole, or vanishes",
  async measure(tools: Tools): Promise<Result[]> {
    const server = await tools.children.worker("product/workers/sequence_resume.ts");
    const others = [...await socketio(tools), ...await nats(tools)];
    const results: Result[] = [];
    for (const kind of ["proxy", "relay"] as const) {
      const port = server.ready.port as number;
      const clients = await tools.children.worker(
        "product/workers/sequence_resume.ts",
        port,
        CLIENTS,
        kind,
      );
      const ways = await Promise.all(others.map((other) => other.open(kind)));
      for (const fault of FAULTS.filter(({ way }) => way === kind)) {
        results.push(resultOf(fault, await repeated(clients, ways.flat(), fault)));
      }
      for (const { clients, way } of ways.flat()) await stopped(clients, way);
      await clients.stop();
    }
    for (const { stop } of others) await stop();
    await server.stop();
    return results;
  },
};

/** What happens to a way, and how often. */
interface Fault {
  readonly name: string;
  readonly way: "proxy" | "relay";
  readonly rounds: number;
  readonly meaning: string;
}

const FAULTS: readonly Fault[] = [
  { name: "cut", way: "proxy", rounds: 15, meaning: "the proxy refuses for 100 to 600 ms" },
  {
    name: "blackhole",
    way: "proxy",
    rounds: 6,
    meaning: "nothing comes through until the clients have hung up",
  },
  {
    name: "vanish",
    way: "relay",
    rounds: 10,
    meaning: "clients lose their link, and the server does not hear of it",
  },
];

/** A peer's server. */
interface Other {
  /** Opens a way to it, with clients of its own; none where they cannot be started. */
  open(kind: "proxy" | "relay"): Promise<OtherWay[]>;
  stop(): Promise<void>;
}

interface OtherWay {
  readonly clients: Peer;
  readonly way: Worker;
}

async function socketio({ children, peers }: Tools): Promise<Other[]> {
  const [server] = await peers.start("socketio_server.mjs", INTERVAL, HEARTBEAT, WINDOW);
  if (!server) return [];
  return [{
    async open(kind) {
      const way = await children.worker("peers/way.ts", kind, server.ready.port);
      const args = [way.ready.port, CLIENTS, FIRST_WAIT, kind];
      const [clients] = await peers.start("socketio_resume.mjs", ...args);
      return clients ? [{ clients, way }] : [];
    },
    stop: () => server.stop(),
  }];
}

async function nats({ children, peers }: Tools): Promise<Other[]> {
  const [broker] = await peers.nats();
  const args = [CLIENTS, INTERVAL, HEARTBEAT, FIRST_WAIT];
  const [publisher] = broker
    ? await peers.start("nats_resume.mjs", "serve", broker.port, ...args)
    : [];
  if (!broker || !publisher) return [];
  return [{
    async open(kind) {
      const way = await children.worker("peers/way.ts", kind, broker.port);
      const [clients] = await peers.start("nats_resume.mjs", "receive", way.ready.port, ...args);
      return clients ? [{ clients, way }] : [];
    },
    stop: () => stopped(publisher, broker),
  }];
}

async function stopped(...all: readonly { stop(): Promise<void> }[]): Promise<void> {
  for (const one of all) await one.stop();
}

/** What was found for one fault. */
interface Found {
  readonly ours: Lateness;
  readonly received: number;
  /** Of ours, those that were not the next number. */
  readonly wrong: number;
  readonly peers: readonly {
    readonly name: string;
    readonly took: Lateness;
    readonly seen: Seen;
  }[];
}

/** What became of the numbers of a peer. */
interface Seen {
  readonly received: number;
  readonly lost: number;
  readonly repeated: number;
  readonly reordered: number;
}

async function repeated(
  clients: Worker,
  others: readonly OtherWay[],
  { name, rounds }: Fault,
): Promise<Found> {
  const ours = new LatenessLog(), logs = others.map(() => new LatenessLog());
  for (const { clients } of others) await clients.ask("steady");
  const before = await Promise.all(others.map(({ clients }) => clients.ask("seen")));
  const then = await clients.ask("seen");
  for (let round = 0; round < rounds; round++) {
    for (const took of await clients.ask(name) as number[]) ours.add(took);
    for (const [i, { clients, way }] of others.entries()) {
      await clients.ask("steady");
      const healed = await way.ask(name) as number;
      const back = await clients.ask("back") as { at: number; tried: number }[];
      for (const { at, tried } of back) logs[i]!.add(at - Math.max(healed, tried));
    }
  }
  const peers = [];
  for (const [i, { clients }] of others.entries()) {
    const seen = difference(await clients.ask("seen") as Seen, before[i] as Seen);
    peers.push({ name: clients.name, took: logs[i]!.take(), seen });
  }
  const { received, wrong } = await clients.ask("seen");
  const counts = { received: received - then.received, wrong: wrong - then.wrong };
  return { ours: ours.take(), ...counts, peers };
}

function difference(after: Seen, before: Seen): Seen {
  return {
    received: after.received - before.received,
    lost: after.lost - before.lost,
    repeated: after.repeated - before.repeated,
    reordered: after.reordered - before.reordered,
  };
}

function resultOf({ name, meaning }: Fault, { ours, received, wrong, peers }: Found): Result {
  const { count, p50, p99, most } = ours;
  return {
    work: `sequence resumed after a ${name}: p99 beyond backoff`,
    ours: `${p99.toFixed(1)} ms`,
    floor: "-",
    target: `<= ${TARGET} ms + backoff`,
    met: p99 <= TARGET && wrong === 0,
    peers: peers.map((peer) => lineOf(peer, ours)),
    notes: [
      `${meaning}; ${count} resumes of ${CLIENTS} clients, from the heal or the end of the wait that ` +
      `a client had announced, whichever was later, to its \`resumed\`: p50 ${
        p50.toFixed(1)
      } ms, ` +
      `largest ${most.toFixed(1)} ms; of ${received} numbers ${wrong} were not the next one`,
    ],
  };
}

function lineOf({ name, took, seen }: Found["peers"][number], ours: Lateness): PeerLine {
  const { received, lost, repeated, reordered } = seen;
  const whole = lost + repeated + reordered === 0;
  const order = ours.p99 <= took.p99 ? "ahead" : "behind";
  return {
    name,
    ours: `${ours.p99.toFixed(1)} ms, 0 lost`,
    theirs: `${took.p99.toFixed(1)} ms, ${lost} lost`,
    verdict: whole ? order : "it loses numbers",
    notes: [
      `from the heal or its attempt to connect, whichever was later, to the next number: p50 ` +
      `${took.p50.toFixed(1)} ms, largest ${took.most.toFixed(1)} ms; of ${
        received + lost
      } numbers ` +
      `${lost} lost, ${repeated} repeated, ${reordered} out of order`,
    ],
  };
}

const CLIENTS = 20;
/** In ms, like all here. */
const TARGET = 50;
const INTERVAL = 100;
/** How long a peer keeps what a client has missed: as long as the library by default. */
const WINDOW = 30_000;
/** Before the first attempt of a peer, about as the library. */
const FIRST_WAIT = 250;
