/**
 * What a row of the table is, the tools it is measured with, and the lines that it gives.
 *
 * @module
 */
import type { Peers } from "../peers/peers.ts";
import type { Children } from "./children.ts";
import type { LoadPrograms } from "./load.ts";
import type { NodePackage } from "./node_package.ts";
import { ratioOf, type Spread } from "./statistics.ts";

/** One piece of work with a target. */
export interface Row {
  /** What the user types after `deno task bench`. */
  readonly name: string;
  /** What is measured, in one line. */
  readonly summary: string;
  /** Node can run its workers. @default false */
  readonly onNode?: boolean;
  /** Measures it. */
  measure(tools: Tools): Promise<Result[]>;
}

/** What a row is handed. */
export interface Tools {
  /** Starts processes. */
  readonly children: Children;
  /** Builds load programs. */
  readonly loads: LoadPrograms;
  /** Starts what others would take instead. */
  readonly peers: Peers;
  /** The library as Node runs it. */
  readonly node: NodePackage;
  /** Whether a row that has a part of docs/ of its own is to write it. */
  readonly write: boolean;
}

/** One line of the table. */
export interface Result extends Verdict {
  /** What was done. */
  readonly work: string;
  /** Our figure, with its unit. */
  readonly ours: string;
  /** The floor's figure. @default "-", where the target is a number */
  readonly floor?: string;
  /** Ours against the floor over all rounds; 1 is as good as the floor. */
  readonly ratio?: Spread;
  /**
   * What `--check` compares with the committed ratio: greater is better, and a busy machine hardly
   * disturbs it, as that of CPU times. Left out, the line is not compared.
   */
  readonly checked?: Spread;
  /** The floor is of another language: Node is not held to it as to its own. @default false */
  readonly foreign?: boolean;
  /** The same work done by others. @default [] */
  readonly peers?: readonly PeerLine[];
  /** What else was seen. */
  readonly notes: readonly string[];
}

/** A target, and whether it was reached. */
export interface Verdict {
  /** What must be reached, in words. */
  readonly target: string;
  /** Whether it was. */
  readonly met: boolean;
}

/** A line of the table under a result: what somebody else makes of the same work. */
export interface PeerLine {
  /** Who, as in "socket.io 4.8.4". */
  readonly name: string;
  /** Our figure for just this work, with its unit. */
  readonly ours: string;
  /** The figure of the peer. */
  readonly theirs: string;
  /** Ours against theirs, in the sense of the result it stands under. */
  readonly ratio?: Spread;
  /** In one word or few: "ahead", "behind", "loses numbers". */
  readonly verdict: string;
  /** What it did, and where that is less or more than ours. */
  readonly notes: readonly string[];
}

/** At least `limit` of what `unit` says must be reached. */
export function atLeast(limit: number, unit: string, reached: number): Verdict {
  return { target: `>= ${limit} ${unit}`.trimEnd(), met: reached >= limit };
}

/** At most `limit` of what `unit` says may be. */
export function atMost(limit: number, unit: string, reached: number): Verdict {
  return { target: `<= ${limit} ${unit}`.trimEnd(), met: reached <= limit };
}

/** A peer whose readings are to be above or below ours, round by round. */
export function peerLine(
  name: string,
  [ours, theirs]: readonly [ours: string, theirs: string],
  readings: readonly [ours: readonly number[], theirs: readonly number[]],
  better: "more" | "less",
  ...notes: string[]
): PeerLine {
  const ratio = ratioOf(...readings);
  const ahead = better === "more" ? ratio.median >= 1 : ratio.median <= 1;
  return { name, ours, theirs, ratio, verdict: ahead ? "ahead" : "behind", notes };
}
