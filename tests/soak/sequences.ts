/**
 * Sequences through the fault proxy while their server, or its Redis, dies and comes back.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Random } from "../../core/machine.ts";
import { type FaultProxy, serveProxy } from "../../proxy/server.ts";
import { receiveSequence } from "../../sequence/client.ts";
import { MemoryStore } from "../../store/memory.ts";
import { openSqliteStore } from "../../store/sqlite.ts";
import { cutAll } from "../support/cuts.ts";
import { withFolder } from "../support/folder.ts";
import { killAtPoints } from "../support/kill_points.ts";
import { command } from "../support/process.ts";
import { MortalServer } from "../support/mortal_server.ts";
import { hasRedis, RedisServer } from "../support/redis.ts";
import type { Rig, Strain } from "./rig.ts";
import { sequence } from "../protocols/sequence.ts";
import { started } from "./servers.ts";
import { descriptorsBack, endsCleanly, vitalsOf } from "./vitals.ts";

const CLIENTS = 20;
/** Two seconds of numbers for each client. */
const LENGTH = 200;
const INTERVAL = ["--interval", "10ms"];
const KILLS = 4;

/** The server killed, its Redis, and links cut. */
export const sequences: readonly Rig[] = [{
  name: "kills",
  summary:
    `a sequence server killed ${KILLS} times a round, links reset: every client gets everything`,
  start: async (random) => {
    const folder = await Deno.makeTempDir();
    const server = new MortalServer(...INTERVAL, "--store", `sqlite:${folder}/sessions.sqlite`);
    await server.start();
    return {
      round: () =>
        receiveAll(Number(server.port), async (proxy) => {
          for (let kill = 0; kill < KILLS; kill++) {
            await pause(200 + random() * 300);
            if (random() < 0.5) proxy.inject("reset");
            await server.end("SIGKILL");
            await server.start();
          }
          return `${KILLS} kills`;
        }),
      async [Symbol.asyncDispose]() {
        assertEquals(await server.end("SIGTERM"), 0, "the exit code after SIGTERM");
        await Deno.remove(folder, { recursive: true });
      },
    };
  },
}, {
  name: "kill-points",
  summary: "a sequence server killed at 50 points of the protocol: every session finishes",
  start: () =>
    inFolder(async (folder) => {
      return `${await killAtPoints(folder, 1)} kills, and every session finished`;
    }),
}, {
  name: "cuts",
  summary: "the links of 100 clients cut some 1,000 times: nothing lost, repeated or reordered",
  start: () =>
    inFolder(async (folder) => {
      await cutAll(new MemoryStore(), { clients: 100, servers: 1 });
      await cutAll(await openSqliteStore(`${folder}/s.sqlite`), { clients: 100, servers: 2 });
      return "one server on memory, two on SQLite";
    }),
}, {
  name: "redis",
  summary: "the Redis of a sequence server killed and started again: every client gets everything",
  missing: () => Promise.resolve(hasRedis ? undefined : "redis-server is not installed"),
  start: startRedis,
}];

/** A rig that sets up everything anew in each round. */
function inFolder(run: (folder: string) => Promise<string>): Promise<Strain> {
  return Promise.resolve({
    async round() {
      let said = "";
      await withFolder(async (folder) => void (said = await run(folder)));
      return said;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

async function startRedis(random: Random) {
  const redis = await RedisServer.start();
  const { child, address } = await started(
    command("seq_server", "0", ...INTERVAL, "--store", redis.url, "--json"),
  );
  await sequence.servers[0]!.honest({ address });
  const before = await vitalsOf(child);
  return {
    async round() {
      const said = await receiveAll(address.port, async (proxy) => {
        await pause(200 + random() * 300);
        await redis.kill();
        // Whoever comes back now must wait.
        proxy.inject("reset");
        await child.event("store-failed");
        await redis.restart();
        return "one outage";
      });
      child.forget();
      await descriptorsBack(child, before);
      return said;
    },
    async [Symbol.asyncDispose]() {
      await endsCleanly(child);
      await redis[Symbol.asyncDispose]();
    },
  };
}

/** Lets clients receive through a proxy while `strike` does its worst. */
async function receiveAll(
  port: number,
  strike: (proxy: FaultProxy) => Promise<string>,
): Promise<string> {
  await using proxy = await serveProxy({ listen: { port: 0 }, upstream: { port } });
  const backoff = { base: 20, cap: 300 };
  const receiving = Array.from({ length: CLIENTS }, async () => {
    let count = 0;
    const options = { port: proxy.address.port, length: LENGTH, backoff };
    for await (const _ of receiveSequence(options)) count++;
    return count;
  });
  const [said, ...counts] = await Promise.all([strike(proxy), ...receiving]);
  assertEquals(counts, Array(CLIENTS).fill(LENGTH));
  return `${said}, ${CLIENTS} clients got ${LENGTH} numbers each`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
