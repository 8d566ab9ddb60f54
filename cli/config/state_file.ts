/**
 * A small JSON file that survives a crash at any moment.
 *
 * @module
 */
import { readFile, rename, writeFile } from "node:fs/promises";
import { HeartlineError } from "../../core/errors.ts";

/**
 * Reads the file; `undefined` if there is none yet.
 *
 * @throws {HeartlineError} `io` if it cannot be read, `invalid-option` if it is not JSON
 */
export async function readState(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw fileError("read", path, error);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new HeartlineError("invalid-option", `Cannot use ${path}: wanted JSON, found other text`);
  }
}

/**
 * Replaces the file as a whole: a crash leaves the old one or the new one.
 *
 * @throws {HeartlineError} `io`
 */
export async function writeState(path: string, state: unknown): Promise<void> {
  const draft = `${path}.new`;
  try {
    await writeFile(draft, JSON.stringify(state));
    await rename(draft, path);
  } catch (error) {
    throw fileError("write", path, error);
  }
}

function fileError(act: string, path: string, error: unknown): HeartlineError {
  const reason = (error as Error).message.split("\n", 1)[0];
  return new HeartlineError("io", `Cannot ${act} ${path}: ${reason}`, { cause: error });
}
