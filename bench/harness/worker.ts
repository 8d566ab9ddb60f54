/**
 * The child's side of a measurement: it answers questions in lines, and reads what this process costs.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";

/** What a process did between `begin` and `end`. */
export interface Interval extends Record<string, number> {
  /** Things taken: datagrams, bytes, beats. */
  readonly count: number;
  /** Wall time in ms. */
  readonly ms: number;
  /** CPU time of this process, user and system, in microseconds. */
  readonly cpu: number;
  /** Bytes allocated on the heap of JavaScript and outside it, unless something was collected. */
  readonly allocated: number;
}

/** Bytes that are in use. */
export interface Memory extends Record<string, number> {
  /** On the heap and outside it. */
  readonly held: number;
  /** Of the whole process. */
  readonly resident: number;
}

/** What a child is asked, by its names. */
export type Answers = Readonly<Record<string, () => unknown>>;

/** Says `ready`, then answers each line of standard input by the function of that name; then exits. */
export async function answer(ready: unknown, answers: Answers): Promise<void> {
  console.log(JSON.stringify(ready));
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await answers[line]!() ?? null));
  }
  process.exit(0);
}

/** Says that a server is ready, and answers what each of them is asked, and `more`. */
export function answerFor(port: number, count: () => number, more: Answers = {}): Promise<void> {
  return answer({ port }, { ...costAnswers(count), ...more });
}

/**
 * The answers `count`; `begin` and `end` around what is counted; `collect`, which frees garbage; `resident`,
 * bytes of the process as it runs; `memory`, what is in use more than now or than at the last `rebase`.
 */
export function costAnswers(count: () => number): Answers {
  const read = (): Interval => {
    const { heapUsed, external } = process.memoryUsage();
    return {
      count: count(),
      ms: performance.now(),
      cpu: cpuTime(),
      allocated: heapUsed + external,
    };
  };
  let begun = read();
  let before = memoryInUse();
  return {
    count,
    begin: () => void (begun = read()),
    end: () => difference(read(), begun),
    collect,
    resident: () => process.memoryUsage().rss,
    memory: () => difference(memoryInUse(), before),
    rebase: () => void (before = memoryInUse()),
  };
}

/** Bytes in use after a collection. */
export function memoryInUse(): Memory {
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { held: heapUsed + external, resident: rss };
}

/** By how much each figure grew. */
export function difference<Figures extends Record<string, number>>(
  now: Figures,
  then: Figures,
): Figures {
  const grown = Object.entries(now).map(([name, value]) => [name, value - then[name]!]);
  return Object.fromEntries(grown);
}

/** Does `pass` after `pass` for a second; returns how much is counted a second. */
export async function rateOf(pass: () => Promise<void>, count: () => number): Promise<number> {
  const before = count(), began = performance.now();
  while (performance.now() - began < RUN) await pass();
  return (count() - before) / (performance.now() - began) * 1000;
}

/**
 * Does `pass` after `pass` and returns how many a second of this process's own CPU time: where nothing is
 * waited for, that is the rate on a core which nobody else uses.
 */
export function rateByCpu(pass: () => void): number {
  const before = cpuTime();
  let passes = 0, spent = 0;
  for (; (spent = cpuTime() - before) < CPU_RUN; passes++) pass();
  return passes / spent * 1e6;
}

/** A clock that the processes of one machine share, in ms. */
export function wallClock(): number {
  return performance.timeOrigin + performance.now();
}

/** Hands over what was gathered since it was last asked. */
export function taking<Item>(): {
  readonly add: (item: Item) => void;
  readonly take: () => Item[];
} {
  let items: Item[] = [];
  return {
    add: (item) => void items.push(item),
    take() {
      const taken = items;
      items = [];
      return taken;
    },
  };
}

/** CPU time of this process in microseconds. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function collect(): void {
  // Twice: buffers that the first collection found dead are freed behind its back.
  for (let i = 0; i < 2; i++) (globalThis as { gc?: () => void }).gc?.();
}

/** In ms. */
const RUN = 1_000;
/** In microseconds: short, so that both sides of a round have the same neighbours. */
const CPU_RUN = 100_000;
