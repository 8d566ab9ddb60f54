/**
 * A folder that is gone when the test is over, on Deno and on Node.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs `use` with the path of an empty folder. */
export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "heartline-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
