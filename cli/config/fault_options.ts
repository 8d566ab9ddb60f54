/**
 * Faults as flags of a command.
 *
 * @module
 */
import { HeartlineError } from "../../core/errors.ts";
import { checkEffects, type ProxyTransport } from "../../proxy/effects.ts";
import {
  DIRECTION_FAULTS,
  type DirectionFaults,
  type FaultKind,
  type Faults,
  LINK_FAULTS,
} from "../../proxy/faults.ts";
import { dashed, NOTATIONS } from "./fault_text.ts";
import { choice, custom, flag, type Option } from "../command/options.ts";

// Above what is made with it.
const PLACEHOLDERS: Partial<Record<FaultKind, string>> = {
  duration: "DURATION",
  rate: "RATE",
  share: "SHARE",
  cut: "reset|fin",
};

/** A flag for each fault, and one that says in which direction they strike. */
export const FAULT_OPTIONS = {
  direction: choice("where the faults below strike", ["up", "down", "both"], "both"),
  latency: fault("duration", "delay everything"),
  jitter: fault("duration", "up to so much more delay"),
  bandwidth: fault("rate", "bytes a second at most"),
  slice: fault("count", "TCP: send pieces of 1 to N bytes"),
  "cut-bytes": fault("count", "TCP: cut each connection behind N bytes"),
  "cut-lines": fault("count", "TCP: cut each connection behind N lines"),
  "cut-by": fault("cut", "TCP: how they are cut; without it by a reset"),
  blackhole: flag("let nothing through, until a key heals it"),
  loss: fault("share", "UDP: share of datagrams lost"),
  burst: fault("count", "UDP: mean length of a burst of losses"),
  duplicate: fault("share", "UDP: share of datagrams doubled"),
  reorder: fault("share", "UDP: share of datagrams overtaken by the next"),
  corrupt: fault("share", "UDP: share of datagrams with a flipped bit"),
  refuse: fault("share", "TCP: share of connections refused; with 1 nobody listens"),
  silence: fault("share", "TCP: share of connections accepted and left in silence"),
};

/**
 * The faults that flags name, in the direction they name.
 *
 * @param beside faults that these lie over, or that may lie over these
 * @throws {HeartlineError} `invalid-option` if a flag would do nothing
 */
export function givenFaults(
  given: { readonly direction: "up" | "down" | "both"; readonly [name: string]: unknown },
  transport: ProxyTransport,
  beside: readonly Faults[] = [],
): Faults {
  const named = (kinds: object): object =>
    Object.fromEntries(
      Object.keys(kinds).map((name) => [name, given[dashed(name)]]).filter(([, value]) => value),
    );
  const lane: DirectionFaults = named(DIRECTION_FAULTS);
  const whole: Faults = named(LINK_FAULTS);
  const { direction } = given;
  checkEffects({ ...whole, ...lane }, transport, beside, (name) => `--${dashed(name)}`);
  if (direction === "both") return { ...whole, ...lane };
  if (Object.keys(lane).length > 0) return { ...whole, [direction]: lane };
  throw new HeartlineError(
    "invalid-option",
    "Cannot use --direction: it has no effect by itself, wanted a fault of a direction such as --latency beside it",
  );
}

function fault(kind: FaultKind, help: string): Option<number | undefined> {
  const { wanted, read } = NOTATIONS[kind];
  const option = custom(wanted, help, undefined, (given) => read(given) as number | undefined, {
    placeholder: PLACEHOLDERS[kind] ?? "N",
  });
  return kind === "cut" ? { ...option, words: ["reset", "fin"] } : option;
}
