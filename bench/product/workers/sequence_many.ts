/**
 * The library's sequence server with many clients: how late its numbers leave, and who comes when. It
 * looks at what the server hands to its sockets, at the instant at which it does.
 *
 * @module
 */
import process from "node:process";
import { Grid, mostWithin } from "../../harness/grid.ts";
import { latenessOf } from "../../harness/statistics.ts";
import { answerFor, taking } from "../../harness/worker.ts";
import { HeartlineError } from "../../../core/mod.ts";
import { openNet, type StreamConnection } from "../../../net/mod.ts";
import { type SequenceServer, serveSequence } from "../../../sequence/mod.ts";
import { MemoryStore } from "../../../store/mod.ts";

const [interval, clients] = process.argv.slice(2).map(Number) as [number, number];
const store = new MemoryStore();
const net = await openNet();
/** The schedule of each session. */
const grids = new Map<number, Grid>();
const decoder = new TextDecoder();
const lateness = taking<number>();
const accepts = taking<number>();
let numbers = 0;
let server = await serve(0);

function serve(port: number): Promise<SequenceServer> {
  return serveSequence({
    port,
    interval,
    store,
    maxPerAddress: 2 * clients,
    net: {
      ...net,
      async listenStream(at) {
        const listener = await net.listenStream(at);
        const { accept } = listener;
        listener.accept = (sink, failed) => accept((one) => sink(watched(one)), failed);
        return listener;
      },
    },
  });
}

/** A number is late by the time since it was due, when the server hands it to the socket. */
function watched(stream: StreamConnection): StreamConnection {
  const receive = stream.receive.bind(stream), write = stream.write.bind(stream);
  let grid: Grid | undefined;
  let resumed = 0;
  const begin = (session: number): Grid => {
    const begun = new Grid(performance.now(), interval);
    grids.set(session, begun);
    return begun;
  };
  accepts.add(performance.now());
  stream.receive = (sink) =>
    receive((bytes) => {
      if (bytes[0] === LETTER_R) resumed = sessionIn(bytes, 2);
      return sink(bytes);
    });
  stream.write = (bytes) => {
    if (bytes[0] === LETTER_N) {
      numbers++;
      lateness.add(grid!.meet(performance.now()));
    } else if (bytes[0] === LETTER_W) {
      grid = begin(sessionIn(bytes, 1));
    } else if (bytes[0] === LETTER_R && resumed) {
      grid = grids.get(resumed);
      if (grid) grid.rejoin(performance.now());
      else grid = begin(resumed);
    }
    return write(bytes);
  };
  return stream;
}

/** A session as a number: enough digits to tell 10,000 apart, and no string that keeps its line. */
function sessionIn(line: Uint8Array, field: number): number {
  return parseInt(decoder.decode(line).split(" ")[field]!.slice(0, SESSION_DIGITS), 16);
}

/** Sends everybody away, and has another server on the same port at once. */
async function handOver(): Promise<void> {
  const { port } = server.address;
  // Another server begins the schedules of its sessions anew.
  grids.clear();
  const closed = server.close();
  server = await takeOver(port);
  await closed;
}

/** A port is free a moment after its listener was closed. */
async function takeOver(port: number): Promise<SequenceServer> {
  for (;;) {
    try {
      return await serve(port);
    } catch (error) {
      if (!(error instanceof HeartlineError && error.code === "address-in-use")) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

const SESSION_DIGITS = 12;
const LETTER_N = 78;
const LETTER_R = 82;
const LETTER_W = 87;
/** In ms. */
const SLICE = 100;

await answerFor(server.address.port, () => numbers, {
  handOver,
  lateness: () => latenessOf(lateness.take()),
  accepts() {
    const instants = accepts.take();
    return { count: instants.length, peak: mostWithin(instants, SLICE) };
  },
});
