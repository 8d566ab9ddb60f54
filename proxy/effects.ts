/**
 * Which faults do something: each is of TCP, of UDP or of both, and some mean nothing without another.
 *
 * A fault that does nothing would have its user believe that the program under test survived it.
 *
 * @module
 */
import { HeartlineError } from "../core/errors.ts";
import {
  DIRECTION_FAULTS,
  type DirectionFaults,
  DIRECTIONS,
  type Faults,
  faultsOf,
  LINK_FAULTS,
} from "./faults.ts";
import type { ScheduleStep } from "./schedule.ts";

/** What a proxy carries. */
export type ProxyTransport = "tcp" | "udp" | "both";

/**
 * Refuses faults that would do nothing.
 *
 * @param transport what the proxy carries
 * @param beside faults that may lie under or over these
 * @param spelled how the user writes the name of a fault
 * @param at what goes before the name in the complaint
 * @throws {HeartlineError} `invalid-option`, naming the fault and what would have an effect
 */
export function checkEffects(
  faults: Faults,
  transport: ProxyTransport,
  beside: readonly Faults[] = [],
  spelled: (name: string) => string = (name) => name,
  at = "",
): void {
  for (const direction of [undefined, ...DIRECTIONS]) {
    const prefix = direction ? `${direction}.` : "";
    const named = direction ? faults[direction] ?? {} : faults;
    for (const [name, value] of Object.entries(named)) {
      // What is off claims nothing.
      if (!value || typeof value === "object") continue;
      const only = TRANSPORTS[name];
      if (only && transport !== "both" && only !== transport) {
        throw without(
          at + spelled(prefix + name),
          othersOf(transport, spelled),
          `over ${transport.toUpperCase()}`,
        );
      }
      const needs = NEEDS[name];
      if (!needs) continue;
      const inForce = [faults, ...beside].flatMap((one) =>
        (direction ? [direction] : DIRECTIONS).map((way) => faultsOf(one, way))
      );
      if (inForce.some((way) => needs.some((need) => way[need] !== undefined))) continue;
      const wanted = needs.map((need) => spelled(prefix + need)).join(" or ");
      throw without(at + spelled(prefix + name), `${wanted} beside it`, "by itself");
    }
  }
}

/**
 * Refuses steps that would do nothing.
 *
 * @param base the faults that they lie over
 * @throws {HeartlineError} `invalid-option`, naming the step and what would have an effect
 */
export function checkStepEffects(
  steps: readonly ScheduleStep[],
  transport: ProxyTransport,
  base: Faults,
): void {
  const all = [base, ...steps.flatMap(({ set }) => set ? [set] : [])];
  steps.forEach((step, index) => {
    checkEffects(step.set ?? {}, transport, all, undefined, `steps[${index}].set.`);
    if (step.do) checkInjection(step.do, transport, `steps[${index}].do`);
  });
}

/**
 * Refuses to end or reset what has neither: only TCP has.
 *
 * @throws {HeartlineError} `invalid-option`
 */
export function checkInjection(action: string, transport: ProxyTransport, name = action): void {
  if (transport !== "udp" || action === "cut" || action === "heal") return;
  throw without(name === action ? action : `${name} ${action}`, "cut or heal", "over UDP");
}

/** The faults that have an effect on a transport, as a complaint names them. */
function othersOf(transport: ProxyTransport, spelled: (name: string) => string): string {
  const names = Object.keys({ ...DIRECTION_FAULTS, ...LINK_FAULTS });
  const fits = names.filter((name) => (TRANSPORTS[name] ?? transport) === transport);
  return `one of ${fits.map(spelled).join(", ")}, or a proxy of ${
    transport === "tcp" ? "UDP" : "TCP"
  }`;
}

function without(name: string, wanted: string, where: string): HeartlineError {
  return new HeartlineError(
    "invalid-option",
    `Cannot use ${name}: it has no effect ${where}, wanted ${wanted}`,
  );
}

/** The faults of one transport alone. */
const TRANSPORTS: Readonly<Record<string, ProxyTransport>> = {
  slice: "tcp",
  cutBytes: "tcp",
  cutLines: "tcp",
  cutBy: "tcp",
  refuse: "tcp",
  silence: "tcp",
  loss: "udp",
  burst: "udp",
  duplicate: "udp",
  reorder: "udp",
  corrupt: "udp",
};

/** The faults that say how another one strikes. */
const NEEDS: Readonly<Record<string, readonly (keyof DirectionFaults)[]>> = {
  burst: ["loss"],
  cutBy: ["cutBytes", "cutLines"],
};
