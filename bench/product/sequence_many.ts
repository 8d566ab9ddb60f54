/**
 * 10,000 sequences of one number a second.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import {
  CannotMeasure,
  type Children,
  stopAll,
  v8FlagsOf,
  type Worker,
} from "../harness/children.ts";
import { readingOf } from "../harness/rounds.ts";
import { atMost, type PeerLine, peerLine, type Row, type Tools } from "../harness/row.ts";
import { formatSpread, type Lateness, medianOf, range, ratioOf } from "../harness/statistics.ts";
import type { Peers } from "../peers/peers.ts";
import type { Interval, Memory } from "../harness/worker.ts";

/** How long they take to start, how late numbers leave, and what a session takes of the memory. */
export const sequenceMany: Row = {
  name: "sequence-many",
  summary: "10,000 sequences of one number a second, next to a server that only writes",
  onNode: true,
  async measure(tools) {
    const { children } = tools;
    const ours: Reading[] = [], floor: Reading[] = [], others = othersOf(tools);
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await read(await openSequences(children)));
      floor.push(await read(await openSequences(children, { module: WRITER, kind: "silent" })));
      for (const other of others) await other.measure(tools.peers);
    }
    const reading = [await read(await openSequences(children, { module: WRITER }))];
    const long = [await read(await openSequences(children), LONG)];
    const untold = [await read(await openSequences(children, { v8Flags: [] }), LONG)];
    const peers = others.filter(({ readings }) => readings.length > 0);

    const late = ratioOf(p99(ours), p99(floor));
    const heldRatio = ratioOf(each(ours, "held"), each(floor, "held"));
    const residentRatio = ratioOf(each(ours, "resident"), each(floor, "resident"));
    const most = Math.max(...each([...ours, ...long], "resident"));
    const text = (all: readonly Reading[]): string =>
      `${range(each(all, "held"), 1)} KiB held and ${range(each(all, "resident"), 1)} KiB resident`;
    return [{
      work: "10,000 sequences: start of all",
      ours: `${medianOf(starts(ours)).toFixed(1)} s`,
      floor: `${medianOf(starts(floor)).toFixed(1)} s`,
      ...atMost(10, "s", medianOf(starts(ours))),
      notes: [
        `ours ${range(starts(ours))} s, floor ${
          range(starts(floor))
        } s; the load begins them evenly ` +
        `over ${START_SPAN / 1_000} s`,
      ],
    }, {
      work: "10,000 sequences: send lateness p99",
      ours: `${medianOf(p99(ours)).toFixed(1)} ms`,
      floor: `${medianOf(p99(floor)).toFixed(1)} ms`,
      ratio: late,
      ...atMost(1.5, "x a bare writer's", late.median),
      peers: peers.map((peer) => latenessLine(peer, ours)),
      notes: [
        `ours ${latenessText(ours)}; floor ${latenessText(floor)}; one that also reads the ACKs ` +
        `${latenessText(reading)}; ours without options of V8, in a minute, ${
          latenessText(untold)
        }`,
      ],
    }, {
      work: "10,000 sequences: server memory per session",
      ours: `${medianOf(each(ours, "held")).toFixed(1)} KiB`,
      floor: `${medianOf(each(floor, "held")).toFixed(1)} KiB`,
      ratio: heldRatio,
      ...atMost(1.5, "x a bare writer's", Math.max(heldRatio.median, residentRatio.median)),
      peers: peers.map((peer) => memoryLine(peer, ours)),
      notes: [
        `held is heap and external memory after a collection; ours ${text(ours)}, floor ` +
        `${text(floor)}, one that also reads the ACKs ${text(reading)}; resident memory, which ` +
        `includes what was not collected in time, is ${formatSpread(residentRatio)} x the floor's`,
      ],
    }, {
      work: "10,000 sequences: resident memory per session",
      ours: `${most.toFixed(1)} KiB`,
      floor: `${Math.max(...each(floor, "resident")).toFixed(1)} KiB`,
      ...atMost(16, "KiB", most),
      notes: [
        `the most of ${ROUNDS} readings after ${(SETTLE + DURATION) / 1_000} s, ` +
        `${range(each(ours, "resident"), 1)} KiB, and one after ${(SETTLE + LONG) / 1_000} s, ` +
        `${
          each(long, "resident")[0]!.toFixed(1)
        } KiB, less what was resident before the clients came; ` +
        `all by \`${SERVER_FLAGS.join(" ")}\`, as \`deno task seq-server\` runs; without it ` +
        `${
          each(untold, "resident")[0]!.toFixed(1)
        } KiB in the longer one, for V8 then lets garbage lie`,
      ],
    }];
  },
};

/** Both ends of many sequences. */
export interface Ends {
  readonly server: Worker;
  readonly load: Worker;
}

/** Starts both ends in processes of their own: resident memory does not shrink. */
export async function openSequences(
  children: Children,
  { module = OURS, kind = "talking", v8Flags = SERVER_FLAGS, span = START_SPAN } = {},
): Promise<Ends> {
  const talking = Number(kind === "talking");
  const server = await children.tuned(v8Flags, ...module, INTERVAL, CLIENTS, talking);
  const args = [server.ready.port, CLIENTS, span, kind];
  return { server, load: await children.worker("load/sequence_load.ts", ...args) };
}

/** Throws if a load saw lines that should not have come. */
export async function seenBy(load: Worker): Promise<void> {
  const { wrong } = await load.ask("seen");
  if (wrong > 0) throw new CannotMeasure(`${wrong} lines were not expected`);
}

/** One side in one round. */
interface Reading {
  /** From the first connection until all clients have a session, in ms. */
  readonly start: number;
  readonly lateness: Lateness;
  readonly interval: Interval;
  readonly memory: Memory;
}

