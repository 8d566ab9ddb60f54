/**
 * What a real server is when it is fuzzed.
 *
 * @module
 */
import type { Address } from "../../../core/address.ts";
import type { Target } from "../target.ts";

/** A real server on a loopback socket. */
export interface LiveTarget {
  /** Its name. */
  readonly name: string;
  /** What is sent to it: samples and tokens of this target, damaged, and its corpus. */
  readonly like: Target;
  /** What carries it. */
  readonly transport: "tcp" | "udp";
  /** Starts it. */
  serve(): Promise<LiveServer>;
}

/** A server at work. */
export interface LiveServer {
  /** Where it listens. */
  readonly address: Address;
  /** Its events; a throw is a bug. */
  readonly events: AsyncIterable<{ readonly type: string }>;
  /** What a good client does and gets; rejects if it is not served. */
  honest(): Promise<void>;
  /** Stops it. */
  close(): Promise<void>;
}
