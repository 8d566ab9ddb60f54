/**
 * The store of sessions that `--store` names.
 *
 * @module
 */
import type { HeartlineError } from "../../core/errors.ts";
import type { SessionStore } from "../../sequence/store.ts";
import { MemoryStore } from "../../store/memory.ts";
import { openRedisStore } from "../../store/redis.ts";
import { readRedisUrl } from "../../store/redis_url.ts";
import { openSqliteStore } from "../../store/sqlite.ts";
import { stateFile } from "./state_folder.ts";

/** What `--store` may say, read. */
export type StoreChoice =
  | { readonly kind: "memory" }
  | {
    readonly kind: "sqlite";
    /** `undefined`: under the user's state folder. */
    readonly path: string | undefined;
  }
  | { readonly kind: "redis"; readonly url: string };

/** A store that is open. */
export interface OpenStore {
  /** To be closed by whoever opened it. */
  readonly store: SessionStore;
  /** What it is, without a password. */
  readonly shown: string;
  /** Why it cannot be used yet. */
  readonly fault?: HeartlineError | undefined;
}

/** Reads `memory`, `sqlite`, `sqlite:PATH` or the URL of a Redis; `undefined` if it is none of them. */
export function readStoreChoice(given: string): StoreChoice | undefined {
  if (given === "memory") return { kind: "memory" };
  if (given === "sqlite") return { kind: "sqlite", path: undefined };
  const path = /^sqlite:(.+)$/.exec(given)?.[1];
  if (path !== undefined) return { kind: "sqlite", path };
  // A complaint about the rest of the URL must not repeat it: it may hold a password.
  return /^rediss?:/.test(given) ? { kind: "redis", url: given } : undefined;
}

/**
 * Opens the store; `port` keeps the files of two servers of one user apart.
 *
 * @throws {HeartlineError} as `openSqliteStore` and `openRedisStore`
 */
export async function openStore(choice: StoreChoice, port: number): Promise<OpenStore> {
  switch (choice.kind) {
    case "memory":
      return { store: new MemoryStore(), shown: "memory" };
    case "sqlite": {
      const path = choice.path ?? await stateFile(`sequence-${port}.sqlite`);
      return { store: await openSqliteStore(path), shown: `sqlite:${path}` };
    }
    case "redis": {
      const store = await openRedisStore(choice.url);
      return { store, shown: readRedisUrl(choice.url).shown, fault: store.fault };
    }
  }
}
