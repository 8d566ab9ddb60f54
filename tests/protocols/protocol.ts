/**
 * What the tests that go through all protocols must know of each.
 *
 * @module
 */
import type { Address } from "../../core/address.ts";
import type { Target } from "../fuzz/target.ts";
import type { Scenario } from "../simulation/scenario.ts";

/** One protocol. */
export interface Protocol {
  /** Its folder. */
  readonly name: string;
  /** Its decoders and machines, to be fed damaged input. */
  readonly targets: readonly Target[];
  /** Its machines on a virtual network; the proxy has a network of its own. */
  readonly scenario?: Scenario;
  /** Its servers. */
  readonly servers: readonly TestedServer[];
}

/** A server that is attacked and strained, while it must serve whoever is honest. */
export interface TestedServer {
  /** What tests call it. */
  readonly name: string;
  /** What carries it. */
  readonly transport: "tcp" | "udp";
  /** The name of the target whose samples and corpus reach behind its first byte. */
  readonly like: string;
  /** Starts it in this process. */
  serve(): Promise<Served>;
  /** What a good client does and gets; rejects if it is not served. */
  honest(server: Pick<Served, "address" | "clients">): Promise<void>;
  /** How it is started as a process of its own, on a free port and with JSON lines. */
  readonly command?: { readonly file: string; readonly args: readonly string[] };
}

/** A server at work; iterated, it gives its events, and a throw is a bug. */
export interface Served extends AsyncIterable<{ readonly type: string }> {
  /** Where it listens. */
  readonly address: Address;
  /** Whom it watches, where it watches anybody. */
  clients?(): readonly { readonly client: string }[];
  /** Stops it. */
  close(): Promise<void>;
}
