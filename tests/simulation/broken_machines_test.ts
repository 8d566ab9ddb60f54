/**
 * Every invariant finds the machine that breaks it, and what is left of the run is short.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Instant, Machine } from "../../core/machine.ts";
import type { Fault } from "./faults.ts";
import { planOf, play, report, type Wrap } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";
import { shrink } from "./shrink.ts";

/** Anything that a machine puts out or is told. */
// deno-lint-ignore no-explicit-any
type Any = any;

/** How a machine is broken. */
interface Break {
  readonly scenario: string;
  readonly invariant: string;
  readonly what: string;
  /** Whose machine. */
  readonly who: "server" | "client";
  /** What it puts out instead of an output. @default the same */
  readonly output?: (output: Any) => Any[];
  /** What it is told instead of an input, or several in place of it. @default the same */
  readonly input?: (input: Any) => Any;
  /** By how many ms its clock is ahead. @default 0 */
  readonly ahead?: number;
  /** The same, for some inputs only. */
  readonly aheadFor?: (input: Any) => boolean;
  /** One in which a client comes back to the same server first. @default 1 */
  readonly seed?: number;
  /** What goes wrong, to client 4 alone. @default what the scenario draws, to three clients */
  readonly faults?: readonly Fault[];
}

const text = (output: Any): string => new TextDecoder().decode(output.bytes);
const bytes = (line: string) => new TextEncoder().encode(line);
const drop = (type: string) => (output: Any) => output.type === type ? [] : [output];
const twice = (type: string) => (output: Any) => output.type === type ? [output, output] : [output];
const replace = (pattern: RegExp, by: string) => (output: Any) => {
  if (!output.bytes) return [output];
  return [{ ...output, bytes: bytes(text(output).replace(pattern, by)) }];
};

/** A store that refused a change, and then fails where it is asked why. */
function unheardLoads(): (input: Any) => Any {
  let refused = false;
  return (input) => {
    if (input.type !== "answer") return input;
    if (input.answer.changed === false) refused = true;
    if (!refused || input.answer.type !== "loaded") return input;
    refused = false;
    return { ...input, answer: { type: "failed", message: "not heard" } };
  };
}

/** The server still sends into nowhere when a client, which saves its state, comes back. */
const HALF_OPEN_AND_BACK = Array.from({ length: 10 }, (_, i): Fault[] => [
  { kind: "half-open", who: 4, at: 200_000 + i * 100_000, for: 0, by: 0 },
  { kind: "kill", who: 4, at: 200_100 + i * 100_000, for: 100, by: 0 },
]).flat();

