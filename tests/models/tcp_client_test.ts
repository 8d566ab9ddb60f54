// The TCP client without acks against the arithmetic of its schedule.

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { decodeTcpHeartbeat } from "../../tcp/message.ts";
import type { TcpClientInput, TcpClientOutput } from "../../tcp/inputs.ts";
import { TcpClientMachine } from "../../tcp/client_machine.ts";
import { passTime } from "../support/story.ts";
import { runSteps, type Step, step } from "./step.ts";

const INTERVAL = 100;
const COUNT = 15;

interface Model {
  now: number;
  /** When the first connection was open. */
  start: number | undefined;
  /** The place in the schedule of the next heartbeat, and how many were sent. */
  next: number;
  sent: number;
  open: boolean;
  over: boolean;
}

/** The machine and the number of its present connection. */
class Real {
  connection = 0;
  readonly machine = new TcpClientMachine(
    { interval: INTERVAL, count: COUNT, backoff: { base: 30, cap: 30 } },
    { server: "s:1", random: () => 0.999, wall: (now) => now },
    0,
  );

  tell(input: TcpClientInput, now: number): string[] {
    return this.said(this.machine.handle(input, now), now);
  }

  /** In words; what is sent counts as taken at once. */
  said(outputs: readonly TcpClientOutput[], now: number): string[] {
    return outputs.flatMap((output) => {
      switch (output.type) {
        case "connect":
          this.connection = output.connection;
          return [];
        case "send": {
          const { connection, bytes } = output;
          const { sequence } = decodeTcpHeartbeat(bytes, 0, bytes.length - 2)!;
          return [
            `send ${sequence}`,
            ...this.tell({ type: "drained", connection, unsent: 0 }, now),
          ];
        }
        case "skipped":
          return [`skipped ${output.count}`];
        case "disconnected":
        case "done":
          return [output.type];
        default:
          return [];
      }
    });
  }
}

const END = { hostname: "10.0.0.1", port: 1 };
const MS = fc.nat(20).map((n) => n * 20);

const connect = MS.map((ms) =>
  client(`connect(${ms})`, (model, real) => {
    // The wait before it is drawn, and not the model's.
    model.now = Math.max(model.now, real.machine.deadline!);
    real.said(real.machine.tick(model.now), model.now);
    model.now += ms;
    const { connection } = real, { now } = model;
    const said = real.tell({ type: "opened", connection, remote: END, local: END }, now);
    model.open = true;
    model.start ??= now;
    const current = Math.floor((now - model.start) / INTERVAL);
    // While nothing was connected nothing could be sent, so nothing counts as skipped.
    model.next = Math.max(model.next, current);
    assertEquals(said, dueOf(model) <= now ? send(model) : []);
  }, ({ open }) => !open)
);
const lose = fc.constant(
  client("lose()", (model, real) => {
    const { connection } = real;
    const said = real.tell({ type: "ended", connection, reason: "reset" }, model.now);
    assertEquals(said, ["disconnected"]);
    model.open = false;
  }, ({ open }) => open),
);
const late = fc.constant(
  client("something of the connection before", (model, real) => {
    const connection = real.connection - 1;
    assertEquals(real.tell({ type: "ended", connection, reason: "reset" }, model.now), []);
  }),
);
const pass = MS.map((ms) =>
  client(`pass(${ms})`, (model, real) => {
    const until = model.now + ms, said: string[] = [], wanted: string[] = [];
    passTime(real.machine, until, (outputs, now) => {
      said.push(...real.said(outputs, now).map((line) => `${now} ${line}`));
    }, model.now);
    for (let at; !model.over && (at = Math.max(model.now, dueOf(model))) <= until;) {
      wanted.push(...send(model).map((line) => `${at} ${line}`));
    }
    assertEquals(said, wanted);
    model.now = until;
  }, ({ open }) => open)
);
const oversleep = MS.map((ms) =>
  client(`oversleep(${ms})`, (model, real) => {
    model.now += ms;
    const wanted: string[] = [];
    if (dueOf(model) <= model.now) {
      const current = Math.floor((model.now - model.start!) / INTERVAL);
      if (current > model.next) wanted.push(`skipped ${current - model.next}`);
      model.next = Math.max(model.next, current);
      wanted.push(...send(model));
    }
    assertEquals(real.said(real.machine.tick(model.now), model.now), wanted);
  }, ({ open }) => open)
);

Deno.test(
  "model: a TCP client is the arithmetic of its schedule",
  { permissions: "none" },
  () =>
    runSteps<Model, Real>(
      [connect, connect, lose, late, pass, pass, oversleep],
      () => ({
        model: { now: 0, start: undefined, next: 0, sent: 0, open: false, over: false },
        real: new Real(),
      }),
      { length: 60 },
    ),
);

function client(
  words: string,
  run: (model: Model, real: Real) => void,
  may: (model: Readonly<Model>) => boolean = () => true,
): Step<Model, Real> {
  return step(words, run, (model) => !model.over && may(model));
}

function dueOf({ start, next }: Model): number {
  return start! + next * INTERVAL;
}

/** Numbers count what was sent, whatever was skipped; the last one ends it. */
function send(model: Model): string[] {
  model.next++;
  model.over = ++model.sent === COUNT;
  return [`send ${model.sent}`, ...model.over ? ["done"] : []];
}
