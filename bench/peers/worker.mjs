/**
 * The child's side of a measurement, for Node: the same lines as `bench/harness/worker.ts`.
 *
 * This file knows questions and answers in lines, how to read this process's own cost, and where the
 * packages of peers are. It does not know what is measured.
 *
 * @module
 */
import { createRequire } from "node:module";
import process from "node:process";
import { createInterface } from "node:readline";

/** Loads a package that `package-lock.json` names. */
export const load = createRequire(`${process.env.BENCH_PACKAGES}/package.json`);

/** What a package is called in the table: "ws 8.23.0". */
export function nameOf(name) {
  // Not every package lets its package.json be loaded by name.
  const { version } = load(`${process.env.BENCH_PACKAGES}/node_modules/${name}/package.json`);
  return `${name} ${version}`;
}

/** Says `ready`, then answers each line of standard input by the function of that name; then exits. */
export async function answer(ready, answers) {
  console.log(JSON.stringify(ready));
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await answers[line]() ?? null));
  }
  process.exit(0);
}

/** The answers `count`, and `begin` and `end` around what is counted. */
export function intervalAnswers(count) {
  let started = { count: 0, ms: 0, cpu: 0 };
  const read = () => {
    const { user, system } = process.cpuUsage();
    return { count: count(), ms: performance.now(), cpu: user + system };
  };
  return {
    count,
    begin: () => void (started = read()),
    end() {
      const now = read();
      return {
        count: now.count - started.count,
        ms: now.ms - started.ms,
        cpu: now.cpu - started.cpu,
      };
    },
  };
}

/** The answers `resident`, bytes of the process as it runs, and `memory`: what is in use more than now. */
export function memoryAnswer() {
  const before = memoryInUse();
  return {
    resident: () => process.memoryUsage().rss,
    memory() {
      const { held, resident } = memoryInUse();
      return { held: held - before.held, resident: resident - before.resident };
    },
  };
}

/** A clock that processes of one machine share, in ms. */
export function wallClock() {
  return performance.timeOrigin + performance.now();
}

function memoryInUse() {
  for (let i = 0; i < 2; i++) globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { held: heapUsed + external, resident: rss };
}

/** Collects lateness between two questions: the answer `lateness`, in ms but for the count. */
export function latenessLog() {
  let late = [];
  return {
    add: (ms) => void late.push(ms),
    lateness() {
      const sorted = Float64Array.from(late).sort();
      late = [];
      const at = (q) => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
      return { count: sorted.length, p50: at(0.5), p99: at(0.99), most: at(1) };
    },
  };
}
