/**
 * The servers that rigs strain: each as a process of its own.
 *
 * @module
 */
import type { Address } from "../../core/address.ts";
import { SERVERS } from "../protocols/mod.ts";
import type { TestedServer } from "../protocols/protocol.ts";
import type { Child } from "../support/process.ts";

/** A server command that takes connections. */
export type ServerCommand = TestedServer & Required<Pick<TestedServer, "command">>;

/** Each of them. */
export const COMMANDS: readonly ServerCommand[] = SERVERS.filter(
  (server): server is ServerCommand => server.command !== undefined,
);

/** Starts a server command that says where it listens. */
export async function started(child: Child): Promise<{ child: Child; address: Address }> {
  const { hostname, port } = await child.event("listening");
  return { child, address: { hostname: String(hostname), port: Number(port) } };
}
