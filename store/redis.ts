/**
 * Sessions in Redis: several servers share them, and a client that one server dropped resumes on
 * another.
 *
 * @example
 * ```ts
 * import { openRedisStore } from "@heartline/heartline/store/redis";
 * import { serveSequence } from "@heartline/heartline/sequence";
 *
 * const store = await openRedisStore("redis://127.0.0.1:6379");
 * if (store.fault) console.warn(`clients wait, ${store.fault.message}`); // it tries again by itself
 * const server = await serveSequence({ port: 0, store });
 * // ...
 * await server.close();
 * await store.close();
 * ```
 *
 * @module
 */
import { checkDuration, checkNumber } from "../core/check.ts";
import { HeartlineError } from "../core/errors.ts";
import type { Random } from "../core/machine.ts";
import { RedisClient } from "./redis_client.ts";
import { keysUnder, type ScriptName, SCRIPTS } from "./redis_scripts.ts";
import { RedisSessions, type RedisStore } from "./redis_sessions.ts";
import { readRedisUrl } from "./redis_url.ts";

export type { RedisStore } from "./redis_sessions.ts";

/** Options of {@linkcode openRedisStore}. */
export interface RedisStoreOptions {
  /** Milliseconds an expired session is remembered; also the longest outage that loses none. @default 600_000 */
  tombstoneLife?: number;
  /** Milliseconds without a sign of life after which Redis counts as away, at least 1. @default 2000 */
  timeout?: number;
  /** Milliseconds since 1970. @default Date.now */
  wall?: () => number;
  /** Spreads the attempts to connect again. @default Math.random */
  random?: Random;
}

/**
 * Opens sessions in Redis 5 or later, over `npm:@redis/client`, which is loaded now.
 *
 * It resolves after the first attempt to connect, whatever its outcome, and connects again for as long
 * as it takes: `fault` says why Redis cannot be used. Run Redis with `appendonly yes`, so that sessions
 * survive its restart, and with `maxmemory-policy noeviction`, so that it forgets none.
 *
 * @param url `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE][?prefix=PREFIX]`, or `rediss://` for TLS
 * @throws {HeartlineError} `invalid-option`, `not-supported` if the package cannot be loaded
 *
 * @example
 * ```ts
 * import { openRedisStore } from "@heartline/heartline/store/redis";
 * import { assertEquals } from "@std/assert";
 *
 * const store = await openRedisStore("redis://127.0.0.1:1"); // nobody is there
 * assertEquals(store.fault?.code, "connection-refused"); // and it goes on trying, until
 * await store.close();
 * ```
 */
export async function openRedisStore(
  url: string,
  options: RedisStoreOptions = {},
): Promise<RedisStore> {
  const { tombstoneLife = 600_000, timeout = 2_000 } = options;
  const { wall = Date.now, random = Math.random } = options;
  const keys = keysUnder(readRedisUrl(url).prefix);
  checkDuration("tombstoneLife", tombstoneLife);
  checkNumber("timeout", timeout, { min: 1, max: LONGEST_TIMER });
  const { createClient } = await loadRedis();
  const store = new RedisSessions({ keys, tombstoneLife, wall }, (connected) => {
    return new RedisClient<ScriptName>({
      createClient,
      url,
      scripts: SCRIPTS,
      probe: { name: "probe", keys: keys.probe },
      timeout,
      wall,
      random,
      connected,
    });
  });
  await store.attempted;
  return store;
}

/**
 * Loads `@redis/client`; `load` is for tests.
 *
 * @example
 * ```ts
 * import { loadRedis } from "@heartline/heartline/store/redis";
 * import { assertEquals } from "@std/assert";
 *
 * const { createClient } = await loadRedis();
 * assertEquals(typeof createClient, "function");
 * ```
 */
export async function loadRedis(
  load: () => Promise<typeof import("@redis/client")> = () => import("@redis/client"),
): Promise<typeof import("@redis/client")> {
  try {
    return await load();
  } catch (cause) {
    throw new HeartlineError(
      "not-supported",
      "Cannot keep sessions in Redis: wanted the package @redis/client; install it, or use another " +
        "store that passes checkSessionStore",
      { cause },
    );
  }
}

/** A longer `setTimeout` fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;
