/**
 * Measures round trips of one small message over one connection to a port that echoes.
 *
 * This file knows a connection and a clock. It does not know what is between.
 *
 * @module
 */
import { answer } from "../harness/worker.ts";

const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(Deno.args[0]) });
connection.setNoDelay(true);
const message = new TextEncoder().encode("NUMBER 12345 3848541339\n");
const buffer = new Uint8Array(1_024);

/** One round trip, in ms. */
async function trip(): Promise<number> {
  const started = performance.now();
  await connection.write(message);
  for (let count = 0; count < message.length;) count += await connection.read(buffer) ?? Infinity;
  return performance.now() - started;
}

async function run(): Promise<{ p50: number; p99: number }> {
  const trips: number[] = [];
  for (let n = 0; n < ROUND; n++) trips.push(await trip());
  trips.sort((a, b) => a - b);
  return { p50: trips[ROUND / 2]!, p99: trips[ROUND * 99 / 100]! };
}

const ROUND = 5_000;
await answer({}, { run });
