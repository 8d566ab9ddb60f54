/**
 * Plays a story on real servers and clients whose every step, time included, comes in a drawn order.
 *
 * At the end nothing may be left behind: no timer, no connection, no datagram.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { VirtualClock } from "../support/virtual_clock.ts";
import { ScheduledNet, type Turn } from "./scheduled_net.ts";

/** What a story has of the outside: a network, a clock and randomness. */
export interface ScheduledWorld {
  readonly net: ScheduledNet;
  readonly clock: VirtualClock;
  /** Draws what protocols draw. */
  readonly random: () => number;
  /** Waits for its turn. */
  readonly turn: Turn;
  /** Does something at any moment of the story, or after it and then not. */
  readonly sometime: (words: string, act: () => unknown) => Promise<void>;
  /** Closes what listens on a port: soon nothing may be open there, whatever was on its way. */
  readonly close: (service: { close(): Promise<void> }, port: number) => Promise<void>;
}

/** Plays a story under many schedules; at its end all sockets and timers must be gone. */
export async function underAnySchedule<Choice>(
  choices: fc.Arbitrary<Choice>,
  story: (world: ScheduledWorld, choice: Choice) => Promise<void>,
  { runs = 300 }: { runs?: number } = {},
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), choices, DELAYS, async (scheduler, choice, delays) => {
      const clock = new VirtualClock();
      const turn = async (words: string): Promise<void> => {
        await scheduler.schedule(Promise.resolve(), words);
      };
      const net = new ScheduledNet(turn);
      let over = false;
      const { promise: failed, reject: fail } = Promise.withResolvers<never>();
      let acts = 0;
      const sometime = async (words: string, act: () => unknown): Promise<void> => {
        // After so many turns: with one, most would come before anything else has begun.
        for (let left = delays[acts++ % delays.length]!; left >= 0 && !over; left--) {
          await turn(words);
        }
        if (!over) await Promise.resolve(act()).catch(fail);
      };
      const close: ScheduledWorld["close"] = async (service, port) => {
        let closed = false;
        const closing = service.close().then(() => closed = true);
        for (let left = PATIENCE; !closed; left--) {
          if (left === 0) throw new Error("It waits for somebody to be closed");
          await turn("closing");
        }
        await closing;
        for (let left = ON_ITS_WAY; left > 0 && !over; left--) await turn("on its way");
        if (!over) assertEquals(net.openAt(port), 0, "A closed service has sockets");
      };
      // Time passes between any two steps, and stands still between others.
      const pass = async (): Promise<void> => {
        for (let steps = 0; !over; steps++) {
          if (steps === LONGEST) throw new Error(`Not over after ${steps * STEP} ms`);
          await turn(`${STEP} ms`);
          clock.advance(STEP);
        }
      };
      const told = story({ net, clock, random: () => 0.5, turn, sometime, close }, choice)
        .finally(() => over = true);
      await scheduler.waitFor(Promise.race([told, failed, pass().then(() => told)]));
      for (await settled(); scheduler.count() > 0; await settled()) await scheduler.waitOne();
      assertEquals([net.open, clock.pending], [0, 0], "Sockets or timers are left");
    }),
    { numRuns: runs },
  );
}

/** Lets everything go on that needs no turn. */
async function settled(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

const DELAYS = fc.array(fc.nat(40), { minLength: 6, maxLength: 6, size: "max" });
/** In ms: a few of them make every timeout of a story. */
const STEP = 10;
/** In turns: enough for farewells and for a store, too few for a peer to give up. */
const PATIENCE = 250;
/** In turns: more than a connection needs to be accepted, and its bytes to be read. */
const ON_ITS_WAY = 60;
/** In steps: a story that goes on for so long will not end. */
const LONGEST = 5_000;
