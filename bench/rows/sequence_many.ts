/**
 * 10,000 sequences of one number a second.
 *
 * This file knows the course of events and the targets. It does not know how a server keeps its schedule.
 *
 * @module
 */
import { CannotMeasure, type Worker } from "../harness/children.ts";
import type { Lateness } from "../harness/lateness.ts";
import type { Peer } from "../harness/peers.ts";
import type { PeerLine, Result, Row, Tools } from "../harness/row.ts";
import { formatSpread, type Spread, spreadOf } from "../harness/spread.ts";
import { v8FlagsOf } from "../harness/task_flags.ts";
import type { Interval, Memory } from "../harness/worker.ts";

/** How long they take to start, how late numbers leave, and what a session takes of the memory. */
export const sequenceMany: Row = {
  name: "sequence-many",
  summary: "10,000 sequences of one number a second, next to a server that only writes",
  async measure(tools: Tools): Promise<Result[]> {
    const ours: Reading[] = [], floor: Reading[] = [];
    const others = othersOf(tools);
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await read(await open(tools, "sequence_many.ts", "talking")));
      floor.push(await read(await open(tools, "sequence_writer.ts", "silent")));
      for (const other of others) await other.measure();
    }
    for (const { name, readings, failure } of others) {
      if (failure && readings.length === 0) tools.peers.leaveOut(name, failure);
    }
    const reading = await read(await open(tools, "sequence_writer.ts", "talking"));
    const long = await read(await open(tools, "sequence_many.ts", "talking"), LONG);
    const untold = await read(await open(tools, "sequence_many.ts", "talking", []), LONG);
    const peers = others.filter(({ readings }) => readings.length > 0);
    return [
      startResult(ours, floor),
      {
        ...latenessResult(ours, floor, { reading, untold }),
        peers: peers.map((peer) => latenessLine(peer, ours)),
      },
      { ...memoryResult(ours, floor, reading), peers: peers.map((peer) => memoryLine(peer, ours)) },
      residentResult(ours, floor, { long, untold }),
    ];
  },
};

/** One side in one round. */
interface Reading {
  /** From the first connection until all clients have a session, in ms. */
  readonly start: number;
  readonly lateness: Lateness;
  readonly interval: Interval;
  readonly memory: Memory;
}

/** Both ends of one reading. */
interface Ends {
  readonly server: Worker;
  readonly load: Worker;
}

/** Processes of its own for each reading: resident memory does not shrink. */
async function open(
  { children }: Tools,
  module: string,
  kind: string,
  v8Flags = V8_FLAGS,
): Promise<Ends> {
  const server = await children.tuned(v8Flags, module, INTERVAL, CLIENTS, kind);
  const args = [server.ready.port, CLIENTS, START_SPAN, kind];
  return { server, load: await children.worker("sequence_load.ts", ...args) };
}

async function read({ server, load }: Ends, duration = DURATION): Promise<Reading> {
  const start = await load.ask("start") as number | null;
  await delay(SETTLE);
  const [lateness, interval] = await steady(server, duration);
  const memory = await server.ask("memory") as Memory;
  const { wrong } = await load.ask("seen") as { wrong: number };
  await load.stop();
  await server.stop();
  if (start === null) {
    throw new CannotMeasure(`Cannot measure: it did not start ${CLIENTS} streams`);
  }
  if (wrong > 0) throw new CannotMeasure(`Cannot measure: ${wrong} lines were not expected`);
  return { start, lateness, interval, memory };
}

/** A peer over all rounds; with half the streams from where it could not hold as many. */
class Other {
  readonly readings: Reading[] = [];
  readonly #open: (streams: number) => Promise<[Peer, Worker] | undefined>;
  name = "";
  streams = CLIENTS;
  /** Why the last reading came to nothing. */
  failure: unknown;

  constructor(open: (streams: number) => Promise<[Peer, Worker] | undefined>) {
    this.#open = open;
  }

  /** Takes one reading, if this machine lets it. */
  async measure(): Promise<void> {
    const ends = await this.#open(this.streams);
    if (!ends) return;
    const [server, load] = ends;
    this.name = server.name;
    try {
      this.readings.push(await read({ server, load }));
    } catch (error) {
      this.failure = error;
      this.readings.length = 0;
      this.streams /= 2;
    }
  }

  /** Ours in the rounds in which this one was read. */
  beside(ours: readonly Reading[]): readonly Reading[] {
    return ours.slice(-this.readings.length);
  }
}

