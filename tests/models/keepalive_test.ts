// A keepalive connection against arithmetic on when anything last came.

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { KeepaliveConnectionMachine } from "../../keepalive/connection_machine.ts";
import type { KeepaliveInput, KeepaliveOutput } from "../../keepalive/inputs.ts";
import { bytesOf } from "../fuzz/target.ts";
import { linesUntil } from "../support/story.ts";
import { runSteps, type Step, step } from "./step.ts";

const TIMING = {
  dataThreshold: 200,
  heartBeatInterval: 60,
  heartBeatThreshold: 100,
  heartBeatAdditionalTries: 2,
};

interface Model {
  now: number;
  /** Whether DATA or REPLY came since the last probe in the data phase. */
  phase: "data" | "heartbeat";
  /** When the first probe goes out if nothing comes; all others and the end count from here. */
  probeAt: number;
  /** Probes sent since then. */
  probed: number;
  /** Half a line came. */
  half: boolean;
  over: boolean;
}

const MS = fc.nat(15).map((n) => n * 20);

const pass = MS.map((ms) =>
  connection(`pass(${ms})`, (model, machine) => {
    const until = model.now + ms, said = linesUntil(machine, until, heard, model.now);
    assertEquals(said, expected(model, until));
    model.now = until;
  })
);
const data = fc.constant(
  arrives("DATA 1 x\n", (model) => {
    const begins = model.phase === "heartbeat";
    model.phase = "data";
    return begins ? ["data phase", "data"] : ["data"];
  }),
);
const heartbeat = fc.constant(arrives("HEARTBEAT 7\n", () => ["HEARTBEAT-ACK 7"]));
const half = fc.constant(
  arrives("HEART", (model) => {
    model.half = true;
    return [];
  }),
);
const unknown = fc.constant(
  arrives("REPLY 1 x\n", (model) => {
    // It answers what was never sent.
    model.over = true;
    return ["TERMINATE malformed", "over malformed"];
  }),
);
const stall = MS.map((by) =>
  connection(`stall(${by})`, (model, machine) => {
    model.now += by;
    machine.stalled(by);
    model.probeAt += by;
  })
);

Deno.test("model: a keepalive connection counts from when anything last came", {
  permissions: "none",
}, () =>
  runSteps<Model, KeepaliveConnectionMachine>(
    [
      pass,
      pass,
      pass,
      data,
      heartbeat,
      half,
      stall,
      fc.oneof({ weight: 9, arbitrary: data }, unknown),
    ],
    () => {
      const environment = { connection: 1, remote: { server: "p" } };
      const times = { now: 0, probeAt: TIMING.dataThreshold, probed: 0 };
      return {
        model: { ...times, phase: "data", half: false, over: false },
        real: new KeepaliveConnectionMachine(TIMING, environment, 0),
      };
    },
    { length: 100 },
  ));

function connection(
  words: string,
  run: (model: Model, machine: KeepaliveConnectionMachine) => void,
  may: (model: Readonly<Model>) => boolean = () => true,
): Step<Model, KeepaliveConnectionMachine> {
  return step(words, (model, machine) => {
    run(model, machine);
    const { phase } = machine.report(model.now);
    if (!model.over) assertEquals(phase, model.phase);
    assertEquals(machine.over, model.over);
  }, (model) => !model.over && may(model));
}

/** Bytes that come: whatever they are, they count as a sign of life. */
function arrives(
  text: string,
  leadsTo: (model: Model) => string[],
): Step<Model, KeepaliveConnectionMachine> {
  return connection(JSON.stringify(text), (model, machine) => {
    const said = tell(machine, { type: "data", connection: 1, bytes: bytesOf(text) }, model.now);
    assertEquals(said, leadsTo(model));
    model.probed = 0;
    model.probeAt = model.now +
      (model.phase === "data" ? TIMING.dataThreshold : TIMING.heartBeatInterval);
  }, ({ half }) => !half || text === "HEART");
}

/** Probes, and the end when one more than all tries went unanswered. */
function expected(model: Model, until: number): string[] {
  const said: string[] = [];
  for (;;) {
    const at = Math.max(model.now, model.probeAt + model.probed * TIMING.heartBeatThreshold);
    if (at > until) return said;
    if (model.phase === "data") said.push(`${at} heartbeat phase`);
    model.phase = "heartbeat";
    if (model.probed > 0) said.push(`${at} missed ${model.probed}`);
    if (model.probed > TIMING.heartBeatAdditionalTries) {
      model.over = true;
      return [...said, `${at} TERMINATE silent`, `${at} over silent`];
    }
    said.push(`${at} HEARTBEAT`);
    model.probed++;
  }
}

function tell(machine: KeepaliveConnectionMachine, input: KeepaliveInput, now: number): string[] {
  return heard(machine.handle(input, now));
}

function heard(outputs: readonly KeepaliveOutput[]): string[] {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trimEnd();
  return outputs.flatMap((output) => {
    switch (output.type) {
      case "send":
        // Probes are numbered over the life of the connection, which the model does not count.
        return [text(output.bytes).replace(/^HEARTBEAT \d+$/, "HEARTBEAT")];
      case "close":
        return output.last ? [text(output.last)] : [];
      case "phase":
        return [`${output.phase} phase`];
      case "probe-missed":
        return [`missed ${output.inARow}`];
      case "disconnected":
        return [`over ${output.reason}`];
      case "data":
        return ["data"];
      default:
        return [];
    }
  });
}
