/**
 * Where commands keep what must survive them.
 *
 * @module
 */
import { mkdir } from "node:fs/promises";
import process from "node:process";
import { HeartlineError } from "../../core/errors.ts";

/**
 * The path of a file in the state folder of this user, which is made if it is not there.
 *
 * @throws {HeartlineError} `io` if there is no such folder and none can be made
 */
export async function stateFile(name: string): Promise<string> {
  const { HOME, XDG_STATE_HOME } = process.env;
  // A relative path is to be ignored, says the rule.
  const root = XDG_STATE_HOME?.startsWith("/") ? XDG_STATE_HOME : `${HOME ?? "."}/.local/state`;
  const folder = `${root}/heartline`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const reason = (cause as Error).message.split("\n", 1)[0];
    throw new HeartlineError("io", `Cannot make ${folder}: ${reason}`, { cause });
  }
  return `${folder}/${name}`;
}
