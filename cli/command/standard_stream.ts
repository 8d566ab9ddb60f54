/**
 * Standard output and standard error, written to without ever standing still.
 *
 * `console` and `process.stdout` block the whole process while a pipe or a terminal takes nothing, on both
 * runtimes; so does `fs.write` on Deno. `Deno.stdout.write` does not. On Node, where whoever imports
 * `node:process` has pipes not block, `fs.write` says `EAGAIN`; a terminal is opened anew for that, since a
 * write that blocks would keep the process from exiting, too.
 *
 * @module
 */
import { constants, openSync, write } from "node:fs";
import { isatty } from "node:tty";

/** The number of a stream of this process. */
export type StreamNumber = 1 | 2;

/** Writes what there is room for, waiting for some, and returns how many bytes that was. */
export type WriteSome = (bytes: Uint8Array) => Promise<number>;

/** Gives the writer of a stream. */
export function openStandardStream(number: StreamNumber): WriteSome {
  const { Deno: deno } = globalThis as { Deno?: Record<"stdout" | "stderr", DenoWriter> };
  if (deno) {
    const stream = number === 1 ? deno.stdout : deno.stderr;
    return (bytes) => patiently(() => stream.write(bytes));
  }
  const descriptor = isatty(number) ? reopened(number) : number;
  return (bytes) => patiently(() => writeOnNode(descriptor, bytes));
}

interface DenoWriter {
  write(bytes: Uint8Array): Promise<number>;
}

function writeOnNode(descriptor: number, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, bytes, 0, bytes.length, null, (error, count) => {
      if (error) reject(error);
      else resolve(count);
    });
  });
}

/** The same terminal, where a write does not block; the given one if it cannot be opened. */
function reopened(number: StreamNumber): number {
  try {
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    return openSync(`/dev/fd/${number}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return number;
  }
}

/** Tries again while there is no room. */
async function patiently(attempt: () => Promise<number>): Promise<number> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const { code, name } = error as Error & { code?: string };
      if (code !== "EAGAIN" && name !== "WouldBlock") throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER));
  }
}

/** A reader that is slow is asked so often whether it has made room, in ms. */
const RETRY_AFTER = 10;