function othersOf({ children, peers }: Tools): Other[] {
  return [
    new Other(async (streams) => {
      const [server] = await peers.start("sequence_many.py", INTERVAL);
      if (!server) return undefined;
      const args = [server.ready.port, streams, START_SPAN, "talking"];
      return [server, await children.worker("sequence_load.ts", ...args)];
    }),
    new Other(async (streams) => {
      const args = [INTERVAL, HEARTBEAT, WINDOW];
      const [server] = await peers.start("socketio_server.mjs", ...args);
      if (!server) return undefined;
      const span = SLOW_START * streams;
      const load = ["socketio_load.ts", server.ready.port, streams, span] as const;
      return [server, await children.worker(...load)];
    }),
  ];
}

async function steady(server: Worker, duration: number): Promise<[Lateness, Interval]> {
  await server.ask("lateness");
  await server.ask("begin");
  await delay(duration);
  const interval = await server.ask("end") as Interval;
  return [await server.ask("lateness") as Lateness, interval];
}

function startResult(ours: readonly Reading[], floor: readonly Reading[]): Result {
  const of = (readings: readonly Reading[]) => spreadOf(readings.map(({ start }) => start / 1_000));
  return {
    work: "10,000 sequences: start of all",
    ours: `${of(ours).median.toFixed(1)} s`,
    floor: `${of(floor).median.toFixed(1)} s`,
    target: `<= ${START_TARGET} s`,
    met: of(ours).median <= START_TARGET,
    notes: [
      `ours ${formatSpread(of(ours))} s, floor ${
        formatSpread(of(floor))
      } s; the load begins them ` +
      `evenly over ${START_SPAN / 1_000} s`,
    ],
  };
}

function latenessResult(
  ours: readonly Reading[],
  floor: readonly Reading[],
  { reading, untold }: { readonly reading: Reading; readonly untold: Reading },
): Result {
  const of = (readings: readonly Reading[], key: keyof Lateness) =>
    spreadOf(readings.map(({ lateness }) => lateness[key]));
  const late = of(ours, "p99");
  const ratio = spreadOf(ours.map(({ lateness }, i) => lateness.p99 / floor[i]!.lateness.p99));
  const text = (readings: readonly Reading[]): string =>
    `p99 ${formatSpread(of(readings, "p99"), 1)} ms, p50 ${formatSpread(of(readings, "p50"), 1)} ` +
    `ms, largest ${of(readings, "most").max.toFixed(0)} ms, ${cost(readings)}`;
  return {
    work: "10,000 sequences: send lateness p99",
    ours: `${late.median.toFixed(1)} ms`,
    floor: `${of(floor, "p99").median.toFixed(1)} ms`,
    ratio,
    target: `<= ${MOST_RATIO} x a bare writer's`,
    met: ratio.median <= MOST_RATIO,
    notes: [
      `ours ${text(ours)}; floor ${text(floor)}; one that also reads the ACKs ${
        text([reading])
      }; ` +
      `ours without options of V8, in a minute, ${text([untold])}`,
    ],
  };
}

function latenessLine(other: Other, all: readonly Reading[]): PeerLine {
  const { name, readings, streams } = other;
  const ours = other.beside(all);
  const p99 = (readings: readonly Reading[]) => spreadOf(readings.map((one) => one.lateness.p99));
  const ratio = spreadOf(ours.map(({ lateness }, i) => lateness.p99 / readings[i]!.lateness.p99));
  const start = spreadOf(readings.map(({ start }) => start / 1_000));
  return {
    name,
    ours: `${p99(ours).median.toFixed(1)} ms`,
    theirs: `${p99(readings).median.toFixed(1)} ms`,
    ratio,
    verdict: ratio.median <= 1 ? "ahead" : "behind",
    notes: [
      ...(streams < CLIENTS ? [`it could not hold more than ${streams} streams`] : []),
      `p99 ${formatSpread(p99(readings), 1)} ms, ${cost(readings)}, all were there after ` +
      `${formatSpread(start, 1)} s; ${WORK[name.split(" ")[0]!]}`,
    ],
  };
}

/** By what is held, or by what is resident where a runtime does not tell the first. */
function memoryLine(other: Other, all: readonly Reading[]): PeerLine {
  const { name, readings, streams } = other;
  const ours = other.beside(all);
  const told = readings.every(({ memory }) => memory.held !== undefined);
  const kind = told ? "held" : "resident";
  const each = (reading: Reading, kind: keyof Memory): number =>
    reading.memory[kind] / (readings.includes(reading) ? streams : CLIENTS) / 1_024;
  const text = (readings: readonly Reading[], kind: keyof Memory): string => {
    const { median } = spreadOf(readings.map((reading) => each(reading, kind)));
    return `${median.toFixed(1)} KiB${kind === "held" ? "" : " resident"}`;
  };
  const ratio = spreadOf(ours.map((reading, i) => each(reading, kind) / each(readings[i]!, kind)));
  return {
    name,
    ours: text(ours, kind),
    theirs: text(readings, kind),
    ratio,
    verdict: ratio.median <= 1 ? "ahead" : "behind",
    notes: told ? [`${text(readings, "resident")}, ours ${text(ours, "resident")}`] : [],
  };
}

