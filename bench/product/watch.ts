/**
 * Clients that beat once a second and fall silent: how late that is noticed, and what a client takes.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { CannotMeasure, stopAll, type Worker } from "../harness/children.ts";
import { readingOf } from "../harness/rounds.ts";
import { atMost, peerLine, type Row, type Tools } from "../harness/row.ts";
import { formatRate, latenessOf, medianOf, quantile, range } from "../harness/statistics.ts";
import { wallClock } from "../harness/worker.ts";

/** 10,000 UDP clients, of which a tenth fall silent one after the other. */
export const udpWatch: Row = {
  name: "udp-watch",
  summary: "10,000 UDP clients, one beat a second each; 1,000 of them fall silent",
  async measure({ children, loads }) {
    const server = await children.worker("product/workers/udp.ts", TIMEOUT);
    const beats = [UDP_CLIENTS, STOPPED, STOP_AT, END_AT, PERIOD];
    const load = loads.start("udp_beats", server.ready.port, ...beats);
    await delay(STOP_AT - 3_000);
    await server.ask("begin");
    await delay(2_000);
    const { cpu, rate, busy } = readingOf("", [await server.ask("end")]);
    const { held, resident } = await server.ask("memory");
    const clients = await server.ask("clients");
    await delay(1_000 + ALL_STOPPED + TIMEOUT + 500);
    const { count, p50, p99, most } = latenessOf(await server.ask("lateness"));
    const { recoveries, overflowed } = await server.ask("events");
    await stopAll(load, server);
    if (count === 0) throw new CannotMeasure("nobody was noticed");
    return [{
      work: "10,000 UDP clients: alarm lateness p99",
      ours: `${p99.toFixed(1)} ms`,
      ...atMost(LATENESS, "ms", count === STOPPED ? p99 : Infinity),
      notes: [
        `${count} alarms for ${STOPPED} clients that fell silent; p50 ${
          p50.toFixed(1)
        } ms, largest ` +
        `${
          most.toFixed(1)
        } ms; ${recoveries} recoveries; the kernel dropped ${overflowed} datagrams`,
        `${formatRate(rate[0]!)} took ${busy[0]!.toFixed(1)} % of a core, ${
          cpu[0]!.toFixed(1)
        } us each`,
      ],
    }, {
      work: "10,000 UDP clients: memory per client",
      ours: `${(held / clients).toFixed(0)} B`,
      ...atMost(2_048, "B", held / clients),
      notes: [
        `heap and external memory after a collection, ${clients} clients on as many hosts; resident ` +
        `memory grew by ${(resident / clients).toFixed(0)} B per client, which includes what the ` +
        "runtime took to run at all",
      ],
    }];
  },
};

/** 1,000 TCP clients: the server stands still while they go on, and then all fall silent. */
export const tcpWatch: Row = {
  name: "tcp-watch",
  summary:
    "1,000 TCP clients, one beat a second each; the server stands still, then all fall silent",
  async measure(tools) {
    const ours: Watched[] = [], ws: Watched[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await watch(tools, await tools.children.worker("product/workers/tcp.ts", TIMEOUT)));
      // Its recipe gives up who has not answered for two intervals.
      const peers = await tools.peers.start("ws_server.mjs", TIMEOUT / 2);
      for (const peer of peers) ws.push(await watch(tools, peer));
    }
    const peers = ws.slice(0, 1);
    const noticed = (all: readonly Watched[]) => all.map(({ noticed }) => noticed);
    const text = (all: readonly Watched[]) => `${medianOf(noticed(all)).toFixed(0)} ms`;
    const most = (all: readonly Watched[]) => Math.max(...all.map(({ givenUp }) => givenUp));
    const late = medianOf(noticed(ours)) - TIMEOUT;
    return [{
      work: "1,000 TCP clients: p99 until one that falls silent is noticed",
      ours: text(ours),
      ...atMost(LATENESS, `ms after the timeout of ${TIMEOUT} ms`, late),
      peers: peers.map(({ name }) =>
        peerLine(
          name,
          [text(ours), text(ws)],
          [noticed(ours), noticed(ws)],
          "less",
          `its recipe with an interval of ${TIMEOUT / 2} ms gives up after one to two of them; ` +
            `${range(noticed(ws), 0)} ms`,
        )
      ),
      notes: [`one beat a second each, all fall silent at once; ${range(noticed(ours), 0)} ms`],
    }, {
      work: "1,000 TCP clients: live ones given up after a stall of 3.5 s",
      ours: `${most(ours)}`,
      ...atMost(0, "", most(ours)),
      peers: peers.map(({ name }) => ({
        name,
        ours: `${most(ours)}`,
        theirs: `${most(ws)}`,
        verdict: most(ws) > most(ours) ? "ahead" : "level",
        notes: ["its timer fires before the answers that wait in the kernel are read"],
      })),
      notes: [`the server's loop stands still once; the most of ${ROUNDS} rounds`],
    }];
  },
};

/** What one server made of it. */
interface Watched {
  readonly name: string;
  /** From the instant at which they fell silent, in ms: 99 in 100 were noticed by then. */
  readonly noticed: number;
  /** Clients that were alive and given up. */
  readonly givenUp: number;
}

/** Processes of its own for each round: who was given up does not come back. */
async function watch({ loads }: Tools, server: Worker): Promise<Watched> {
  const { port, framed } = server.ready;
  const load = async () => {
    const beats = [TCP_CLIENTS, TCP_CLIENTS, LONGEST];
    const load = loads.start(framed ? "ws_beats" : "tcp_beats", port, ...beats);
    await connected(server);
    await delay(SETTLE);
    await server.ask("alarms");
    return load;
  };
  const first = await load();
  await server.ask("stall");
  await delay(SETTLE);
  const givenUp = (await server.ask("alarms")).length;
  // Who was given up is gone: others take their place.
  await first.stop();
  await delay(SETTLE);
  const second = await load();
  const stopped = wallClock();
  second.pause();
  await delay(TIMEOUT + SETTLE);
  const alarms: number[] = await server.ask("alarms");
  await stopAll(second, server);
  if (alarms.length === 0) throw new CannotMeasure("nobody was noticed");
  const noticed = quantile(alarms.toSorted((a, b) => a - b), 0.99) - stopped;
  return { name: server.name, noticed, givenUp };
}

async function connected(server: Worker): Promise<void> {
  for (let waited = 0; waited < MOST_WAIT; waited += SETTLE / 10) {
    if (await server.ask("clients") >= TCP_CLIENTS) return;
    await delay(SETTLE / 10);
  }
  throw new CannotMeasure("the clients did not connect");
}

const UDP_CLIENTS = 10_000;
const STOPPED = 1_000;
const TCP_CLIENTS = 1_000;
const ROUNDS = 3;
/** In ms, like all here. */
const LATENESS = 50;
const PERIOD = 1_000;
const TIMEOUT = 3_000;
/** When the first UDP client falls silent, after the start: all clients are long known. */
const STOP_AT = 6_000;
/** They stop within this time. */
const ALL_STOPPED = 1_000;
/** After the last alarm that can be in time. */
const END_AT = STOP_AT + ALL_STOPPED + TIMEOUT + 3_000;
const SETTLE = 1_600;
const MOST_WAIT = 10_000;
/** The load ends by itself, should nobody end it. */
const LONGEST = 60_000;
