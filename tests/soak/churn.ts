/**
 * Connections opened and dropped, a thousand a second, in every way that a client can end one.
 *
 * @module
 */
import { assert } from "@std/assert";
import type { Address } from "../../core/address.ts";
import type { Random } from "../../core/machine.ts";
import type { Net } from "../../net/net.ts";
import { openNet } from "../../net/open.ts";
import { command } from "../support/process.ts";
import type { Rig, Strain } from "./rig.ts";
import { COMMANDS, type ServerCommand, started } from "./servers.ts";
import { descriptorsBack, endsCleanly, megabytes, vitalsOf } from "./vitals.ts";

/** One rig for each server that takes connections. */
export const churn: readonly Rig[] = COMMANDS.map((server) => ({
  name: `churn-${server.name}`,
  summary:
    `1,000 connections a second to ${server.command.file}: nothing stays open, it still serves`,
  start: (random) => startChurn(server, random),
}));

async function startChurn(server: ServerCommand, random: Random): Promise<Strain> {
  const net = await openNet({ resets: true });
  const { child, address } = await started(command(server.command.file, ...server.command.args));
  await server.honest({ address });
  // What the first connections make the runtime load and compile is no leak.
  await crowd(net, address, random);
  const before = await descriptorsBack(child, await vitalsOf(child));
  return {
    async round() {
      const started = performance.now();
      const opened = await crowd(net, address, random);
      const rate = opened / (performance.now() - started) * 1_000;
      const now = await descriptorsBack(child, before);
      await server.honest({ address });
      child.forget();
      const grown = now.memory - before.memory;
      assert(grown < MOST_GROWN, `the server grew by ${megabytes(grown)}`);
      return `${opened} connections, ${rate.toFixed(0)} a second, ${megabytes(now.memory)}`;
    },
    [Symbol.asyncDispose]: () => endsCleanly(child),
  };
}

/** Opens a round of connections, a batch every 50 ms; resolves when all are gone here. */
async function crowd(net: Net, to: Address, random: Random): Promise<number> {
  const visits: Promise<boolean>[] = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    for (let n = 0; n < BATCH; n++) visits.push(visit(net, to, random));
    await new Promise((resolve) => setTimeout(resolve, BATCH_INTERVAL));
  }
  return (await Promise.all(visits)).filter((opened) => opened).length;
}

/** One rude client: it may say something, may wait, and goes in one of three ways. */
async function visit(net: Net, to: Address, random: Random): Promise<boolean> {
  const bytes = Uint8Array.from({ length: random() * 64 }, () => random() * 256);
  const [speaks, waits, way] = [random() < 0.7, random() < 0.2, random()];
  try {
    const connection = await net.connectStream(to);
    const gone = connection.receive(() => {}).catch(() => {});
    if (speaks) await connection.write(bytes);
    if (waits) await new Promise((resolve) => setTimeout(resolve, 100));
    if (way < 0.4) connection.reset();
    else if (way < 0.8) connection.close();
    else await connection.end().then(() => connection.close());
    await gone;
    return true;
  } catch {
    // The server may well have hung up first.
    return false;
  }
}

const BATCHES = 20;
const BATCH = 50;
const BATCH_INTERVAL = 50;
/** Bytes: what a garbage collector may leave lying about, however long it goes on. */
const MOST_GROWN = 64e6;