async function read({ server, load }: Ends, duration = DURATION): Promise<Reading> {
  const start = await load.ask("start") as number | null;
  await delay(SETTLE);
  await server.ask("lateness");
  await server.ask("begin");
  await delay(duration);
  const interval = await server.ask("end");
  const lateness = await server.ask("lateness");
  const memory = await server.ask("memory");
  await seenBy(load).finally(() => stopAll(load, server));
  if (start === null) throw new CannotMeasure(`it did not start ${CLIENTS} streams`);
  return { start, lateness, interval, memory };
}

/** A peer over the rounds since it was last not to be read. */
class Other {
  readonly readings: Reading[] = [];
  readonly #open: () => Promise<Ends | undefined>;
  name = "";

  constructor(open: () => Promise<Ends | undefined>) {
    this.#open = open;
  }

  /** Takes one reading, if this machine lets it. */
  async measure(peers: Peers): Promise<void> {
    const ends = await this.#open();
    if (!ends) return;
    this.name = ends.server.name;
    try {
      this.readings.push(await read(ends));
    } catch (error) {
      peers.leaveOut(this.name, error);
      this.readings.length = 0;
    }
  }
}

function othersOf({ children, peers }: Tools): Other[] {
  return [
    new Other(async () => {
      const [server] = await peers.start("sequence_many.py", INTERVAL);
      if (!server) return undefined;
      const args = [server.ready.port, CLIENTS, START_SPAN, "talking"];
      return { server, load: await children.worker("load/sequence_load.ts", ...args) };
    }),
    new Other(async () => {
      const [server] = await peers.start("socketio_server.mjs", INTERVAL, HEARTBEAT, WINDOW);
      if (!server) return undefined;
      const args = [server.ready.port, CLIENTS, SLOW_START * CLIENTS];
      return { server, load: await children.worker("peers/socketio_load.ts", ...args) };
    }),
  ];
}

/** How late the numbers of a peer left. */
function latenessLine({ name, readings }: Other, all: readonly Reading[]): PeerLine {
  const ours = all.slice(-readings.length);
  const texts = [ours, readings].map((side) => `${medianOf(p99(side)).toFixed(1)} ms`);
  const note = `${latenessText(readings)}, all were there after ${range(starts(readings), 1)} s`;
  return peerLine(
    name,
    [texts[0]!, texts[1]!],
    [p99(ours), p99(readings)],
    "less",
    `${note}; ${WORK[name.split(" ")[0]!]}`,
  );
}

/** A peer by what is held, or by what is resident where a runtime does not tell the first. */
function memoryLine({ name, readings }: Other, all: readonly Reading[]): PeerLine {
  const ours = all.slice(-readings.length);
  const told = readings.every(({ memory }) => memory.held !== undefined);
  const kind = told ? "held" : "resident";
  const text = (side: readonly Reading[], kind: "held" | "resident"): string =>
    `${medianOf(each(side, kind)).toFixed(1)} KiB${kind === "held" ? "" : " resident"}`;
  return peerLine(
    name,
    [text(ours, kind), text(readings, kind)],
    [each(ours, kind), each(readings, kind)],
    "less",
    ...(told ? [`${text(readings, "resident")}, ours ${text(ours, "resident")}`] : []),
  );
}

function starts(readings: readonly Reading[]): number[] {
  return readings.map(({ start }) => start / 1_000);
}

function p99(readings: readonly Reading[]): number[] {
  return readings.map(({ lateness }) => lateness.p99);
}

/** KiB a session. */
function each(readings: readonly Reading[], kind: "held" | "resident"): number[] {
  return readings.map(({ memory }) => memory[kind] / CLIENTS / 1_024);
}

function latenessText(readings: readonly Reading[]): string {
  const p50 = range(readings.map(({ lateness }) => lateness.p50), 1);
  const most = Math.max(...readings.map(({ lateness }) => lateness.most));
  const { cpu, busy } = readingOf("", readings.map(({ interval }) => interval));
  return `p99 ${range(p99(readings), 1)} ms, p50 ${p50} ms, largest ${most.toFixed(0)} ms, ` +
    `${medianOf(cpu).toFixed(1)} us CPU per number (${medianOf(busy).toFixed(0)} % of a core)`;
}

/** Where the work of a peer differs from ours, by the first word of its name. */
const WORK: Readonly<Record<string, string>> = {
  Python:
    "the same lines over bare sockets from a wheel of milliseconds, ACKs read, no session kept",
  "socket.io":
    "connection state recovery of 30 s, an event for each number from the same wheel and " +
    "one back for every three; its clients are as lean as ours, and begin one every 2 ms, as fast as it " +
    "accepts them while it sends",
};
/** How many clients there are, with one sequence each. */
export const CLIENTS = 10_000;
/** In ms, like all below. */
export const INTERVAL = 1_000;
/** All begin in so many ms, two intervals, so that numbers are due evenly over each. */
const START_SPAN = 2_000;
/** From the last start to the start of the measurement. */
const SETTLE = 2_000;
const DURATION = 6_000;
/** The same where all must have come that is not collected. */
const LONG = 60_000;
/** For each stream of a peer that takes longer to accept them. */
const SLOW_START = 2;
/** Of peers: as the library by default. */
const HEARTBEAT = 5_000, WINDOW = 30_000;
const ROUNDS = 3;
const OURS: readonly [string, ...string[]] = ["product/workers/sequence_many.ts"];
const WRITER: readonly [string, ...string[]] = ["floors/deno.ts", "writer"];
/** Options of servers, ours and bare ones alike. */
const SERVER_FLAGS = v8FlagsOf("seq-server");
