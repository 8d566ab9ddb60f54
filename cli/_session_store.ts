/**
 * The store of sessions that `--store` names.
 *
 * This file knows the notation. It does not know what is kept.
 *
 * @module
 */
import type { SessionStore } from "../sequence/store.ts";
import { MemoryStore } from "../store/memory.ts";
import { openSqliteStore } from "../store/sqlite.ts";
import { stateFile } from "./_state_folder.ts";

/** What `--store` may say, read. */
export type StoreChoice = { readonly kind: "memory" } | {
  readonly kind: "sqlite";
  /** `undefined`: under the user's state folder. */
  readonly path: string | undefined;
};

/** Reads `memory`, `sqlite` or `sqlite:PATH`; `undefined` if it is none of them. */
export function readStoreChoice(given: string): StoreChoice | undefined {
  if (given === "memory") return { kind: "memory" };
  if (given === "sqlite") return { kind: "sqlite", path: undefined };
  const path = /^sqlite:(.+)$/.exec(given)?.[1];
  return path === undefined ? undefined : { kind: "sqlite", path };
}

/** Opens the store; `port` keeps the files of two servers of one user apart. */
export async function openStore(choice: StoreChoice, port: number): Promise<SessionStore> {
  if (choice.kind === "memory") return new MemoryStore();
  return await openSqliteStore(choice.path ?? await stateFile(`sequence-${port}.sqlite`));
}
