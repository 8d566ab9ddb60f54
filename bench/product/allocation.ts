/**
 * Bytes allocated for a datagram, a message and a number, next to the floor of each.
 *
 * A worker runs with a young generation larger than all that it allocates in a slice, and collects its
 * garbage before each, so that nothing is collected meanwhile: what the heap grows by is then what was
 * allocated. A slice in which something was collected after all is far from the median. Memory that the
 * runtime takes outside JavaScript's heap is not seen, unless it belongs to a buffer.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { CannotMeasure, stopAll, type Worker } from "../harness/children.ts";
import type { Result, Row, Tools } from "../harness/row.ts";
import { medianOf, range, ratioOf } from "../harness/statistics.ts";

/** Allocation of the servers in the steady state. */
export const allocation: Row = {
  name: "allocation",
  summary: "bytes allocated per datagram, TCP message and number in the steady state",
  async measure(tools) {
    const { children, loads } = tools;
    const datagrams = ({ ready }: Worker) =>
      loads.start("udp_beats", ready.port, CLIENTS, 0, 0, LONGEST, CLIENTS / RATE * 1_000);
    const messages = ({ ready }: Worker) =>
      loads.start("tcp_beats", ready.port, CLIENTS, RATE, LONGEST);
    const numbers = (kind: string) => async ({ ready }: Worker) => {
      const args = [ready.port, CLIENTS, INTERVAL, kind];
      const load = await children.worker("load/sequence_load.ts", ...args);
      await load.ask("start");
      return load;
    };
    const many = ["product/workers/sequence_many.ts", INTERVAL, CLIENTS];
    const stream = "product/workers/sequence_stream.ts";
    return [
      resultOf("a UDP datagram", [
        await steady(tools, ["product/workers/udp.ts"], datagrams),
        await steady(tools, [FLOORS, "udp"], datagrams),
      ]),
      resultOf("a TCP heartbeat", [
        await steady(tools, ["product/workers/tcp.ts"], messages),
        await steady(tools, [FLOORS, "tcp", SMALL_READ], messages),
      ]),
      resultOf("a number without interval", [
        await streamed(tools, [stream], (port) => [stream, port]),
        await streamed(tools, [FLOORS, "stream"], (port) => [FLOORS, "stream", port]),
      ]),
      resultOf("a number at interval", [
        await steady(tools, many, numbers("talking")),
        await steady(tools, [FLOORS, "writer", INTERVAL, CLIENTS, 0], numbers("silent")),
      ]),
    ];
  },
};

type Program = readonly (string | number)[];

/** Bytes for each thing under a load that goes on, slice by slice, once the compiler has settled. */
async function steady(
  tools: Tools,
  program: Program,
  start: (server: Worker) => { stop(): Promise<void> } | Promise<Worker>,
): Promise<number[]> {
  const server = await hoarder(tools, program);
  const load = await start(server);
  await delay(SETTLE);
  const slices = await sliced(server, () => delay(SLICE));
  await stopAll(load, server);
  return slices;
}

/** The same of one sequence after the other, as fast as they go; the client counts. */
async function streamed(
  tools: Tools,
  program: Program,
  reader: (port: number) => Program,
): Promise<number[]> {
  const server = await hoarder(tools, program);
  const [module, ...args] = reader(server.ready.port);
  const client = await tools.children.worker(String(module), ...args);
  await client.ask("run");
  const slices = await sliced(server, async () => {
    const before = await client.ask("count");
    await client.ask("run");
    return await client.ask("count") - before;
  });
  await stopAll(client, server);
  return slices;
}

/** A worker with so large a young generation that nothing is collected while it is looked at. */
function hoarder({ children }: Tools, [module, ...args]: Program): Promise<Worker> {
  const young = ["min", "max"].map((end) => `--${end}-semi-space-size=${YOUNG_MEGABYTES}`);
  return children.tuned(young, String(module), ...args);
}

/** Bytes for each thing in slices of work, which may say how many things there were. */
async function sliced(server: Worker, work: () => Promise<number | void>): Promise<number[]> {
  const slices: number[] = [];
  while (slices.length < SLICES) {
    await server.ask("collect");
    await server.ask("begin");
    const done = await work();
    const { allocated, count } = await server.ask("end");
    const things = done ?? count;
    if (things === 0) throw new CannotMeasure("no load reached the receiver");
    slices.push(allocated / things);
  }
  return slices;
}

function resultOf(thing: string, [ours, floor]: [number[], number[]]): Result {
  const [our, its] = [[medianOf(ours)], [medianOf(floor)]];
  return {
    work: `allocation for ${thing}`,
    ours: `${our[0]!.toFixed(0)} B`,
    floor: `${its[0]!.toFixed(0)} B`,
    // A floor that allocates nothing is no measure.
    ...(its[0]! >= 1 && { ratio: ratioOf(our, its), checked: ratioOf(its, our) }),
    target: "stated",
    met: true,
    notes: [
      `ours ${range(ours, 0)} B, floor ${range(floor, 0)} B, of which the library allocates ` +
      `${(our[0]! - its[0]!).toFixed(0)} B`,
    ],
  };
}

const FLOORS = "floors/deno.ts";
/** Pages that are never touched cost nothing. */
const YOUNG_MEGABYTES = 1_024;
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
