/**
 * 10,000 sequences of one number a second.
 *
 * This file knows the course of events. It does not know how a server keeps its schedule, nor what is asked
 * of it: see `sequence_many_results.ts`.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { CannotMeasure, type Worker } from "../harness/children.ts";
import type { Lateness } from "../harness/lateness.ts";
import type { Peer } from "../peers/peers.ts";
import type { Result, Row, Tools } from "../harness/row.ts";
import type { Interval, Memory } from "../harness/worker.ts";
import {
  CLIENTS,
  DURATION,
  latenessLine,
  latenessResult,
  LONG,
  memoryLine,
  memoryResult,
  type PeerReadings,
  type Reading,
  residentResult,
  SETTLE,
  START_SPAN,
  startResult,
  V8_FLAGS,
} from "./sequence_many_results.ts";

/** How long they take to start, how late numbers leave, and what a session takes of the memory. */
export const sequenceMany: Row = {
  name: "sequence-many",
  summary: "10,000 sequences of one number a second, next to a server that only writes",
  async measure(tools: Tools): Promise<Result[]> {
    const ours: Reading[] = [], floor: Reading[] = [];
    const others = othersOf(tools);
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await read(await open(tools, "product/workers/sequence_many.ts", "talking")));
      floor.push(await read(await open(tools, "floors/sequence_writer.ts", "silent")));
      for (const other of others) await other.measure();
    }
    for (const { name, readings, failure } of others) {
      if (failure && readings.length === 0) tools.peers.leaveOut(name, failure);
    }
    const reading = await read(await open(tools, "floors/sequence_writer.ts", "talking"));
    const long = await read(await open(tools, "product/workers/sequence_many.ts", "talking"), LONG);
    const untold = await read(
      await open(tools, "product/workers/sequence_many.ts", "talking", []),
      LONG,
    );
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
  return { server, load: await children.worker("load/sequence_load.ts", ...args) };
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
class Other implements PeerReadings {
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
}

function othersOf({ children, peers }: Tools): Other[] {
  return [
    new Other(async (streams) => {
      const [server] = await peers.start("sequence_many.py", INTERVAL);
      if (!server) return undefined;
      const args = [server.ready.port, streams, START_SPAN, "talking"];
      return [server, await children.worker("load/sequence_load.ts", ...args)];
    }),
    new Other(async (streams) => {
      const args = [INTERVAL, HEARTBEAT, WINDOW];
      const [server] = await peers.start("socketio_server.mjs", ...args);
      if (!server) return undefined;
      const span = SLOW_START * streams;
      const load = ["peers/socketio_load.ts", server.ready.port, streams, span] as const;
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

const ROUNDS = 3;
/** In ms, like all here. */
const INTERVAL = 1_000;
/** For each stream of a peer that takes longer to accept them. */
const SLOW_START = 2;
/** Of peers: as the library by default. */
const HEARTBEAT = 5_000, WINDOW = 30_000;
