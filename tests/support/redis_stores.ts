/**
 * Stores on a Redis of the test's own, and what happens to them.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type ErrorCode, HeartlineError } from "../../core/errors.ts";
import type { SequenceSession } from "../../sequence/store.ts";
import { openRedisStore, type RedisStore, type RedisStoreOptions } from "../../store/redis.ts";
import { type RedisServer, redisTest } from "./redis.ts";

/** Far in the future, so that Redis lets nothing expire by itself. */
export const LATE = 4_000_000_000_000;
/** The hash of every session's first token. */
export const TOKEN = "ab".repeat(32);

/** An open session that is told apart by `n`. */
export function session(n: number, expiresAt = LATE): SequenceSession {
  return {
    ...{ id: n.toString(16).padStart(32, "0"), seed: [n, n], length: 65_535, epoch: 1, next: 0 },
    ...{ tokenHash: TOKEN, previousTokenHash: undefined, state: "open", expiresAt },
  };
}

/** Waits for a call to fail with `code`, and returns the message. */
export async function fails(call: () => Promise<unknown>, code: ErrorCode): Promise<string> {
  const error = await assertRejects(call, HeartlineError) as HeartlineError;
  assertEquals(error.code, code);
  return error.message;
}

/** A test with a Redis and with stores on it, which are closed at its end. */
export function storeTest(
  name: string,
  run: (
    redis: RedisServer,
    open: (options?: RedisStoreOptions, url?: string) => Promise<RedisStore>,
  ) => Promise<void>,
  ...redisOptions: string[]
): void {
  redisTest(name, async (redis) => {
    const stores: RedisStore[] = [];
    try {
      await run(redis, async (options = {}, url = redis.url) => {
        const store = await openRedisStore(url, options);
        stores.push(store);
        return store;
      });
    } finally {
      await Promise.all(stores.map((store) => store.close()));
    }
  }, ...redisOptions);
}

/** Waits for what the store finds out in its own time, and does not tell; what never comes fails the test. */
export async function until(there: () => boolean): Promise<void> {
  for (const end = Date.now() + PATIENCE; !there();) {
    assert(Date.now() < end, `after ${PATIENCE} ms it is not there: ${there}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits until Redis can be used. */
export function available(store: RedisStore): Promise<void> {
  return until(() => store.fault === undefined);
}

/** Waits until an attempt to connect was refused. */
export function refused(store: RedisStore): Promise<void> {
  return until(() => store.fault?.code === "connection-refused");
}

/** In ms: attempts to connect are up to 2 s apart, and the nodes of a cluster take seconds to agree. */
const PATIENCE = 30_000;
