/**
 * A handshake client over UDP is a try, the instant it gives up, and the next repetition.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { HeartlineError } from "../../core/errors.ts";
import type { HandshakeClientInput } from "../../handshake/inputs.ts";
import { HandshakeClientMachine } from "../../handshake/client_machine.ts";
import { passTime } from "../support/story.ts";
import { runSteps, step } from "./step.ts";

const END = { hostname: "10.0.0.7", port: 5_001 };

const TRIES = 3;
const TIMEOUT = 5_000;

interface Model {
  now: number;
  state: "opening" | "waiting" | "asking" | "over";
  try: number;
  giveUpAt: number;
  firstSentAt: number;
  repeatAt: number;
}

/** A client whose socket, user and clock are the test. */
class Real {
  readonly #machine: HandshakeClientMachine;

  constructor() {
    const options = { id: "id-1", tries: TRIES, timeout: TIMEOUT };
    this.#machine = new HandshakeClientMachine(options, { server: "s:1", random: () => 0 }, 0);
    assertEquals(this.pass(0), ["connect 1"]);
  }

  tell(input: HandshakeClientInput, now: number): string[] {
    return words(this.#machine.handle(input, now));
  }

  stall(by: number): string[] {
    return words(this.#machine.stalled(by));
  }

  /** Ticks at every deadline up to `until`. */
  pass(until: number, from = 0): string[] {
    const said: string[] = [];
    passTime(this.#machine, until, (outputs) => said.push(...words(outputs)), from);
    return said;
  }
}

/** What matters of the outputs; what was ignored is said once a second at most and has its own tests. */
function words(outputs: ReturnType<HandshakeClientMachine["handle"]>): string[] {
  return outputs.flatMap((output) => {
    switch (output.type) {
      case "connect":
      case "send":
      case "close":
        return [`${output.type} ${output.connection}`];
      case "error":
        return [`error ${output.reason} ${output.id}`];
      case "established":
        return [`established ${output.id}`];
      case "ask-id":
      case "failure":
        return [output.type];
      default:
        return [];
    }
  });
}

/** A quarter, half and whole second after the first, then every second. */
function nextRepetition({ firstSentAt }: Model, after: number): number {
  const gaps = [250, 500, ...Array.from({ length: 60 }, (_, k) => (k + 1) * 1_000)];
  return firstSentAt + gaps.find((gap) => firstSentAt + gap > after)!;
}

function fail(model: Model, reason: string): string[] {
  const said = [`close ${model.try}`, `error ${reason} id-${model.try}`];
  model.state = model.try < TRIES ? "asking" : "over";
  return [...said, model.state === "asking" ? "ask-id" : "failure"];
}

/** What passing to `until` leads to. */
function passed(model: Model, until: number): string[] {
  const said: string[] = [];
  while (model.state === "opening" || model.state === "waiting") {
    const repeatAt = model.state === "waiting" ? model.repeatAt : Infinity;
    const at = Math.max(model.now, Math.min(model.giveUpAt, repeatAt));
    if (at > until) break;
    model.now = at;
    if (model.giveUpAt <= at) said.push(...fail(model, "timed-out"));
    else {
      said.push(`send ${model.try}`);
      model.repeatAt = nextRepetition(model, at);
    }
  }
  model.now = until;
  return said;
}

const isActive = ({ state }: Readonly<Model>) => state === "opening" || state === "waiting";
const datagram = (text: string, number: number): HandshakeClientInput => ({
  ...{ type: "datagram", connection: number },
  bytes: new TextEncoder().encode(text),
});

const pass = fc.nat(7_000).map((ms) =>
  step<Model, Real>(`pass(${ms})`, (model, real) => {
    const { now } = model;
    assertEquals(real.pass(now + ms, now), passed(model, now + ms));
  })
);
const opened = fc.constant(step<Model, Real>("opened", (model, real) => {
  const said = real.tell(
    { type: "opened", connection: model.try, remote: END, local: END },
    model.now,
  );
  Object.assign(model, { state: "waiting", firstSentAt: model.now });
  model.repeatAt = nextRepetition(model, model.now);
  assertEquals(said, [`send ${model.try}`]);
}, ({ state }) => state === "opening"));
const openFailed = fc.constant(step<Model, Real>("open-failed", (model, real) => {
  const error = new HeartlineError("address-not-available", "Cannot bind: no address");
  const said = real.tell({ type: "connect-failed", connection: model.try, error }, model.now);
  assertEquals(said, fail(model, "address-not-available"));
}, ({ state }) => state === "opening"));
const ok = fc.constant(step<Model, Real>("OK", (model, real) => {
  const said = real.tell(datagram(`OK id-${model.try} 10.0.0.1 5`, model.try), model.now);
  model.state = "over";
  assertEquals(said, [`close ${model.try}`, `established id-${model.try}`]);
}, ({ state }) => state === "waiting"));
const reset = fc.constant(step<Model, Real>("RESET", (model, real) => {
  const said = real.tell(datagram(`RESET id-${model.try}`, model.try), model.now);
  assertEquals(said, fail(model, "reset"));
}, ({ state }) => state === "waiting"));
const noise = fc.constantFrom("RESET other", "OK id-9 10.0.0.1 5", "", "ok id-1").map((text) =>
  step<Model, Real>(`noise ${JSON.stringify(text)}`, (model, real) => {
    assertEquals(real.tell(datagram(text, model.try), model.now), []);
    assertEquals(real.tell({ type: "stranger", connection: model.try }, model.now), []);
  })
);
const stale = fc.constant(step<Model, Real>("a reply to an earlier try", (model, real) => {
  assertEquals(real.tell(datagram(`RESET id-${model.try}`, model.try - 1), model.now), []);
}));
const nextId = fc.constant(step<Model, Real>("the next id", (model, real) => {
  const said = real.tell({ type: "next-id", id: `id-${model.try + 1}` }, model.now);
  Object.assign(model, { state: "opening", try: model.try + 1, giveUpAt: model.now + TIMEOUT });
  assertEquals(said, [`connect ${model.try}`]);
}, ({ state }) => state === "asking"));
const noId = fc.constant(step<Model, Real>("no further id", (model, real) => {
  assertEquals(real.tell({ type: "next-id", id: undefined }, model.now), ["failure"]);
  model.state = "over";
}, ({ state }) => state === "asking"));
const stalled = fc.integer({ min: 100, max: 10_000 }).map((by) =>
  step<Model, Real>(`stopped for ${by}`, (model, real) => {
    // Time has passed, but not for the server: the try is not shorter for it.
    model.now += by;
    model.giveUpAt += by;
    assertEquals(real.stall(by), []);
  }, isActive)
);

Deno.test("model: a handshake client is a try, when it gives up and when it repeats", {
  permissions: "none",
}, () =>
  runSteps<Model, Real>(
    [
      pass,
      pass,
      opened,
      opened,
      opened,
      openFailed,
      ok,
      reset,
      noise,
      stale,
      nextId,
      nextId,
      noId,
      stalled,
    ],
    () => ({
      model: {
        ...{ now: 0, state: "opening", try: 1, giveUpAt: TIMEOUT },
        ...{ firstSentAt: 0, repeatAt: Infinity },
      },
      real: new Real(),
    }),
    { runs: 500 },
  ));
