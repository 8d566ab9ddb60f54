/**
 * A server process that is killed at points of the protocol and started again on its store.
 *
 * Most clients live in this process, where their lines are watched: so a kill comes at the very line
 * that is wanted, and costs one start of a server. The others are processes, too.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Random } from "../../core/machine.ts";
import type { Net } from "../../net/net.ts";
import { openNet } from "../../net/open.ts";
import { receiveSequence, type SequenceReceiver } from "../../sequence/client.ts";
import type { SequenceClientEvent } from "../../sequence/events.ts";
import { numbersOf } from "../../sequence/generator.ts";
import { MAX_SEQUENCE_LENGTH } from "../../sequence/message.ts";
import { openSqliteStore } from "../../store/sqlite.ts";
import { collect } from "./collect.ts";
import { deferred } from "./contract.ts";
import { LineTrap, type TrappedLine } from "./line_trap.ts";
import { MortalServer } from "./mortal_server.ts";
import { type Child, command } from "./process.ts";
import { seededRandom } from "./random.ts";
import { assertSound } from "./sound_client.ts";
import { watchedNet } from "./watched_net.ts";

const SEED = 20_260_102;
/** Between two numbers, in ms. */
const INTERVAL = 20;
/** Clients in this process that receive one short sequence after the other. */
const VISITORS = 6;
/** How many numbers the clients receive that are processes. */
const LENGTH = 150;

/** After so many ms a client that waits for ever is closed, and the test fails. */
const PATIENCE = 200_000;

/** Where the server is killed. */
interface KillPoint extends TrappedLine {
  /** The kill comes up to so many ms later. */
  readonly within: number;
}

/** How often at which point: 50 kills. */
const POINTS: readonly (readonly [times: number, point: KillPoint])[] = [
  [4, { at: "OPENED", how: "passed", within: 3 }],
  // While the store creates the session.
  [6, { at: "HELLO", how: "passed", within: 4 }],
  // Before the first number.
  [6, { at: "WELCOME", how: "passed", within: 0 }],
  [3, { at: "WELCOME", how: "held", within: 0 }],
  // Between two numbers.
  [8, { at: "NUMBER", how: "passed", within: INTERVAL }],
  [3, { at: "ACK", how: "passed", within: 0 }],
  // While the store raises the epoch, and with a new token that the client never sees.
  [5, { at: "RESUME", how: "passed", within: 4 }],
  [3, { at: "RESUMED", how: "held", within: 0 }],
  [3, { at: "RESUMED", how: "passed", within: 0 }],
  // The client does not know the end, the server does not know that it does, or has not yet kept it.
  [4, { at: "FIN", how: "held", within: 0 }],
  [3, { at: "FIN-ACK", how: "held", within: 0 }],
  [2, { at: "FIN-ACK", how: "passed", within: 40 }],
];

/** What came of a sequence. */
interface Visit {
  readonly session: string;
  readonly numbers: readonly number[];
  readonly events: readonly SequenceClientEvent[];
}

/** How visitors come, until when they start anew, and when they give up. */
interface Visiting {
  readonly port: number;
  readonly net: Net;
  readonly random: Random;
  readonly over: AbortSignal;
  readonly signal: AbortSignal;
}

/** Receives one short sequence after the other. */
async function visit(visiting: Visiting): Promise<Visit[]> {
  const visits: Visit[] = [];
  while (!visiting.over.aborted) {
    const length = 3 + Math.floor(visiting.random() * 10);
    const receiver = receiverOf(length, visiting);
    const [numbers, events] = await Promise.all([collect(receiver), eventsOf(receiver)]);
    assertEquals(numbers.length, length, `seed ${SEED}`);
    visits.push({ session: receiver.snapshot().session!.id, numbers, events });
  }
  return visits;
}

/** Receives a sequence longer than the test, so that from `settled` on there is one to resume. */
async function stay(visiting: Visiting, settled: () => void): Promise<Visit[]> {
  const receiver = receiverOf(MAX_SEQUENCE_LENGTH, visiting);
  const numbers: number[] = [];
  const receive = async (): Promise<void> => {
    for await (const number of receiver) {
      numbers.push(number);
      settled();
      if (visiting.over.aborted) break;
    }
  };
  const [, events] = await Promise.all([receive(), eventsOf(receiver)]);
  return [{ session: receiver.snapshot().session!.id, numbers, events }];
}

function receiverOf(length: number, { port, net, random, signal }: Visiting): SequenceReceiver {
  const backoff = { base: 5, cap: 100 };
  return receiveSequence({ port, length, net, random, backoff, signal });
}

