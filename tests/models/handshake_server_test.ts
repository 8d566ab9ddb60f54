// The handshake server against a map of who has which id until when.

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { HandshakeServerOutput } from "../../handshake/inputs.ts";
import { HandshakeServerMachine } from "../../handshake/server_machine.ts";
import { bytesOf, latin1 } from "../fuzz/target.ts";
import { passTime } from "../support/story.ts";
import { runSteps, type Step, step } from "./step.ts";

const OPTIONS = { lease: 300, maxLeases: 3, idleExit: 1_000, silence: 1e9 };
/** TCP connections are open from the start, from the addresses that datagrams come from, too. */
const CONNECTIONS = [1, 2];

interface Model {
  now: number;
  readonly leases: Map<string, { readonly holder: string; readonly until: number }>;
  /** When it stops if nobody asks. */
  idleAt: number;
  stopped: boolean;
}

const ID = fc.constantFrom("a", "b", "c", "d", "e");
const PORT = fc.integer({ min: 5_001, max: 5_003 });
const MS = fc.nat(10).map((n) => n * 50);

const udp = fc.tuple(ID, PORT).map(([id, port]) =>
  step<Model, HandshakeServerMachine>(`udp ${port}: HELLO ${id}`, (model, machine) => {
    const from = { hostname: "10.0.0.1", port };
    const said = replies(machine.receive(bytesOf(`HELLO ${id}`), from, model.now));
    assertEquals(said, answer(model, id, `udp ${port}`, `10.0.0.1 ${port}`));
  })
);
const tcp = fc.tuple(ID, fc.constantFrom(...CONNECTIONS), fc.nat(8)).map(([id, connection, cut]) =>
  step<Model, HandshakeServerMachine>(`tcp ${connection}: HELLO ${id}`, (model, machine) => {
    const line = bytesOf(`HELLO ${id}\r\n`), { now } = model;
    const said = [line.subarray(0, cut), line.subarray(cut)].flatMap((bytes) =>
      replies(machine.handle({ type: "data", connection, bytes }, now))
    );
    assertEquals(said, answer(model, id, `tcp ${connection}`, `10.0.0.1 ${5_000 + connection}`));
  })
);
const rubbish = fc.constant(
  step<Model, HandshakeServerMachine>("rubbish", (model, machine) => {
    const from = { hostname: "10.0.0.3", port: 1 };
    assertEquals(replies(machine.receive(bytesOf("HELLO"), from, model.now)), []);
  }),
);
const pass = MS.map((ms) =>
  step<Model, HandshakeServerMachine>(`pass(${ms})`, (model, machine) => {
    const until = model.now + ms, stops: number[] = [];
    passTime(machine, until, (outputs, now) => {
      if (outputs.some(({ type }) => type === "idle")) stops.push(now);
    }, model.now);
    const stop = Math.max(model.now, model.idleAt);
    assertEquals(stops, !model.stopped && stop <= until ? [stop] : []);
    model.stopped ||= stop <= until;
    model.now = until;
  })
);
const stall = MS.map((by) =>
  step<Model, HandshakeServerMachine>(`stall(${by})`, (model, machine) => {
    model.now += by;
    machine.stalled(by);
    // Idleness is a verdict about others and waits; a lease is a promise and does not.
    model.idleAt += by;
  })
);

Deno.test("model: a handshake server is a map of who has which id until when", {
  permissions: "none",
}, () =>
  runSteps<Model, HandshakeServerMachine>(
    [udp, udp, udp, udp, tcp, tcp, rubbish, pass, pass, stall].map(alive),
    () => {
      const real = new HandshakeServerMachine(OPTIONS, {}, 0);
      for (const connection of CONNECTIONS) {
        const remote = { hostname: "10.0.0.1", port: 5_000 + connection };
        real.handle({ type: "opened", connection, remote, local: remote }, 0);
      }
      return {
        model: { now: 0, leases: new Map(), idleAt: OPTIONS.idleExit, stopped: false },
        real,
      };
    },
    { length: 100 },
  ));

/** After every step the number of leases is compared, until one that is over may still be counted. */
function alive(
  steps: fc.Arbitrary<Step<Model, HandshakeServerMachine>>,
): fc.Arbitrary<Step<Model, HandshakeServerMachine>> {
  return steps.map((each) =>
    step(String(each), async (model, machine) => {
      await each.run(model, machine);
      const { size } = machine;
      const held = [...model.leases.values()].filter(({ until }) => until > model.now).length;
      if (!model.stopped) assertEquals(size >= held && size <= OPTIONS.maxLeases, true, `${size}`);
    })
  );
}

function answer(model: Model, id: string, holder: string, address: string): string[] {
  if (model.stopped) return [];
  const { now, leases } = model;
  model.idleAt = now + OPTIONS.idleExit;
  for (const [id, { until }] of leases) if (until <= now) leases.delete(id);
  const lease = leases.get(id);
  if (lease ? lease.holder !== holder : leases.size >= OPTIONS.maxLeases) return [`RESET ${id}`];
  if (!lease) leases.set(id, { holder, until: now + OPTIONS.lease });
  return [`OK ${id} ${address}`];
}

function replies(outputs: readonly HandshakeServerOutput[]): string[] {
  return outputs.flatMap((output) =>
    output.type === "reply" || output.type === "send" ? [latin1(output.bytes).trimEnd()] : []
  );
}
