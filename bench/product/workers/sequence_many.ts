/**
 * The library's sequence server with many clients: how late its numbers leave, and who comes when.
 *
 * This file knows the public API and the first words of a line. It looks at what the server hands to its
 * sockets, at the instant at which it does. It does not know who is on the other side.
 *
 * @module
 */
import process from "node:process";
import { Grid, mostWithin } from "../../harness/grid.ts";
import { LatenessLog } from "../../harness/lateness.ts";
import { answer, intervalAnswers, memoryAnswer } from "../../harness/worker.ts";
import { HeartlineError } from "../../../core/mod.ts";
import { openNet, type StreamConnection, type StreamSink } from "../../../net/mod.ts";
import { type SequenceServer, serveSequence } from "../../../sequence/mod.ts";
import { MemoryStore } from "../../../store/mod.ts";

const [interval, clients] = process.argv.slice(2).map(Number) as [number, number];
const store = new MemoryStore();
const net = await openNet();
/** The schedule of each session. */
const grids = new Map<number, Grid>();
const decoder = new TextDecoder();
let numbers = 0;
const lateness = new LatenessLog();
let accepts: number[] = [];
let server = await serve(0);
const memory = memoryAnswer();

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
        listener.accept = (sink, failed) => accept((one) => sink(new Watched(one)), failed);
        return listener;
      },
    },
  });
}

/** A number is late by the time since it was due, when the server hands it to the socket. */
class Watched implements StreamConnection {
  readonly #stream: StreamConnection;
  #grid: Grid | undefined;
  #session = 0;

  constructor(stream: StreamConnection) {
    accepts.push(performance.now());
    this.#stream = stream;
  }

  get remote() {
    return this.#stream.remote;
  }

  get local() {
    return this.#stream.local;
  }

  get unsent() {
    return this.#stream.unsent;
  }

  receive(sink: StreamSink): Promise<void> {
    return this.#stream.receive((bytes) => {
      if (bytes[0] === LETTER_R) this.#session = sessionIn(bytes, 2);
      return sink(bytes);
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    if (bytes[0] === LETTER_N) {
      numbers++;
      lateness.add(this.#grid!.meet(performance.now()));
    } else if (bytes[0] === LETTER_W) {
      this.#begin(sessionIn(bytes, 1));
    } else if (bytes[0] === LETTER_R && this.#session) {
      this.#grid = grids.get(this.#session);
      if (this.#grid) this.#grid.rejoin(performance.now());
      else this.#begin(this.#session);
    }
    return this.#stream.write(bytes);
  }

  end(): Promise<void> {
    return this.#stream.end();
  }

  close(): void {
    this.#stream.close();
  }

  reset(): void {
    this.#stream.reset();
  }

  #begin(session: number): void {
    this.#grid = new Grid(performance.now(), interval);
    grids.set(session, this.#grid);
  }
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

function acceptsSince(): unknown {
  const instants = accepts;
  accepts = [];
  return { count: instants.length, peak: mostWithin(instants, SLICE) };
}

const SESSION_DIGITS = 12;
const LETTER_N = 78;
const LETTER_R = 82;
const LETTER_W = 87;
/** In ms. */
const SLICE = 100;

await answer({ port: server.address.port }, {
  ...intervalAnswers(() => numbers),
  ...memory,
  handOver,
  lateness: () => lateness.take(),
  accepts: acceptsSince,
});
