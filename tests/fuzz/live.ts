/**
 * Throws rubbish at a real server while good clients are served.
 *
 * @module
 */
import type { Address } from "../../core/address.ts";
import { HeartlineError } from "../../core/errors.ts";
import { sendDatagram } from "../../net/datagram.ts";
import type { Net } from "../../net/net.ts";
import { openNet } from "../../net/open.ts";
import type { Served, TestedServer } from "../protocols/protocol.ts";
import { seededRandom } from "../support/random.ts";
import { readCorpus } from "./corpus.ts";
import { heldBytesNow } from "./held.ts";
import { Mutator } from "./mutator.ts";
import type { Pick } from "./target.ts";
import { TARGETS } from "./targets.ts";

/** What came of it. */
export interface LiveOutcome {
  /** How many connections or datagrams were made. */
  readonly inputs: number;
  /** Milliseconds. */
  readonly elapsed: number;
  /** The types of the server's events. */
  readonly classes: ReadonlySet<string>;
  /** Bytes held more than after a fifth of the time. */
  readonly grown: number;
  /** What broke a promise, if anything did. */
  readonly error?: unknown;
}

/** Fuzzes a real server for about `ms`. */
export async function fuzzLive(
  tested: TestedServer,
  seed: number,
  ms: number,
): Promise<LiveOutcome> {
  const net = await openNet();
  const target = TARGETS.find(({ name }) => name === tested.like)!;
  const server = await tested.serve();
  const classes = new Set<string>();
  const watched = watch(server, classes);
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  let inputs = 0, early: number | undefined;
  const attack = async (lane: number): Promise<void> => {
    const random = seededRandom(seed + lane);
    const pick: Pick = (below) => Math.floor(random() * below);
    const mutator = new Mutator(pick, target.tokens);
    const corpus = readCorpus(target.name);
    const send = tested.transport === "tcp" ? throwStream : throwDatagram;
    while (elapsed() < ms) {
      const known = corpus.length > 0 && pick(2) === 0;
      const base = known ? corpus[pick(corpus.length)]! : target.sample(pick);
      await send(net, server.address, mutator.damaged(base).slice(), pick);
      inputs++;
      if (early === undefined && elapsed() > ms / 5) early = heldBytesNow();
      if (lane === 0 && inputs % 64 === 0) await tested.honest(server);
    }
  };
  try {
    await Promise.all(Array.from({ length: LANES }, (_, lane) => attack(lane)));
    await tested.honest(server);
    await server.close();
    await watched;
    return { inputs, elapsed: elapsed(), classes, grown: heldBytesNow() - (early ?? Infinity) };
  } catch (error) {
    return { inputs, elapsed: elapsed(), classes, grown: 0, error };
  }
}

async function watch(events: Served, classes: Set<string>): Promise<void> {
  for await (const { type } of events) classes.add(type);
}

/** One connection: bytes in one or two pieces, and one of several ends. */
async function throwStream(net: Net, to: Address, bytes: Uint8Array, pick: Pick): Promise<void> {
  try {
    const stream = await net.connectStream(to);
    try {
      const ended = stream.receive(() => {}).catch(known);
      const cut = pick(bytes.length + 1);
      await stream.write(bytes.subarray(0, cut));
      await stream.write(bytes.subarray(cut));
      const end = pick(3);
      if (end === 0) return stream.reset();
      if (end === 1) await stream.end();
      stream.close();
      await ended;
    } finally {
      stream.close();
    }
  } catch (error) {
    known(error);
  }
}

async function throwDatagram(net: Net, to: Address, bytes: Uint8Array): Promise<void> {
  const socket = await net.bindDatagram({ hostname: to.hostname, port: 0 });
  const ended = socket.receive(() => {});
  try {
    await sendDatagram(socket, bytes, to).catch(known);
  } finally {
    socket.close();
    await ended;
  }
}

/** A server may refuse, end and reset what is thrown at it. */
function known(error: unknown): void {
  if (!(error instanceof HeartlineError)) throw error;
}

const LANES = 8;
