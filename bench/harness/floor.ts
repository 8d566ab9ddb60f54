/**
 * The least code that does the work of each server: it counts, and looks at no byte. The sockets are those
 * of a runtime, see `bench/floors/`.
 *
 * @module
 */
import process from "node:process";
import { latenessOf } from "./statistics.ts";
import { answer, type Answers, costAnswers, rateOf, taking } from "./worker.ts";

/** The sockets of a runtime. */
export interface Sockets {
  /** Receives datagrams and counts them; sends each back, where it is to be an echo. */
  datagrams(echo: boolean): Floor | Promise<Floor>;
  /** Hands every connection to `take`; a failure of that is the end of a load. Answers with the port. */
  listen(take: (link: Link) => Promise<void> | void): number | Promise<number>;
  connect(port: number): Promise<Link>;
}

/** A connection. */
export interface Link {
  /** Hands over what comes, so many bytes at most at once; a promise holds the next back. */
  read(
    take: (count: number, buffer: Uint8Array) => Promise<void> | void,
    most: number,
  ): Promise<void>;
  /** Writes once; answers with how many bytes went. */
  write(bytes: Uint8Array): number | Promise<number>;
  close(): void;
}

/** A floor that runs. */
interface Floor {
  /** Where it listens; none if it connects. */
  readonly port?: number;
  /** What it has taken. */
  count(): number;
  readonly answers?: Answers;
}

/** Starts the floor that the first argument of this process names, with the numbers that follow. */
export async function serveFloor(sockets: Sockets): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  const { port, count, answers } = await FLOORS[name!]!(sockets, ...args.map(Number));
  await answer({ port }, { ...costAnswers(count), ...answers });
}

const FLOORS: Record<string, (sockets: Sockets, ...args: number[]) => Floor | Promise<Floor>> = {
  udp: ({ datagrams }) => datagrams(false),
  echo: ({ datagrams }) => datagrams(true),

  /** Reads from any number of connections, so many bytes at once. */
  async tcp({ listen }, most) {
    let bytes = 0;
    const port = await listen((link) => link.read((count) => void (bytes += count), most!));
    return { port, count: () => bytes / MESSAGE_BYTES };
  },

  /** Writes a probe per interval to each of many connections, and reads the answers. */
  async keepalive({ listen }, interval) {
    let connected = 0, answered = 0;
    const wheel = new Wheel<Line>(interval!, PROBE_TURN, (one) => one.say("HEARTBEAT "));
    const port = await listen((link) => {
      connected++;
      wheel.add(new Line(link));
      return link.read(() => void answered++, SMALL_READ);
    });
    return { port, count: () => answered, answers: { probed: () => connected } };
  },

  /** Forwards between clients and a port. */
  async proxy({ listen, connect }, upstream) {
    let bytes = 0;
    const port = await listen(async (client) => {
      const server = await connect(upstream!);
      const there = client.read((count, buffer) => {
        bytes += count;
        return writeAll(server, buffer.subarray(0, count));
      }, LARGEST_READ);
      const back = (count: number, buffer: Uint8Array) =>
        writeAll(client, buffer.subarray(0, count));
      await Promise.race([there, server.read(back, LARGEST_READ)]);
      client.close();
      server.close();
    });
    return { port, count: () => bytes };
  },

  /** Writes a sequence to whoever connects; with the port of another, reads one after the other. */
  async stream({ listen, connect }, upstream) {
    let received = 0;
    const count = (): number => received;
    if (upstream === undefined) {
      const chunks = numberLines();
      const port = await listen(async (link) => {
        for (const chunk of chunks) await writeAll(link, chunk);
        link.close();
      });
      return { port, count };
    }
    const receive = async (): Promise<void> => {
      const link = await connect(upstream);
      await link.read((count, buffer) => {
        for (let at = -1; (at = buffer.indexOf(LINE_FEED, at + 1)) >= 0 && at < count;) received++;
      }, LARGEST_READ);
      link.close();
    };
    return { count, answers: { run: () => rateOf(receive, count) } };
  },

  /** Writes a line per interval to each of many connections, on schedule; reads only what is said to it. */
  async writer({ listen }, interval, _clients, talking) {
    let lines = 0;
    const lateness = taking<number>();
    const wheel = new Wheel<Line>(interval!, 1, (one, late) => {
      lateness.add(late);
      one.say("NUMBER ", " 3848541339");
      lines++;
    });
    const begin = (link: Link): void => {
      const one = new Line(link);
      one.say("NUMBER ", " 3848541339");
      wheel.add(one);
    };
    const port = await listen((link) => {
      if (!talking) return begin(link);
      let greeted = false;
      return link.read(() => {
        if (greeted) return;
        greeted = true;
        void link.write(encoder.encode(WELCOME));
        begin(link);
      }, SMALL_READ);
    });
    return { port, count: () => lines, answers: { lateness: () => latenessOf(lateness.take()) } };
  },
};

