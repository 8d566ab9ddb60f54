/**
 * Bytes allocated for a datagram, a message and a number, next to the floor of each.
 *
 * This file knows the loads. It does not know how a process reads its heap.
 *
 * A worker runs with a young generation larger than all that it allocates in a slice, and collects its
 * garbage before each, so that nothing is collected meanwhile: what the heap grows by is then what was
 * allocated. A slice in which something was collected after all is far from the median. Memory that the runtime takes outside JavaScript's heap is
 * not seen, unless it belongs to a buffer.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { CannotMeasure, type Worker } from "../harness/children.ts";
import type { Result, Row, Tools } from "../harness/row.ts";
import { formatSpread, type Spread, spreadOf } from "../harness/spread.ts";
import type { Interval } from "../harness/worker.ts";

/** Allocation of the servers in the steady state. */
export const allocation: Row = {
  name: "allocation",
  summary: "bytes allocated per datagram, TCP message and number in the steady state",
  async measure(tools: Tools): Promise<Result[]> {
    return [
      await datagrams(tools),
      await messages(tools),
      await streamed(tools),
      await numbers(tools),
    ];
  },
};

async function datagrams({ children, loads }: Tools): Promise<Result> {
  const read = async (module: string): Promise<Spread> => {
    const server = await children.hoarder(module);
    const { port } = server.ready;
    const load = children.load(
      loads.program("udp_beats"),
      ...[port, CLIENTS, 0, 0, LONGEST, CLIENTS / RATE * 1_000],
    );
    const spread = await steady(server);
    await load.stop();
    await server.stop();
    return spread;
  };
  return resultOf(
    "a UDP datagram",
    await read("product/workers/udp_server.ts"),
    await read("floors/udp.ts"),
  );
}

async function messages({ children, loads }: Tools): Promise<Result> {
  const read = async (module: string): Promise<Spread> => {
    const server = await children.hoarder(module, SMALL_READ);
    const { port } = server.ready;
    const load = children.load(loads.program("tcp_beats"), port, CLIENTS, RATE, LONGEST);
    const spread = await steady(server);
    await load.stop();
    await server.stop();
    return spread;
  };
  return resultOf(
    "a TCP heartbeat",
    await read("product/workers/tcp_server.ts"),
    await read("floors/tcp.ts"),
  );
}

/** One sequence after the other, as fast as they go. */
async function streamed({ children }: Tools): Promise<Result> {
  const read = async (module: string): Promise<Spread> => {
    const server = await children.hoarder(module);
    const client = await children.worker(module, server.ready.port);
    await client.ask("run");
    const slices: number[] = [];
    while (slices.length < SLICES) {
      const before = await client.ask("count") as number;
      await server.ask("collect");
      await server.ask("begin");
      await client.ask("run");
      const { allocated } = await server.ask("end") as Interval;
      slices.push(allocated / (await client.ask("count") - before));
    }
    await client.stop();
    await server.stop();
    return spreadOf(slices);
  };
  return resultOf(
    "a number without interval",
    await read("product/workers/sequence_stream.ts"),
    await read("floors/sequence_stream.ts"),
  );
}

/** Many sequences with an interval, with the ACKs and PINGs that belong to them. */
async function numbers({ children }: Tools): Promise<Result> {
  const read = async (module: string, kind: string): Promise<Spread> => {
    const server = await children.hoarder(module, INTERVAL, CLIENTS);
    const load = await children.worker(
      "load/sequence_load.ts",
      ...[server.ready.port, CLIENTS, INTERVAL, kind],
    );
    await load.ask("start");
    const spread = await steady(server);
    await load.stop();
    await server.stop();
    return spread;
  };
  return resultOf(
    "a number at interval",
    await read("product/workers/sequence_many.ts", "talking"),
    await read("floors/sequence_writer.ts", "silent"),
  );
}

/** Bytes for each thing, slice by slice, once the compiler has settled. */
async function steady(server: Worker): Promise<Spread> {
  await delay(SETTLE);
  const slices: number[] = [];
  while (slices.length < SLICES) {
    await server.ask("collect");
    await server.ask("begin");
    await delay(SLICE);
    const { allocated, count } = await server.ask("end") as Interval;
    if (count === 0) throw new CannotMeasure("Cannot measure: no load reached the receiver");
    slices.push(allocated / count);
  }
  return spreadOf(slices);
}

function resultOf(thing: string, ours: Spread, floor: Spread): Result {
  return {
    work: `allocation for ${thing}`,
    ours: `${ours.median.toFixed(0)} B`,
    floor: `${floor.median.toFixed(0)} B`,
    // A floor that allocates nothing is no measure.
    ...(floor.median >= 1 && {
      ratio: spreadOf([ours.median / floor.median]),
      checked: spreadOf([floor.median / ours.median]),
    }),
    target: "stated",
    met: true,
    notes: [
      `ours ${formatSpread(ours, 0)} B, floor ${formatSpread(floor, 0)} B, of which the ` +
      `library allocates ${(ours.median - floor.median).toFixed(0)} B`,
    ],
  };
}

const CLIENTS = 1_000;
/** Datagrams or messages a second. */
const RATE = 20_000;
const SLICES = 7;
/** As the library reads while messages come one at a time. */
const SMALL_READ = 1_024;
/** In ms, like all below. */
const INTERVAL = 1_000;
/** Until hot code is compiled. */
const SETTLE = 3_000;
const SLICE = 1_000;
/** The load ends after so long by itself, should nobody end it. */
const LONGEST = 30_000;
