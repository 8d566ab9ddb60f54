/**
 * A share of time for a target without sockets: feed, measure, keep.
 *
 * @module
 */
import { seededRandom } from "../support/random.ts";
import { quoted, readCorpus, writeCorpus } from "./corpus.ts";
import { dearest, MOST_GROWTH, MOST_PER_BYTE } from "./cost.ts";
import { fuzz, type Outcome, outcomeOf, shrunk } from "./engine.ts";
import { heldBytesNow, MOST_GROWN } from "./held.ts";
import { type Line, stackOf } from "./report.ts";
import { latin1, type Target } from "./target.ts";

/** Fuzzes a target for about `ms`; `complaints` say which promises it broke, in words. */
export function fuzzPure(
  target: Target,
  seed: number,
  ms: number,
): { line: Line; complaints: string[]; classes: Outcome["classes"] } {
  const corpus = readCorpus(target.name);
  const started = performance.now();
  let early: number | undefined;
  const enough = (inputs: number): boolean => {
    if (inputs % 64 !== 0) return false;
    const elapsed = performance.now() - started;
    if (early === undefined && elapsed > ms / 5) early = heldBytesNow();
    return elapsed > ms * 0.9;
  };
  const { inputs, classes, failure } = fuzz(target, { seed, corpus, enough });
  const elapsed = performance.now() - started;
  const grown = early === undefined ? 0 : heldBytesNow() - early;
  const price = priceOf(target, [...corpus, ...classes.values()], seed);
  const perByte = price?.perByte.perByte;
  const complaints = [
    ...(failure ? [stackOf(failure.error), kept(target, corpus, failure, inputs)] : []),
    ...(grown > MOST_GROWN ? [`${grown} bytes more are held than after a fifth of the time`] : []),
    ...(price ? costly(price) : []),
  ];
  const line = { name: target.name, inputs, elapsed, classes: classes.size, perByte, grown };
  return { line, complaints, classes };
}

/** Adds the smallest input of each class that the corpus does not reach yet. */
export function saveNew(target: Target, classes: Outcome["classes"]): void {
  const corpus = readCorpus(target.name);
  const reached = new Set(corpus.map((input) => outcomeOf(target, input)));
  const added: Uint8Array[] = [];
  for (const input of classes.values()) {
    // Alone it may be of another class than behind all that came before it.
    const outcome = classOf(target, input);
    if (outcome === undefined || reached.has(outcome)) continue;
    if (reached.add(outcome).size > MOST_IN_CORPUS) break;
    added.push(shrunk(input, (part) => classOf(target, part) === outcome));
  }
  if (added.length > 0) writeCorpus(target.name, [...corpus, ...added]);
}

function kept(
  target: Target,
  corpus: readonly Uint8Array[],
  { input, alone }: NonNullable<Outcome["failure"]>,
  inputs: number,
): string {
  if (!alone) return `It takes what came before: input ${inputs} of this seed`;
  writeCorpus(target.name, [...corpus, input]);
  return `Added to the corpus: ${quoted(latin1(input))}`;
}

function priceOf(target: Target, inputs: readonly Uint8Array[], seed: number) {
  const random = seededRandom(seed);
  const some = inputs.filter(({ length }) => length > 0 && length <= LONGEST_BLOWN_UP);
  if (!target.cost || some.length === 0) return undefined;
  return dearest(target.cost, some, PRICES, (below) => Math.floor(random() * below));
}

function costly({ growth, perByte }: ReturnType<typeof dearest>): string[] {
  const shown = (input: Uint8Array) => quoted(latin1(input)).slice(0, 200);
  return [
    ...(growth.growth > MOST_GROWTH
      ? [
        `A byte costs ${growth.growth.toFixed(1)} times as much in 32 times ${shown(growth.input)}`,
      ]
      : []),
    ...(perByte.perByte > MOST_PER_BYTE
      ? [`A byte costs ${perByte.perByte.toFixed(0)} ns in ${shown(perByte.input)}`]
      : []),
  ];
}

function classOf(target: Target, input: Uint8Array): string | undefined {
  try {
    return outcomeOf(target, input);
  } catch {
    return undefined;
  }
}

const MOST_IN_CORPUS = 40;
const LONGEST_BLOWN_UP = 512;
/** Each takes some tens of milliseconds. */
const PRICES = 16;