const BREAKS: readonly Break[] = [
  {
    ...{ scenario: "udp", invariant: "no-false-alarm", who: "server", ahead: 1_000 },
    what: "a clock that is a second ahead of what it reads",
    aheadFor: (input) => input.type !== "datagram",
  },
  {
    ...{ scenario: "udp", invariant: "down-in-time", who: "server", output: drop("down") },
    what: "no alarm",
  },
  {
    ...{ scenario: "udp", invariant: "down-once", who: "server", output: twice("down") },
    what: "every alarm twice",
  },
  {
    ...{ scenario: "udp", invariant: "heard-is-up", who: "server", output: drop("recovered") },
    what: "no recovery",
  },
  {
    ...{
      scenario: "udp",
      invariant: "states-alternate",
      who: "server",
      output: twice("recovered"),
    },
    what: "every recovery twice",
  },
  {
    ...{ scenario: "udp", invariant: "no-throw", who: "server" },
    what: "a server that rubbish stops",
    input: (input) => {
      if (input.bytes?.[0] >= 128) throw new Error("rubbish");
      return input;
    },
  },
  {
    ...{ scenario: "tcp", invariant: "numbers-in-order", who: "client" },
    what: "a number that comes again",
    output: replace(/#\d*9:/, "#1:"),
  },
  {
    ...{ scenario: "tcp", invariant: "acked-received-sent", who: "client" },
    what: "the next number taken for confirmed",
    output: (
      output,
    ) => [{ ...output, sequence: output.sequence + Number(output.type === "acked") }],
  },
  {
    ...{ scenario: "tcp", invariant: "silent-after-close", who: "client" },
    what: "an end, and then more",
    output: (output) => output.type === "acked" ? [output, { type: "done" }] : [output],
  },
  {
    ...{ scenario: "handshake", invariant: "one-holder", who: "server" },
    what: "an id for everybody who asks",
    output: replace(/^RESET (\S+)/, "OK $1 10.0.0.1 5001"),
  },
  {
    ...{ scenario: "handshake", invariant: "free-in-time", who: "server" },
    what: "no id for anybody",
    output: replace(/^OK (\S+) \S+ \d+/, "RESET $1"),
  },
  {
    ...{ scenario: "handshake", invariant: "same-ok", who: "server" },
    what: "another answer each time",
    output: (output) => replace(/(\d)(\s*)$/, `${Math.floor(serial++ % 10)}$2`)(output),
  },
  {
    ...{ scenario: "handshake", invariant: "typed-end", who: "client" },
    what: "a client that does not say that it has an id",
    output: drop("established"),
  },
  {
    ...{ scenario: "keepalive", invariant: "death-on-schedule", who: "client", ahead: 1_000 },
    what: "verdicts a second early",
    aheadFor: (input) => input === "tick",
  },
  {
    ...{ scenario: "keepalive", invariant: "live-not-killed", who: "client", output: drop("send") },
    what: "a client that sends nothing",
  },
  {
    ...{ scenario: "sequence", invariant: "delivered", who: "server" },
    what: "a value that is another",
    output: replace(/^(NUMBER \d+ \d+)\d\n/, "$1\n"),
  },
  {
    ...{ scenario: "sequence", invariant: "acked-received-sent", who: "client" },
    what: "a number confirmed that has not come",
    output: replace(/^ACK (\d+)/, "ACK $19"),
  },
  {
    ...{ scenario: "sequence", invariant: "one-sender", who: "server" },
    what: "a server that does not hear that a session has moved",
    faults: HALF_OPEN_AND_BACK,
    input: unheardLoads(),
  },
  {
    ...{ scenario: "sequence", invariant: "resumable-in-window", who: "server", ahead: 40_000 },
    what: "a resume that is taken for 40 s late",
    seed: 2,
    aheadFor: (input) => input.type === "data" && text(input).startsWith("RESUME"),
  },
  {
    ...{ scenario: "sequence", invariant: "typed-end", who: "client", output: drop("done") },
    what: "a client that does not say that it is done",
  },
  {
    ...{ scenario: "sequence", invariant: "bounded-memory", who: "server" },
    what: "a server that says too much",
    output: replace(/^PING \d+\n/, "x".repeat(120_000)),
  },
  {
    ...{ scenario: "sequence", invariant: "nothing-left", who: "client", output: drop("close") },
    what: "connections that are never closed",
    faults: HALF_OPEN_AND_BACK.slice(0, 1),
  },
];

let serial = 0;

for (const broken of BREAKS) {
  const { scenario: name, invariant, what } = broken;
  Deno.test(`${name}: ${invariant} finds ${what}`, { permissions: "none" }, () => {
    const scenario = SCENARIOS.find((one) => one.name === name)!;
    const drawn = planOf(scenario, { seed: broken.seed ?? 1, hours: 4, clients: 3 });
    const { faults } = broken;
    const plan = faults ? { ...drawn, clients: [4], faults } : drawn;
    const wrap = wrapOf(broken);
    const outcome = play(scenario, plan, { wrap });
    assertEquals(outcome.violation?.invariant, invariant, outcome.violation?.message);
    const least = shrink(scenario, plan, outcome, wrap);
    const told = report(least, play(scenario, least, { wrap, record: true })).split("\n");
    assert(least.faults.length <= 5, `${least.faults.length} faults are left`);
    assert(told.length < 90, `${told.length} lines`);
  });
}

function wrapOf({ who, ...broken }: Break): Wrap {
  return (machine, number) => {
    return (number <= 0) === (who === "server") ? new Broken(machine, broken) as Any : machine;
  };
}

/** A machine that is not as it should be. */
class Broken implements Machine<Any, Any> {
  readonly #machine: Machine<Any, Any>;
  readonly #broken: Omit<Break, "who">;

  constructor(machine: Machine<Any, Any>, broken: Omit<Break, "who">) {
    this.#machine = machine;
    this.#broken = broken;
  }

  get deadline(): Instant | undefined {
    const { deadline } = this.#machine;
    return deadline === undefined ? undefined : deadline - this.#ahead("tick");
  }

  handle(input: Any, now: Instant): readonly Any[] {
    const told = [(this.#broken.input ?? ((same) => same))(input)].flat();
    return told.flatMap((one) => {
      return this.#changed(this.#machine.handle(one, now + this.#ahead(input)));
    });
  }

  tick(now: Instant): readonly Any[] {
    return this.#changed(this.#machine.tick(now + this.#ahead("tick")));
  }

  #ahead(input: Any): number {
    const { ahead = 0, aheadFor = () => true } = this.#broken;
    return aheadFor(input) ? ahead : 0;
  }

  #changed(outputs: readonly Any[]): readonly Any[] {
    return outputs.flatMap(this.#broken.output ?? ((same) => [same]));
  }
}
