/**
 * A store whose disk fills up, and is given room again.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Address } from "../../core/address.ts";
import type { Net } from "../../net/net.ts";
import { openNet } from "../../net/open.ts";
import { receiveSequence } from "../../sequence/client.ts";
import { Child, limited } from "../support/process.ts";
import type { Rig } from "./rig.ts";
import { started } from "./servers.ts";
import { endsCleanly } from "./vitals.ts";

/** The SQLite store of the command. */
export const fullDisk: readonly Rig[] = [{
  name: "full-disk",
  summary:
    "the store's disk fills up: live streams go on, new ones wait, and all is well with room",
  start: async () => {
    const net = await openNet();
    const folder = await Deno.makeTempDir();
    const store = ["--store", `sqlite:${folder}/sessions.sqlite`];
    const args = ["0", "--interval", "20ms", ...store, "--json"];
    // Without this a file at its limit would end the process.
    const { child, address } = await started(limited("trap '' XFSZ", "seq_server", ...args));
    return {
      async round() {
        child.forget();
        const live = receiveSequence({ ...address, length: 200 });
        const numbers = live[Symbol.asyncIterator]();
        assertEquals((await numbers.next()).done, false);
        await limitFiles(child, String(LIMIT));
        const sessions = await fill(net, address);
        await child.event("store-failed");
        const late = count(receiveSequence({ ...address, length: 10 }));
        await child.event("rejected", ({ reason }) => reason === "UNAVAILABLE", child.out.length);
        await limitFiles(child, "unlimited");
        assertEquals(await late, 10, "who waited for room gets every number");
        assertEquals(await count(numbers), 199, "the stream that was there missed none");
        return `full after ${sessions} sessions; nothing was lost`;
      },
      async [Symbol.asyncDispose]() {
        await endsCleanly(child);
        await Deno.remove(folder, { recursive: true });
      },
    };
  },
}];

/** How large a file of a process may be, in bytes. */
async function limitFiles({ pid }: Child, limit: string): Promise<void> {
  const args = ["--pid", String(pid), `--fsize=${limit}:unlimited`];
  await using prlimit = new Child("prlimit", args);
  assertEquals([await prlimit.exitCode(), prlimit.err], [0, []]);
}

/** Starts sessions until there is no room for more; returns how many there was room for. */
async function fill(net: Net, address: Address): Promise<number> {
  for (let sessions = 0; sessions < MOST_SESSIONS; sessions += BATCH) {
    const answers = await Promise.all(Array.from({ length: BATCH }, () => hello(net, address)));
    if (answers.some((answer) => answer.startsWith("REJECTED UNAVAILABLE"))) return sessions;
  }
  throw new Error(`There was room for ${MOST_SESSIONS} sessions`);
}

/** Asks for a session, and leaves with the answer. */
async function hello(net: Net, address: Address): Promise<string> {
  const connection = await net.connectStream(address);
  let answer = "";
  const read = connection.receive((bytes) => {
    answer += new TextDecoder().decode(bytes);
    connection.close();
  });
  await connection.write(new TextEncoder().encode(`HELLO 1 ${crypto.randomUUID()} 100\n`));
  await read.catch(() => {});
  return answer;
}

async function count(numbers: AsyncIterable<number>): Promise<number> {
  let count = 0;
  for await (const _ of numbers) count++;
  return count;
}

/** Bytes: room for some hundred changes. */
const LIMIT = 1_000_000;
const MOST_SESSIONS = 10_000;
const BATCH = 20;
