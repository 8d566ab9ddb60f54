/**
 * What a process holds, as the kernel counts it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Child } from "../support/process.ts";

/** Memory and descriptors of one process. */
export interface Vitals {
  /** Resident bytes. */
  readonly memory: number;
  /** Open descriptors. */
  readonly descriptors: number;
}

/** Reads them; Linux only. */
export async function vitalsOf({ pid }: Child): Promise<Vitals> {
  const [, pages] = (await Deno.readTextFile(`/proc/${pid}/statm`)).split(" ");
  return {
    memory: Number(pages) * PAGE,
    descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length,
  };
}

/** Waits until a process holds as few descriptors as before; what it closes may take a moment. */
export async function descriptorsBack(child: Child, before: Vitals): Promise<Vitals> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const now = await vitalsOf(child);
    if (now.descriptors <= before.descriptors) return now;
    const more = now.descriptors - before.descriptors;
    assert(
      performance.now() < end,
      `${more} descriptors more than before, ${PATIENCE / 1_000} s later`,
    );
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
}

/** Asks a process to end; one with a timer or a socket left open would not, or not with 0. */
export async function endsCleanly(child: Child): Promise<void> {
  await using process = child;
  process.signal("SIGTERM");
  const late = setTimeout(() => process.signal("SIGKILL"), PATIENCE);
  const code = await process.exitCode();
  clearTimeout(late);
  assertEquals(code, 0, "the exit code after SIGTERM");
}

/** Megabytes, for people. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

const PAGE = 4_096;
/** In ms: longer than any deadline that a server grants a connection. */
const PATIENCE = 30_000;
const POLL = 50;
