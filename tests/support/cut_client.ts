/**
 * A client of sequences behind fault proxies of its own, so that a cut hits its link and no other.
 *
 * @module
 */
import type { Random } from "../../core/machine.ts";
import type { Net } from "../../net/net.ts";
import type { Direction } from "../../proxy/faults.ts";
import type { FaultProxy } from "../../proxy/server.ts";
import {
  receiveSequence,
  type SequenceClientOptions,
  type SequenceReceiver,
} from "../../sequence/client.ts";
import type { SequenceClientEvent } from "../../sequence/events.ts";
import { assertSound } from "./sound_client.ts";

/** How a link is cut. `mid-line`: behind so many bytes, on two links in a row. */
export const CUT_KINDS = ["fin", "reset", "blackhole", "mid-line"] as const;

/** One of {@linkcode CUT_KINDS}. */
export type CutKind = typeof CUT_KINDS[number];

/** A cut that is still to come. */
export interface PlannedCut {
  readonly kind: CutKind;
  /** When the client has taken so many numbers, */
  readonly at: number;
  /** and so many ms later. */
  readonly delay: number;
  /** Which half of the link; a reset and `undefined` mean both. */
  readonly direction: Direction | undefined;
  /** Behind how many bytes a `mid-line` cuts. */
  readonly bytes: number;
}

/** Draws cuts for a sequence of `length` numbers that come every `interval` ms. */
export function plannedCuts(
  random: Random,
  { count, length, interval }: { count: number; length: number; interval: number },
): PlannedCut[] {
  const upTo = (most: number): number => Math.floor(random() * (most + 1));
  const cuts = Array.from({ length: count }, (): PlannedCut => ({
    kind: CUT_KINDS[upTo(CUT_KINDS.length - 1)]!,
    at: upTo(length),
    delay: upTo(interval),
    direction: (["up", "down", undefined] as const)[upTo(2)],
    bytes: 1 + upTo(MOST_BYTES - 1),
  }));
  return cuts.sort((one, other) => one.at - other.at);
}

/** Receives a sequence while its links are cut as planned. */
export class CutClient {
  /** What it received, in order. */
  readonly numbers: number[] = [];
  /** The cuts that ended a link over which numbers could come. */
  readonly hits: CutKind[] = [];
  /** A cut was in force at the end, so that the server may not know of it. */
  endWasCut = false;

  readonly #ways: readonly [FaultProxy, FaultProxy];
  readonly #receiver: SequenceReceiver;
  readonly #plan: PlannedCut[];
  #way = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isLive = false;
  #cutting: CutKind | undefined;
  #linksToCut = 0;

  /**
   * Begins.
   *
   * @param ways two proxies before one server: while one leads into a blackhole, the other is used
   */
  constructor(
    ways: readonly [FaultProxy, FaultProxy],
    plan: readonly PlannedCut[],
    { net, ...options }: SequenceClientOptions & { net: Net },
  ) {
    this.#ways = ways;
    this.#plan = [...plan];
    const connectStream: Net["connectStream"] = (_to, settings) =>
      net.connectStream(ways[this.#way]!.address, settings);
    this.#receiver = receiveSequence({ ...options, net: { ...net, connectStream } });
  }

  /** The session, which the client must have been given. */
  get session(): string {
    return this.#receiver.snapshot().session!.id;
  }

  /** Receives to the end; throws what the receiver throws, and if either end broke the protocol. */
  async run(): Promise<void> {
    await Promise.all([this.#receive(), this.#follow()]);
    clearTimeout(this.#timer);
    this.endWasCut = this.#cutting !== undefined;
    for (const way of this.#ways) way.set({});
  }

  async #receive(): Promise<void> {
    for await (const number of this.#receiver) {
      this.numbers.push(number);
      this.#schedule();
    }
  }

  async #follow(): Promise<void> {
    for await (const event of this.#receiver.events) this.#observe(assertSound(event));
  }

  #observe({ type }: SequenceClientEvent): void {
    switch (type) {
      case "started":
      case "resumed":
        this.#isLive = true;
        // What was held arrives when the session has its new link.
        this.#ways[1 - this.#way]!.set({});
        return this.#schedule();
      case "disconnected":
        if (this.#cutting && this.#isLive) this.hits.push(this.#cutting);
        this.#isLive = false;
        if (--this.#linksToCut <= 0) this.#evade();
    }
  }

  /** Arms the next cut, if it is its time; a link is cut once. */
  #schedule(): void {
    const next = this.#plan[0];
    if (!next || next.at > this.numbers.length) return;
    if (this.#timer !== undefined || this.#cutting || !this.#isLive) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // The link may have gone by itself; then the next one is cut.
      if (this.#isLive) this.#cut(this.#plan.shift()!);
    }, next.delay);
  }

  #cut({ kind, direction, bytes }: PlannedCut): void {
    const way = this.#ways[this.#way]!;
    this.#cutting = kind;
    // Behind so many bytes the next link is cut where it greets.
    this.#linksToCut = kind === "mid-line" ? 2 : 1;
    switch (kind) {
      case "fin":
        // A half-open link: the client is told, the server is not.
        if (direction === "down") way.set({ up: { blackhole: true } });
        return way.inject("fin", direction);
      case "reset":
        return way.inject("reset");
      case "blackhole":
        return way.set(direction ? { [direction]: { blackhole: true } } : { blackhole: true });
      case "mid-line": {
        const cutBy = bytes % 2 === 0 ? "fin" : "reset";
        return way.set({ [direction ?? "down"]: { cutBytes: bytes, cutBy } });
      }
    }
  }

  /** Takes the other way; the faults of this one stay until the session goes on there. */
  #evade(): void {
    if (this.#cutting) this.#way = 1 - this.#way;
    this.#cutting = undefined;
  }
}

/** More than any line but HELLO, RESUME, WELCOME and FIN has, less than these have. */
const MOST_BYTES = 48;
