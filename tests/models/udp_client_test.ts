// The UDP client against the arithmetic of its schedule.

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { HeartlineError } from "../../core/errors.ts";
import { UdpClientMachine } from "../../udp/client_machine.ts";
import type { UdpClientOutput } from "../../udp/inputs.ts";
import { linesUntil } from "../support/story.ts";
import { runSteps, type Step, step } from "./step.ts";

const SCHEDULE = { interval: 100, burst: 4, spread: 0.8, count: 12 };
const START = 30;
const GAP = SCHEDULE.spread * SCHEDULE.interval / SCHEDULE.burst;

interface Model {
  now: number;
  /** The next datagram: its burst and its place in it, both from 0. */
  burst: number;
  place: number;
  /** The last burst of which a failure was said, counted from 1. */
  failed: number;
}

const MS = fc.nat(30).map((n) => n * 10);

const pass = MS.map((ms) =>
  step<Model, UdpClientMachine>(`pass(${ms})`, (model, machine) => {
    const until = model.now + ms, said = linesUntil(machine, until, words, model.now);
    const wanted: string[] = [];
    for (let at; (at = Math.max(model.now, dueOf(model))) <= until;) {
      wanted.push(...send(model).map((line) => `${at} ${line}`));
    }
    assertEquals(said, wanted);
    model.now = until;
  })
);
const oversleep = fc.integer({ min: 5, max: 25 }).map((n) =>
  step<Model, UdpClientMachine>(`oversleep(${n * 20})`, (model, machine) => {
    model.now += n * 20;
    const wanted: string[] = [];
    // Bursts that a later one has replaced would say nothing.
    const newest = Math.floor((model.now - START) / SCHEDULE.interval);
    const current = Math.min(newest, SCHEDULE.count - 1);
    if (current > model.burst && model.burst < SCHEDULE.count) {
      wanted.push(`skipped ${current - model.burst}`);
      Object.assign(model, { burst: current, place: 0 });
    }
    while (dueOf(model) <= model.now) wanted.push(...send(model));
    assertEquals(words(machine.tick(model.now)), wanted);
  })
);
const fail = fc.nat(1).map((ago) =>
  step<Model, UdpClientMachine>(`a datagram of ${ago} burst(s) ago fails`, (model, machine) => {
    const burst = model.burst + 1 - ago, wanted: string[] = [];
    if (burst > model.failed) {
      model.failed = burst;
      wanted.push(`send-failed ${burst}`);
      if (ago === 0) wanted.push(...end(model));
    }
    const error = new HeartlineError("unreachable", "Cannot send");
    assertEquals(words(machine.handle({ type: "failed", burst, error }, model.now)), wanted);
  }, ({ burst }) => burst < SCHEDULE.count && burst + 1 - ago > 0)
);

Deno.test(
  "model: a UDP client is the arithmetic of its schedule",
  { permissions: "none" },
  () =>
    runSteps<Model, UdpClientMachine>(
      [pass, pass, oversleep, fail] as fc.Arbitrary<Step<Model, UdpClientMachine>>[],
      () => ({
        model: { now: 0, burst: 0, place: 0, failed: 0 },
        real: new UdpClientMachine(SCHEDULE, {}, START),
      }),
      { length: 40 },
    ),
);

function dueOf({ burst, place }: Model): number {
  return burst < SCHEDULE.count ? START + burst * SCHEDULE.interval + place * GAP : Infinity;
}

function send(model: Model): string[] {
  const said = [`send ${model.burst + 1} ${++model.place}`];
  if (model.place < SCHEDULE.burst) return said;
  return [...said, `sent ${model.burst + 1}`, ...end(model)];
}

function end(model: Model): string[] {
  model.burst++;
  model.place = 0;
  return model.burst === SCHEDULE.count ? ["done"] : [];
}

function words(outputs: readonly UdpClientOutput[]): string[] {
  return outputs.map((output) => {
    switch (output.type) {
      case "send":
        return `send ${output.burst} ${output.sequence}`;
      case "skipped":
        return `skipped ${output.bursts}`;
      case "sent":
      case "send-failed":
        return `${output.type} ${output.burst}`;
      default:
        return output.type;
    }
  });
}