async function eventsOf(receiver: SequenceReceiver): Promise<SequenceClientEvent[]> {
  const events: SequenceClientEvent[] = [];
  for await (const event of receiver.events) events.push(assertSound(event));
  return events;
}

/**
 * Kills a server on SQLite at every point, and sees that every session finishes.
 *
 * @param share of the 50 kills, in (0, 1]; each point has at least one
 * @returns how many kills there were
 */
export async function killAtPoints(folder: string, share: number): Promise<number> {
  const random = seededRandom(SEED);
  const points = pointsOf(random, share);
  const path = `${folder}/s.sqlite`;
  const options = ["--interval", `${INTERVAL}ms`, "--window", "5m", "--store", `sqlite:${path}`];
  await using server = new MortalServer(...options);
  await server.start();
  const trap = new LineTrap();
  const net = watchedNet(await openNet(), trap);
  const [over, late] = [new AbortController(), new AbortController()];
  const timer = setTimeout(() => late.abort(), PATIENCE);
  const times = { over: over.signal, signal: late.signal };
  const guests = { port: Number(server.port), net, random, ...times };
  const settled = deferred();
  const visiting = Promise.all([
    stay(guests, settled.resolve),
    ...Array.from({ length: VISITORS }, () => visit(guests)),
  ]);
  const args = [server.port, `${LENGTH}`, "--json", "--log-level", "debug"];
  await using one = command("seq_client", ...args);
  await using other = command("seq_client", ...args);
  const killing = async (): Promise<void> => {
    await settled.promise;
    await killAtEach(points, { server, trap, random });
  };
  try {
    // A visitor that fails must end the test.
    await Promise.race([killing(), visiting]);
    over.abort();
    const visits = [...(await visiting).flat(), await resultOf(one), await resultOf(other)];
    assertEquals(await server.end("SIGTERM"), 0);
    await checkVisits(visits, path, points.length);
    return points.length;
  } finally {
    clearTimeout(timer);
    late.abort();
  }
}

/** Kills a running server at each point in turn; at the end it runs again. */
async function killAtEach(
  points: readonly KillPoint[],
  { server, trap, random }: { server: MortalServer; trap: LineTrap; random: Random },
): Promise<void> {
  for (const [index, point] of points.entries()) {
    // Armed before the server is back: a RESUME comes at once.
    const sprung = trap.arm(point);
    if (index > 0) await server.start();
    await sprung;
    await new Promise((resolve) => setTimeout(resolve, random() * point.within));
    await server.end("SIGKILL");
  }
  await server.start();
}

/** A share of all points in a random order. */
function pointsOf(random: Random, share: number): KillPoint[] {
  // Nobody resumes before the first kill.
  const [first, ...others] = POINTS.flatMap(([times, point]) =>
    Array<KillPoint>(Math.ceil(times * share)).fill(point)
  );
  const places = others.map((point) => ({ point, place: random() }));
  places.sort((one, other) => one.place - other.place);
  return [first!, ...places.map(({ point }) => point)];
}

/** What a client that is a process of its own received. */
async function resultOf(client: Child): Promise<Visit> {
  assertEquals(await client.exitCode(), 0, client.err.join("\n"));
  // An earlier session may have begun without it: its WELCOME was lost.
  const session = String(client.events("started").at(-1)!.session);
  const numbers = client.events("number").map(({ value }) => Number(value));
  assertEquals(numbers.length, LENGTH);
  return { session, numbers, events: [] };
}

async function checkVisits(
  visits: readonly Visit[],
  path: string,
  kills: number,
): Promise<void> {
  const store = await openSqliteStore(path);
  let completed = 0;
  for (const { session, numbers } of visits) {
    const record = await store.load(session);
    const value = numbersOf(record!.seed);
    const wanted = numbers.map((_, index) => value(index));
    assertEquals(numbers, wanted, `seed ${SEED}`);
    // Where FIN-ACK was lost the server still waits, though the client is done.
    if (record!.state === "completed") completed++;
    else assertEquals(record!.state, "open", `seed ${SEED}`);
  }
  await store.close();
  assert(completed > visits.length - kills, `${completed} of ${visits.length}, seed ${SEED}`);
  const resumed = visits.flatMap(({ events, numbers }) =>
    events.flatMap((event) => event.type === "resumed" ? [[event.next, numbers.length]] : [])
  );
  assert(resumed.some(([next]) => next === 0), "none was resumed before its first number");
  assert(resumed.some(([next, length]) => next === length), "none was resumed during its FIN");
}
