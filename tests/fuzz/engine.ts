/**
 * The loop of the fuzzer: makes inputs, keeps those that lead somewhere new, shrinks what fails.
 *
 * @module
 */
import { seededRandom } from "../support/random.ts";
import { Mutator } from "./mutator.ts";
import type { Pick, Run, Target } from "./target.ts";

/** What a run came to. */
export interface Outcome {
  /** How many inputs were taken. */
  readonly inputs: number;
  /** How many bytes they had. */
  readonly bytes: number;
  /** The first input of each class of outcomes. */
  readonly classes: ReadonlyMap<string, Uint8Array>;
  /** What broke a promise, if anything did. */
  readonly failure?: Failure;
}

/** An input that broke a promise. */
export interface Failure {
  /** The smallest input found that still does; the one that did if it needs those before it. */
  readonly input: Uint8Array;
  /** Whether it does on its own. */
  readonly alone: boolean;
  /** What was thrown. */
  readonly error: unknown;
}

/** How a run is made. */
export interface FuzzOptions {
  /** The same seed and corpus give the same inputs. */
  readonly seed: number;
  /** Inputs that led somewhere once. */
  readonly corpus: readonly Uint8Array[];
  /** Whether to stop after so many inputs. */
  readonly enough: (inputs: number) => boolean;
}

/** Feeds a target until there was enough or a promise is broken. */
export function fuzz(target: Target, { seed, corpus, enough }: FuzzOptions): Outcome {
  const pick = picker(seed);
  const mutator = new Mutator(pick, target.tokens);
  const classes = new Map<string, Uint8Array>();
  const kept = [...corpus];
  const run = target.start();
  let inputs = 0, bytes = 0;
  for (; !enough(inputs); inputs++) {
    const input = next(target, mutator, kept, pick);
    bytes += input.length;
    try {
      const outcome = run.take(input, pick);
      if (classes.has(outcome)) continue;
      classes.set(outcome, input.slice());
      if (kept.length < MOST_KEPT) kept.push(input.slice());
    } catch (error) {
      return { inputs, bytes, classes, failure: shrunkFailure(target, input.slice(), error) };
    }
  }
  return { inputs, bytes, classes, ...finished(run) };
}

/** What an input leads to in a fresh run; the places of cuts follow from `seed`. */
export function outcomeOf(target: Target, input: Uint8Array, seed = 1): string {
  const run = target.start();
  // A copy: a target that writes into its input must not change the caller's.
  const outcome = run.take(input.slice(), picker(seed));
  run.finish?.();
  return outcome;
}

/** The smallest part of an input for which `holds` still holds, as far as leaving out finds it. */
export function shrunk(input: Uint8Array, holds: (part: Uint8Array) => boolean): Uint8Array {
  let part = input, tries = 0;
  for (let size = Math.ceil(part.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < part.length && tries < MOST_TRIES; tries++) {
      const shorter = Uint8Array.of(...part.subarray(0, at), ...part.subarray(at + size));
      if (holds(shorter)) part = shorter;
      else at += size;
    }
  }
  return part;
}

function next(
  target: Target,
  mutator: Mutator,
  kept: readonly Uint8Array[],
  pick: Pick,
): Uint8Array {
  const kind = pick(10);
  if (kind === 0) return mutator.noise();
  if (kind < 4 && kept.length > 0) return mutator.damaged(kept[pick(kept.length)]!);
  return mutator.damaged(target.sample(pick));
}

function shrunkFailure(target: Target, input: Uint8Array, error: unknown): Failure {
  const fails = (part: Uint8Array): boolean => {
    try {
      outcomeOf(target, part);
      return false;
    } catch {
      return true;
    }
  };
  const alone = fails(input);
  return { input: alone ? shrunk(input, fails) : input, alone, error };
}

function finished(run: Run): { failure?: Failure } {
  try {
    run.finish?.();
    return {};
  } catch (error) {
    return { failure: { input: new Uint8Array(0), alone: false, error } };
  }
}

function picker(seed: number): Pick {
  const random = seededRandom(seed);
  return (below) => Math.floor(random() * below);
}

/** More would only make each of them rarer. */
const MOST_KEPT = 500;
/** Shrinking a long input of a slow target ends in seconds. */
const MOST_TRIES = 5_000;
