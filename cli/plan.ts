/**
 * `plan`: choose a timeout for UDP heartbeats by the false alarms it gives.
 *
 * @module
 */
import process from "node:process";
import {
  forecastUdpAlarms,
  shortestUdpTimeout,
  type UdpForecast,
  type UdpPlan,
} from "../udp/plan.ts";
import { formatDuration } from "./command/duration.ts";
import { EXIT, runCommand } from "./command/main.ts";
import { custom, duration, number } from "./command/options.ts";

const COMMAND = {
  name: "plan",
  summary:
    "says how many false alarms a timeout for UDP heartbeats gives, and which gives few enough",
  positionals: {},
  options: {
    loss: custom(
      "a share such as 5% or 0.05, below 100%",
      "datagrams that are lost",
      0.05,
      readShare,
      {
        placeholder: "SHARE",
      },
    ),
    "loss-burst": number("datagrams lost in a row on average (each by itself)", undefined, {
      min: 1,
    }),
    period: duration("time between two heartbeat messages", "10s"),
    burst: number("datagrams in a heartbeat message", 10, { min: 1, max: 10, integer: true }),
    spread: number("share of the period over which they are spread", 0.5, { min: 0, max: 1 }),
    clients: number("how many clients are watched", 1, { min: 1, integer: true }),
    timeout: duration("the timeout to judge, grace included", undefined),
    most: number("false alarms a year, over all clients, that are few enough", 1, { min: 0 }),
  },
  examples: [
    "plan --loss 5% --timeout 5s",
    "plan --loss 20% --loss-burst 4 --period 2s --clients 1000 --most 0.1",
  ],
};

/** Runs the command; 0 if the timeout to judge, or any, is good enough. */
export function main(args: readonly string[]): Promise<number> {
  return runCommand(COMMAND, args, (given, { log }) => {
    const { loss, period, burst, spread, clients, timeout, most } = given;
    const lossBurst = given["loss-burst"];
    const plan: UdpPlan = {
      ...{ loss, interval: period, burst, spread, clients },
      ...(lossBurst && { lossBurst }),
    };
    const judged = timeout === undefined ? undefined : forecastUdpAlarms(plan, timeout);
    if (judged) log("info", sentence(judged, clients), { type: "forecast", ...judged });
    const shortest = shortestUdpTimeout(plan, most);
    const few = `at most ${amount(most)} a year`;
    if (shortest) {
      const said = `The shortest with ${few}: ${sentence(shortest, clients)}`;
      log("info", said, { type: "shortest", ...shortest });
    } else log("error", `No timeout gives ${few}: send more often`, { type: "none" });
    const good = (judged ?? shortest)?.falseAlarmsPerYear ?? Infinity;
    return Promise.resolve(good <= most ? EXIT.done : EXIT.failed);
  });
}

function sentence(found: UdpForecast, clients: number): string {
  const { timeout, falseAlarmsPerClientYear, falseAlarmsPerYear, datagrams } = found;
  const all = clients === 1 ? "" : `, ${amount(falseAlarmsPerYear)} over ${clients} clients`;
  const why = datagrams === 0
    ? "there are times when nothing is sent for so long"
    : `${datagrams} datagrams in a row, or more, must be lost for one`;
  const alarms = `${amount(falseAlarmsPerClientYear)} false alarms in a client-year${all}`;
  return `timeout ${formatDuration(timeout)}: ${alarms}; ${why}`;
}

/** Three digits are all that a model of loss can bear. */
function amount(count: number): string {
  return String(Number(count.toPrecision(3)));
}

function readShare(given: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(given);
  const share = match ? Number(match[1]) / (match[2] ? 100 : 1) : NaN;
  return share < 1 ? share : undefined;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
