/**
 * What the proxy costs where it has nothing to do.
 *
 * @module
 */
import { stopAll, type Worker } from "../harness/children.ts";
import { alternate, resultOf } from "../harness/rounds.ts";
import { atLeast, atMost, type Result, type Row, type Tools } from "../harness/row.ts";
import { formatBytesRate, medianOf, range } from "../harness/statistics.ts";
import { LARGEST_READ, LONGEST, measureRates } from "./rates.ts";

/** Bytes a second, and what a round trip takes more. */
export const proxy: Row = {
  name: "proxy",
  summary: "serveProxy without faults next to a loop that reads and writes",
  onNode: true,
  measure: async (tools) => [await bytes(tools), await roundTrip(tools)],
};

async function bytes(tools: Tools): Promise<Result> {
  const sink = await tools.children.worker("floors/deno.ts", "tcp", LARGEST_READ);
  const readings = await measureRates(tools, {
    ours: ["product/workers/proxy.ts", sink.ready.port],
    floor: ["floors/deno.ts", "proxy", sink.ready.port],
    load: ["tcp_flood", LONGEST],
  });
  await sink.stop();
  const work = "proxy without faults: one connection flooding";
  const note = "sender, forwarder and receiver share the cores";
  const telling = { work, thing: "byte", by: "rate", format: formatBytesRate } as const;
  const found = resultOf(telling, readings, note);
  return { ...found, ...atLeast(0.9, "x a minimal forwarder", found.ratio.median) };
}

async function roundTrip({ children, loads }: Tools): Promise<Result> {
  const echo = await children.worker("load/round_trips.ts");
  const { port } = echo.ready;
  const ways = [
    echo,
    await children.worker("product/workers/proxy.ts", port),
    await children.worker("floors/deno.ts", "proxy", port),
    await children.talk([loads.program("tcp_forward"), String(port)]),
  ];
  const pingers: Worker[] = [];
  for (const { ready } of ways) {
    pingers.push(await children.worker("load/round_trips.ts", ready.port));
  }
  const [direct, ...found] = await alternate<{ p50: number; p99: number }>(pingers, ROUNDS);
  await stopAll(...pingers, ...ways);
  const added = (quantile: "p50" | "p99") =>
    found.map((way) =>
      way.map((trip, round) => 1000 * (trip[quantile] - direct![round]![quantile]))
    );
  const [p99s, p50s] = [added("p99"), added("p50")];
  const [ours, floor, c] = found.map((_, i) =>
    `p99 ${range(p99s[i]!, 0)}, p50 ${range(p50s[i]!, 0)} us`
  );
  const median = medianOf(p99s[0]!);
  return {
    work: "proxy without faults: added round trip p99",
    ours: `${median.toFixed(0)} us`,
    floor: `${medianOf(p99s[1]!).toFixed(0)} us`,
    ...atMost(100, "us", median),
    notes: [`over ${ROUNDS} rounds ours ${ours}; floor ${floor}; a forwarder in C ${c}`],
  };
}

const ROUNDS = 7;
