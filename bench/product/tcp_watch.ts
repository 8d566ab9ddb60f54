/**
 * 1,000 TCP clients that beat once a second and all fall silent; before that, a server that stands still.
 *
 * This file knows the course of events and the targets. It does not know how verdicts are given.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { CannotMeasure, type Worker } from "../harness/children.ts";
import type { Peer } from "../peers/peers.ts";
import type { PeerLine, Result, Row, Tools } from "../harness/row.ts";
import { formatSpread, quantile, type Spread, spreadOf } from "../harness/spread.ts";

/** How late those who are gone are noticed, and how many of those who are not are given up. */
export const tcpWatch: Row = {
  name: "tcp-watch",
  summary:
    "1,000 TCP clients, one beat a second each; the server stands still, then all fall silent",
  async measure(tools: Tools): Promise<Result[]> {
    const ours: Watched[] = [], ws: Watched[] = [];
    let name = "";
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(
        await watch(tools, await tools.children.worker("product/workers/tcp_verdicts.ts", TIMEOUT)),
      );
      // Its recipe gives up who has not answered for two intervals.
      const peer: Peer[] = await tools.peers.start("ws_server.mjs", TIMEOUT / 2);
      for (const one of peer) {
        name = one.name;
        ws.push(await watch(tools, one));
      }
    }
    return [noticedResult(ours, ws, name), givenUpResult(ours, ws, name)];
  },
};

/** What one server made of it. */
interface Watched {
  /** From the instant at which they fell silent, in ms: 99 in 100 were noticed by then. */
  readonly noticed: number;
  /** Clients that were alive and given up. */
  readonly givenUp: number;
}

/** Processes of its own for each round: who was given up does not come back. */
async function watch({ children, loads }: Tools, server: Worker): Promise<Watched> {
  const load = () => {
    const program = loads.program(server.ready.framed ? "ws_beats" : "tcp_beats");
    return children.load(program, server.ready.port, CLIENTS, CLIENTS, LONGEST);
  };
  const first = load();
  await connected(server);
  await delay(SETTLE);
  await server.ask("alarms");
  await server.ask("stall");
  await delay(SETTLE);
  const givenUp = (await server.ask("alarms") as number[]).length;
  // Who was given up is gone: others take their place.
  await first.stop();
  await delay(SETTLE);
  const second = load();
  await connected(server);
  await delay(SETTLE);
  await server.ask("alarms");
  const stopped = performance.timeOrigin + performance.now();
  second.pause();
  await delay(TIMEOUT + SETTLE);
  const alarms = (await server.ask("alarms") as number[]).toSorted((a, b) => a - b);
  await second.stop();
  await server.stop();
  if (alarms.length === 0) throw new CannotMeasure("Cannot measure: nobody was noticed");
  return { noticed: quantile(alarms, 0.99) - stopped, givenUp };
}

async function connected(server: Worker): Promise<void> {
  for (let waited = 0; waited < MOST_WAIT; waited += SETTLE / 10) {
    if (await server.ask("clients") as number >= CLIENTS) return;
    await delay(SETTLE / 10);
  }
  throw new CannotMeasure("Cannot measure: the clients did not connect");
}

function noticedResult(ours: readonly Watched[], ws: readonly Watched[], name: string): Result {
  const of = (readings: readonly Watched[]): Spread =>
    spreadOf(readings.map(({ noticed }) => noticed));
  const text = (readings: readonly Watched[]) => `${of(readings).median.toFixed(0)} ms`;
  const line = (): PeerLine => ({
    name,
    ours: text(ours),
    theirs: text(ws),
    ratio: spreadOf(ours.map(({ noticed }, i) => noticed / ws[i]!.noticed)),
    verdict: of(ours).median <= of(ws).median + LATENESS ? "level" : "behind",
    notes: [
      `its recipe with an interval of ${TIMEOUT / 2} ms gives up after one to two of them; ` +
      `${formatSpread(of(ws), 0)} ms`,
    ],
  });
  return {
    work: "1,000 TCP clients: p99 until one that falls silent is noticed",
    ours: text(ours),
    floor: "-",
    target: `<= ${TIMEOUT} ms, the timeout, + ${LATENESS} ms`,
    met: of(ours).median <= TIMEOUT + LATENESS,
    peers: ws.length > 0 ? [line()] : [],
    notes: [`one beat a second each, all fall silent at once; ${formatSpread(of(ours), 0)} ms`],
  };
}

function givenUpResult(ours: readonly Watched[], ws: readonly Watched[], name: string): Result {
  const most = (readings: readonly Watched[]): number =>
    Math.max(...readings.map(({ givenUp }) => givenUp));
  const line = (): PeerLine => ({
    name,
    ours: `${most(ours)}`,
    theirs: `${most(ws)}`,
    verdict: most(ws) > most(ours) ? "ahead" : "level",
    notes: ["its timer fires before the answers that wait in the kernel are read"],
  });
  return {
    work: "1,000 TCP clients: live ones given up after a stall of 3.5 s",
    ours: `${most(ours)}`,
    floor: "-",
    target: "0",
    met: most(ours) === 0,
    peers: ws.length > 0 ? [line()] : [],
    notes: [`the server's loop stands still once; the most of ${ROUNDS} rounds`],
  };
}

const CLIENTS = 1_000;
const ROUNDS = 3;
/** In ms, like all here. */
const TIMEOUT = 3_000;
const SETTLE = 1_600;
const MOST_WAIT = 10_000;
const LATENESS = 50;
/** The load ends by itself, should nobody end it. */
const LONGEST = 60_000;
