/**
 * The child's side of a measurement.
 *
 * This file knows questions and answers in lines, and how to read this process's own cost. It does
 * not know what is measured.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";

/** What a process did between `begin` and `end`. */
export interface Interval {
  /** Things taken: datagrams, bytes, beats. */
  readonly count: number;
  /** Wall time in ms. */
  readonly ms: number;
  /** CPU time of this process, user and system, in microseconds. */
  readonly cpu: number;
  /** Bytes allocated on the heap of JavaScript and outside it, unless something was collected. */
  readonly allocated: number;
}

/** Says `ready`, then answers each line of standard input by the function of that name; then exits. */
export async function answer(
  ready: unknown,
  answers: Readonly<Record<string, () => unknown>>,
): Promise<void> {
  console.log(JSON.stringify(ready));
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await answers[line]!() ?? null));
  }
  process.exit(0);
}

/** The answers `count`, `begin` and `end` around what is counted, and `collect`, which frees garbage. */
export function intervalAnswers(
  count: () => number,
): Record<"count" | "begin" | "end" | "collect", () => unknown> {
  let started: Interval = { count: 0, ms: 0, cpu: 0, allocated: 0 };
  const read = (): Interval => {
    const { user, system } = process.cpuUsage();
    const { heapUsed, external } = process.memoryUsage();
    const allocated = heapUsed + external;
    return { count: count(), ms: performance.now(), cpu: user + system, allocated };
  };
  return {
    count,
    begin: () => void (started = read()),
    end(): Interval {
      const now = read();
      return {
        count: now.count - started.count,
        ms: now.ms - started.ms,
        cpu: now.cpu - started.cpu,
        allocated: now.allocated - started.allocated,
      };
    },
    collect,
  };
}

/** Bytes that are in use. */
export interface Memory {
  /** On the heap and outside it. */
  readonly held: number;
  /** Of the whole process. */
  readonly resident: number;
}

/** The answers `resident`, bytes of the process as it runs, and `memory`: what is in use more than now. */
export function memoryAnswer(): { resident: () => number; memory: () => Memory } {
  const before = memoryInUse();
  return {
    resident: () => process.memoryUsage().rss,
    memory() {
      const { held, resident } = memoryInUse();
      return { held: held - before.held, resident: resident - before.resident };
    },
  };
}

/** Bytes in use after a collection: on the heap, outside it, and of the whole process. */
export function memoryInUse(): Memory {
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { held: heapUsed + external, resident: rss };
}

function collect(): void {
  // Twice: buffers that the first collection found dead are freed behind its back.
  for (let i = 0; i < 2; i++) (globalThis as { gc?: () => void }).gc?.();
}
