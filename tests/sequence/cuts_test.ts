/**
 * Links that are cut, with each store; with more clients in `deno task soak`.
 *
 * @module
 */
import type { SessionStore } from "../../sequence/store.ts";
import { MemoryStore } from "../../store/memory.ts";
import { openRedisStore } from "../../store/redis.ts";
import { openSqliteStore } from "../../store/sqlite.ts";
import { cutAll } from "../support/cuts.ts";
import { withFolder } from "../support/folder.ts";
import { redisTest } from "../support/redis.ts";
import { hasSqlite } from "../support/runtime.ts";

/** The stores that need no server; each may use a folder of its own. */
const STORES: Record<string, (folder: string) => Promise<SessionStore>> = {
  memory: () => Promise.resolve(new MemoryStore()),
  ...(hasSqlite && { sqlite: (folder) => openSqliteStore(`${folder}/sessions.sqlite`) }),
};

for (const servers of [1, 2]) {
  const title = `30 clients, some 300 cuts of four kinds, ${servers} server(s)`;
  const promise = "0 lost, 0 repeated, 0 reordered";
  for (const [kind, open] of Object.entries(STORES)) {
    Deno.test(`${title}, ${kind}: ${promise}`, () =>
      withFolder(async (folder) => {
        await cutAll(await open(folder), { clients: 30, servers });
      }));
  }
  redisTest(`${title}, redis: ${promise}`, async ({ url }) => {
    await cutAll(await openRedisStore(url), { clients: 30, servers });
  });
}
