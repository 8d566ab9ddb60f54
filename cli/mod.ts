/**
 * The command `heartline`, which holds all others: `heartline udp-server --help`.
 *
 * ```sh
 * deno run -A jsr:@heartline/heartline/cli udp-server --auto-register 30s
 * deno install -g -A -n heartline jsr:@heartline/heartline/cli
 * ```
 *
 * @example From a program
 * ```ts
 * import { main } from "@heartline/heartline/cli";
 *
 * const code = await main(["plan", "--loss", "5%"]);
 * console.log(`exit code ${code}`);
 * ```
 *
 * @module
 */
import process from "node:process";
import { runSubCommand, type SubCommand } from "./command/sub_commands.ts";

export type { SubCommand } from "./command/sub_commands.ts";

/**
 * Every command by its name; each is loaded when it is called.
 *
 * @example
 * ```ts
 * import { COMMANDS } from "@heartline/heartline/cli";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(COMMANDS["udp-server"]?.summary, "Watch UDP heartbeats");
 * ```
 */
export const COMMANDS: Readonly<Record<string, SubCommand>> = {
  demo: {
    summary: "Watch eight clients, break five, see that just these are noticed",
    load: () => import("./demo.ts"),
  },
  "udp-server": {
    summary: "Watch UDP heartbeats",
    load: () => import("./udp_server.ts"),
  },
  "udp-client": {
    summary: "Send UDP heartbeats",
    load: () => import("./udp_client.ts"),
  },
  plan: {
    summary: "Choose a timeout by the false alarms it gives",
    load: () => import("./plan.ts"),
  },
  "tcp-server": {
    summary: "Receive TCP heartbeats",
    load: () => import("./tcp_server.ts"),
  },
  "tcp-client": {
    summary: "Send TCP heartbeats",
    load: () => import("./tcp_client.ts"),
  },
  "handshake-server": {
    summary: "Lease connection ids",
    load: () => import("./handshake_server.ts"),
  },
  "handshake-client": {
    summary: "Ask for a connection id",
    load: () => import("./handshake_client.ts"),
  },
  "keepalive-server": {
    summary: "Answer data messages, and probe clients that fall silent",
    load: () => import("./keepalive_server.ts"),
  },
  "keepalive-client": {
    summary: "Send data messages, and probe the server when it falls silent",
    load: () => import("./keepalive_client.ts"),
  },
  "seq-proxy": {
    summary: "Make the network between clients and a server bad",
    load: () => import("./seq_proxy.ts"),
  },
  "seq-server": {
    summary: "Send resumable sequences",
    load: () => import("./seq_server.ts"),
  },
  "seq-client": {
    summary: "Receive a resumable sequence",
    load: () => import("./seq_client.ts"),
  },
};

/**
 * Runs the command that the first argument names with the others.
 *
 * @returns the exit code: 0 done, 1 the job failed, 2 wrong usage
 *
 * @example
 * ```ts
 * import { main } from "@heartline/heartline/cli";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await main(["plan", "--loss", "5%", "--period", "10s"]), 0);
 * ```
 */
export function main(args: readonly string[]): Promise<number> {
  return runSubCommand(COMMANDS, args);
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