/** Numbered lines to one connection. */
class Line {
  readonly #link: Link;
  #next = 0;

  constructor(link: Link) {
    this.#link = link;
  }

  say(word: string, rest = ""): void {
    const sent = this.#link.write(encoder.encode(`${word}${this.#next++}${rest}\n`));
    // It is gone when the load was stopped.
    if (typeof sent !== "number") sent.catch(() => {});
  }
}

/** Turns every `turn` ms of an interval, each time with what is due once an interval. */
class Wheel<Item> {
  readonly #places: Item[][];
  readonly #turn: number;

  /** Calls `act` for each item that is due, with the ms by which it is late. */
  constructor(interval: number, turn: number, act: (item: Item, late: number) => void) {
    this.#places = Array.from({ length: interval / turn }, () => []);
    this.#turn = turn;
    void this.#run(act);
  }

  /** Has the item be due next within a turn, and then once an interval. */
  add(item: Item): void {
    this.#places[Math.ceil(performance.now() / this.#turn) % this.#places.length]!.push(item);
  }

  async #run(act: (item: Item, late: number) => void): Promise<never> {
    for (let turn = Math.ceil(performance.now() / this.#turn);;) {
      for (; turn * this.#turn <= performance.now(); turn++) {
        for (const item of this.#places[turn % this.#places.length]!) {
          act(item, performance.now() - turn * this.#turn);
        }
      }
      const wait = Math.max(0, turn * this.#turn - performance.now());
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** Lines as long as those of the longest sequence, in as many pieces as the library writes. */
function numberLines(): Uint8Array[] {
  const lines = Array.from({ length: 65_535 }, (_, index) => {
    // Values are spread over 32 bits as those of a sequence are.
    return `NUMBER ${index} ${Math.imul(index + 1, 2_654_435_761) >>> 0}\n`;
  });
  const chunks: Uint8Array[] = [];
  while (lines.length > 0) chunks.push(encoder.encode(lines.splice(0, NUMBERS_PER_WRITE).join("")));
  return chunks;
}

/** Returns a promise only where not all went at once. */
function writeAll(link: Link, bytes: Uint8Array): Promise<void> | void {
  const sent = link.write(bytes);
  if (sent !== bytes.length) return writeRest(link, bytes, sent);
}

async function writeRest(
  link: Link,
  bytes: Uint8Array,
  first: number | Promise<number>,
): Promise<void> {
  for (let sent = await first; sent < bytes.length;) {
    sent += await link.write(bytes.subarray(sent));
  }
}

const encoder = new TextEncoder();
/** The first line of a server of sequences to a client that talks. */
const WELCOME = `WELCOME ${"0".repeat(32)} ${"0".repeat(32)} 1 1000 5000 30000\n`;
/** Of a TCP heartbeat. */
const MESSAGE_BYTES = 59;
const LINE_FEED = 10;
const SMALL_READ = 256;
const LARGEST_READ = 65_536;
/** In ms: probes that are due within it leave together. */
const PROBE_TURN = 10;
/** The library's server sends up to so many numbers in one write. */
const NUMBERS_PER_WRITE = 4_096;
