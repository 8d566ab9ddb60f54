/**
 * What is odd about the numbers and times of one client, said in few events.
 *
 * Laws: a run that arrives together is one event; a client that has said `MOST_PER_SECOND` anomalies in
 * a second has the rest merged, one event a kind, so that its flood neither costs memory nor drowns
 * what is said about others; nothing is left unreported when the connection ends.
 *
 * @module
 */
import type { Instant } from "../core/machine.ts";
import type { NumberRun, TcpServerEvent } from "./events.ts";

/** The kinds of anomalies, by the tag of their event. */
export type AnomalyKind = "missed" | "duplicated" | "restarted" | "late";

/** The anomalies of one client. */
export class Anomalies {
  readonly #client: string;
  /** The runs that may still go on. */
  #duplicated: Anomaly | undefined;
  #late: Anomaly | undefined;
  /** What was found too soon after the last events to be said, one of each kind. */
  readonly #held = new Map<AnomalyKind, Anomaly>();
  #said = 0;
  #secondEnds: Instant = -Infinity;

  /** Anomalies of `client`, as `host:port`. */
  constructor(client: string) {
    this.#client = client;
  }

  /** Numbers were skipped. */
  missed(from: number, to: number, now: Instant, events: TcpServerEvent[]): void {
    this.#say({ kind: "missed", from, to, count: to - from + 1, delay: 0 }, now, events);
  }

  /** The numbers fell back. */
  restarted(from: number, to: number, now: Instant, events: TcpServerEvent[]): void {
    this.endRepeats(now, events);
    this.#say({ kind: "restarted", from, to, count: 1, delay: 0 }, now, events);
  }

  /** A heartbeat came again: a run that `endRepeats` ends. */
  duplicated(sequence: number): void {
    this.#duplicated = extended(this.#duplicated, "duplicated", sequence, 0);
  }

  /** A heartbeat had been held back for so many ms: a run that `endLump` ends. */
  late(sequence: number, delay: number): void {
    this.#late = extended(this.#late, "late", sequence, delay);
  }

  /** The heartbeats that came again are over, or all that arrived with them is read. */
  endRepeats(now: Instant, events: TcpServerEvent[]): void {
    if (this.#duplicated) this.#say(this.#duplicated, now, events);
    this.#duplicated = undefined;
  }

  /** A heartbeat came in time, so the lump before it is over. */
  endLump(now: Instant, events: TcpServerEvent[]): void {
    if (this.#late) this.#say(this.#late, now, events);
    this.#late = undefined;
  }

  /** Says what was held and is due. */
  release(now: Instant, events: TcpServerEvent[]): void {
    if (this.#held.size > 0 && now >= this.#secondEnds) this.#releaseAll(events);
  }

  /** Says everything: the client is silent or gone. */
  flush(now: Instant, events: TcpServerEvent[]): void {
    this.endRepeats(now, events);
    this.endLump(now, events);
    this.#releaseAll(events);
  }

  #say(anomaly: Anomaly, now: Instant, events: TcpServerEvent[]): void {
    if (now >= this.#secondEnds) {
      this.#releaseAll(events);
      this.#secondEnds = now + 1_000;
      this.#said = 0;
    }
    if (this.#said < MOST_PER_SECOND) {
      this.#said++;
      events.push(eventOf(this.#client, anomaly));
    } else {
      this.#hold(anomaly);
    }
  }

  #hold(anomaly: Anomaly): void {
    const held = this.#held.get(anomaly.kind);
    if (!held) {
      this.#held.set(anomaly.kind, anomaly);
      return;
    }
    if (anomaly.kind === "restarted") {
      // Not a range: where the numbers last fell from, and to.
      held.from = anomaly.from;
      held.to = anomaly.to;
    } else {
      held.from = Math.min(held.from, anomaly.from);
      held.to = Math.max(held.to, anomaly.to);
    }
    held.count += anomaly.count;
    held.delay = Math.max(held.delay, anomaly.delay);
  }

  #releaseAll(events: TcpServerEvent[]): void {
    for (const anomaly of this.#held.values()) events.push(eventOf(this.#client, anomaly));
    this.#held.clear();
  }
}

interface Anomaly extends NumberRun {
  readonly kind: AnomalyKind;
  from: number;
  to: number;
  count: number;
  delay: number;
}

function extended(
  run: Anomaly | undefined,
  kind: AnomalyKind,
  sequence: number,
  delay: number,
): Anomaly {
  if (!run) return { kind, from: sequence, to: sequence, count: 1, delay };
  run.from = Math.min(run.from, sequence);
  run.to = Math.max(run.to, sequence);
  run.count++;
  run.delay = Math.max(run.delay, delay);
  return run;
}

function eventOf(client: string, { kind, from, to, count, delay }: Anomaly): TcpServerEvent {
  if (kind === "late") return { type: kind, client, from, to, count, delay };
  return { type: kind, client, from, to, count };
}

/** A person can follow as many; a broken sender may find 1,000 in one read. */
const MOST_PER_SECOND = 10;
