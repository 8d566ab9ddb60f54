/**
 * `udp-client`: sends UDP heartbeats.
 *
 * @module
 */
import process from "node:process";
import { formatAddress, parseAddress } from "../core/address.ts";
import { HeartlineError } from "../core/errors.ts";
import { sendUdpHeartbeats } from "../udp/client.ts";
import { EXIT, logEvents, runCommand } from "./command/main.ts";
import { custom, duration, host, number, port } from "./command/options.ts";
import { udpClientLine } from "./lines/udp.ts";

const COMMAND = {
  name: "udp-client",
  summary: "sends a full heartbeat message of ten UDP datagrams every period",
  positionals: {},
  options: {
    host: host("address or name of the server", "127.0.0.1"),
    port: port("port of the server", 6500),
    bind: custom(
      "HOST:PORT as in 127.0.0.1:5001",
      "local address to send from, as it is registered with the server",
      undefined,
      readAddress,
      { placeholder: "ADDRESS" },
    ),
    period: duration("time between two heartbeat messages", "10s"),
    burst: number("datagrams in a heartbeat message", 10, { min: 1, max: 10, integer: true }),
    spread: number("share of the period over which they are spread", 0.5, { min: 0, max: 1 }),
    count: number("stop after so many heartbeat messages", undefined, { min: 1, integer: true }),
  },
  examples: [
    "udp-client --bind 127.0.0.1:5001",
    "udp-client --host 127.0.0.1 --port 6500 --period 2s --spread 0 --count 5",
  ],
};

/** Runs the command and returns its exit code. */
export function main(args: readonly string[]): Promise<number> {
  return runCommand(COMMAND, args, async (given, { log, signal }) => {
    const client = await sendUdpHeartbeats({
      hostname: given.host,
      port: given.port,
      interval: given.period,
      burst: given.burst,
      spread: given.spread,
      signal,
      ...(given.bind !== undefined && { bind: given.bind }),
      ...(given.count !== undefined && { count: given.count }),
    });
    await logEvents(client, { log, signal }, (event) => [udpClientLine(event)]);
    return EXIT.done;
  });
}

function readAddress(given: string): string | undefined {
  try {
    return formatAddress(parseAddress(given));
  } catch (error) {
    if (error instanceof HeartlineError) return undefined;
    throw error;
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
