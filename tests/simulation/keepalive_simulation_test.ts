/**
 * Two ends of a keepalive connection over a simulated link for hours: who is killed, and when.
 *
 * The link delays, and now and then holds everything in one or both directions, as a network without
 * loss above TCP does; each end stalls now and then. The oracle is the rule itself: an end may be
 * declared dead only if nothing of it arrived for the whole detection time, and then exactly.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Random } from "../../core/machine.ts";
import { KeepaliveConnectionMachine } from "../../keepalive/connection_machine.ts";
import type { KeepaliveOutput } from "../../keepalive/contract.ts";
import { keepaliveDetection, type KeepaliveTiming } from "../../keepalive/timing.ts";
import { seededRandom } from "../support/random.ts";

const SEED: Required<KeepaliveTiming> = {
  heartBeatInterval: 5_000,
  heartBeatThreshold: 10_000,
  heartBeatAdditionalTries: 3,
  dataInterval: 5_000,
  dataThreshold: 20_000,
};
const HOUR = 3_600_000;

interface WorldOptions {
  /** One way through the link, in ms, at most. */
  readonly delay: number;
  /** Ms between two outages, and how long one is at most; in both directions or one. */
  readonly outageEvery: number;
  readonly longestOutage: number;
  /** The application answers data. */
  readonly replies: boolean;
  /** Ms between two stalls of an end, and how long one is at most. */
  readonly stallEvery: number;
  readonly longestStall: number;
}

class End {
  readonly machine: KeepaliveConnectionMachine;
  /** What arrives, and when, in order. */
  readonly arriving: { at: number; bytes: Uint8Array }[] = [];
  /** Until when nothing arrives, and until when this process does not run. */
  blockedUntil = 0;
  stalledUntil = 0;
  stalledSince = 0;
  heardAt = 0;
  probes = 0;
  end: Extract<KeepaliveOutput, { type: "disconnected" }> | undefined;

  constructor(payload: string | undefined) {
    this.machine = new KeepaliveConnectionMachine({ connection: 1, peer: "P", payload }, SEED, 0);
  }
}

/** Runs one connection to its end, or for `until` ms. */
function run(options: WorldOptions, random: Random, until: number): { now: number; ends: End[] } {
  const ends = [new End("x"), new End(undefined)] as const;
  let nextOutage = options.outageEvery * random(), nextStall = options.stallEvery * random();
  let now = 0;
  const deliver = (from: number, outputs: readonly KeepaliveOutput[]) => {
    const me = ends[from]!, peer = ends[1 - from]!;
    for (const output of outputs) {
      if (output.type === "send" || (output.type === "close" && output.last)) {
        const bytes = output.type === "send" ? output.bytes : output.last!;
        const last = peer.arriving.at(-1)?.at ?? 0;
        // TCP keeps the order.
        peer.arriving.push({ at: Math.max(last, now + options.delay * random()), bytes });
        me.machine.handle({ type: "written", bytes: bytes.length }, now);
      } else if (output.type === "data" && options.replies) {
        deliver(from, me.machine.handle({ type: "reply", id: output.id, payload: "ok" }, now));
      } else if (output.type === "probe") me.probes++;
      else if (output.type === "disconnected") me.end = output;
    }
  };
  while (now < until && ends.every(({ end }) => !end)) {
    const due = ends.map(({ machine, arriving, blockedUntil, stalledUntil }) => {
      const arrival = arriving[0] ? Math.max(arriving[0].at, blockedUntil) : Infinity;
      return Math.max(Math.min(machine.deadline ?? Infinity, arrival), stalledUntil);
    });
    now = Math.max(now, Math.min(...due, nextOutage, nextStall));
    if (now >= nextOutage) {
      // Never two in a row: together they would be a longer one.
      nextOutage = now + options.longestOutage + 2 * options.outageEvery * random();
      const which = Math.floor(3 * random());
      ends.forEach((end, n) => {
        if (which === n) return;
        end.blockedUntil = Math.max(end.blockedUntil, now + options.longestOutage * random());
      });
    }
    if (now >= nextStall) {
      nextStall = now + 2 * options.stallEvery * random();
      const end = ends[Math.floor(2 * random())]!;
      if (now >= end.stalledUntil) {
        end.stalledSince = now;
        end.stalledUntil = now + options.longestStall * random();
      }
    }
    ends.forEach((end, n) => {
      if (now < end.stalledUntil) return;
      if (end.stalledSince > 0) {
        // As the driver does: first the news of the stall, then what waits, then the verdict.
        const by = end.stalledUntil - end.stalledSince;
        if (by >= 100) deliver(n, end.machine.handle({ type: "lagged", by }, now));
        end.stalledSince = 0;
      }
      while (now >= end.blockedUntil && end.arriving[0] && end.arriving[0].at <= now) {
        end.heardAt = now;
        const { bytes } = end.arriving.shift()!;
        deliver(n, end.machine.handle({ type: "bytes", bytes }, now));
      }
      if ((end.machine.deadline ?? Infinity) <= now) deliver(n, end.machine.tick(now));
    });
  }
  return { now, ends: [...ends] };
}

/** Runs many worlds; a failure names the seed that repeats it. */
function worlds(
  count: number,
  options: WorldOptions,
  check: (end: { now: number; ends: End[] }) => void,
): void {
  for (let seed = 1; seed <= count; seed++) {
    try {
      check(run(options, seededRandom(seed), 10 * HOUR));
    } catch (error) {
      throw new Error(`Seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
}

const CALM: WorldOptions = {
  delay: 200,
  outageEvery: Infinity,
  longestOutage: 0,
  replies: true,
  stallEvery: Infinity,
  longestStall: 0,
};

Deno.test("ten hours of data: not one probe", { permissions: "none" }, () => {
  worlds(5, CALM, ({ now, ends }) => {
    assert(now >= 10 * HOUR);
    assertEquals(ends.map(({ probes }) => probes), [0, 0]);
  });
});

Deno.test("a round trip of 0.9 thresholds, outages and stalls of 500 ms: nobody is killed", {
  permissions: "none",
}, () => {
  const slow = { ...CALM, delay: 4_500, stallEvery: 30_000, longestStall: 500 };
  const rough = { ...slow, outageEvery: 120_000, longestOutage: 30_000 };
  for (const options of [slow, rough, { ...rough, replies: false }]) {
    worlds(10, options, ({ now, ends }) => {
      assertEquals(ends.map(({ end }) => end), [undefined, undefined]);
      assert(now >= 10 * HOUR);
    });
  }
});

Deno.test("outages of up to three minutes: each death is exact, and just", {
  permissions: "none",
}, () => {
  const { fromData, fromHeartbeat } = keepaliveDetection(SEED);
  const deadly = { ...CALM, outageEvery: 300_000, longestOutage: 180_000 };
  const reasons = new Map<string, number>();
  worlds(300, deadly, ({ now, ends }) => {
    const first = ends.find(({ end }) => end)!;
    const { reason, silentFor } = first.end!;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    assertEquals(reason, "silent");
    assertEquals(Math.round(silentFor), Math.round(now - first.heardAt));
    assert(
      [fromData, fromHeartbeat].some((figure) => Math.abs(silentFor - figure) < 1e-6),
      `${silentFor}`,
    );
  });
  assertEquals([...reasons], [["silent", 300]]);
});