function cost(readings: readonly Reading[]): string {
  const each = spreadOf(readings.map(({ interval: { cpu, count } }) => cpu / count));
  const busy = spreadOf(readings.map(({ interval: { cpu, ms } }) => cpu / 10 / ms));
  return `${each.median.toFixed(1)} us CPU per number (${busy.median.toFixed(0)} % of a core)`;
}

function memoryResult(
  ours: readonly Reading[],
  floor: readonly Reading[],
  reading: Reading,
): Result {
  const of = (readings: readonly Reading[], key: keyof Memory): Spread =>
    spreadOf(readings.map(({ memory }) => memory[key] / CLIENTS / 1_024));
  const held = of(ours, "held");
  const ratio = (key: keyof Memory): Spread =>
    spreadOf(ours.map(({ memory }, i) => memory[key] / floor[i]!.memory[key]));
  const ratios = { held: ratio("held"), resident: ratio("resident") };
  const text = (readings: readonly Reading[]): string =>
    `${formatSpread(of(readings, "held"), 1)} KiB held and ` +
    `${formatSpread(of(readings, "resident"), 1)} KiB resident`;
  return {
    work: "10,000 sequences: server memory per session",
    ours: `${held.median.toFixed(1)} KiB`,
    floor: `${of(floor, "held").median.toFixed(1)} KiB`,
    ratio: ratios.held,
    target: `<= ${MOST_RATIO} x a bare writer's`,
    met: ratios.held.median <= MOST_RATIO && ratios.resident.median <= MOST_RATIO,
    notes: [
      `held is heap and external memory after a collection; ours ${text(ours)}, floor ` +
      `${text(floor)}, one that also reads the ACKs ${text([reading])}; resident memory, which ` +
      `includes what was not collected in time, is ${formatSpread(ratios.resident)} x the floor's`,
    ],
  };
}

/** As it runs, by the most that was seen. */
function residentResult(
  ours: readonly Reading[],
  floor: readonly Reading[],
  { long, untold }: { readonly long: Reading; readonly untold: Reading },
): Result {
  const of = (readings: readonly Reading[]): Spread =>
    spreadOf(readings.map(({ memory }) => memory.resident / CLIENTS / 1_024));
  const all = of([...ours, long]);
  return {
    work: "10,000 sequences: resident memory per session",
    ours: `${all.max.toFixed(1)} KiB`,
    floor: `${of(floor).max.toFixed(1)} KiB`,
    target: `<= ${MOST_MEMORY} KiB`,
    met: all.max <= MOST_MEMORY,
    notes: [
      `the most of ${ours.length} readings after ${(SETTLE + DURATION) / 1_000} s, ` +
      `${formatSpread(of(ours), 1)} KiB, and one after ${(SETTLE + LONG) / 1_000} s, ` +
      `${of([long]).max.toFixed(1)} KiB, less what was resident before the clients came; all by ` +
      `\`${V8_FLAGS.join(" ")}\`, as \`deno task seq-server\` runs; without it ` +
      `${of([untold]).max.toFixed(1)} KiB after ${
        (SETTLE + LONG) / 1_000
      } s, for V8 then lets garbage lie`,
    ],
  };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
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
const CLIENTS = 10_000;
const ROUNDS = 3;
/** Of servers, ours and bare ones alike. */
const V8_FLAGS = v8FlagsOf("seq-server");
/** In ms, like all here. */
const INTERVAL = 1_000;
/** Two intervals, so that numbers are due evenly over each. */
const START_SPAN = 2_000;
/** For each stream of a peer that takes longer to accept them. */
const SLOW_START = 2;
/** Of peers: as the library by default. */
const HEARTBEAT = 5_000, WINDOW = 30_000;
/** From the last start to the start of the measurement. */
const SETTLE = 2_000;
const DURATION = 6_000;
/** By then what is not collected has come to its most. */
const LONG = 60_000;
/** Of lateness and of memory, ours to the floor's. */
const MOST_RATIO = 1.5;
/** In KiB a session. */
const MOST_MEMORY = 16;
/** In seconds. */
const START_TARGET = 10;
