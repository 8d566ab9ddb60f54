/**
 * What happens to clients over streams in every scenario: faults, the end, and what may be left then.
 *
 * @module
 */
import type { Fault } from "./faults.ts";
import type { Process } from "./process.ts";
import type { Access } from "./streams.ts";

/** A client of a scenario, as far as it is the same in all of them. */
export interface StreamClient {
  readonly process: Process;
  readonly access: Access;
}

/** Does to a client what a fault says; true if that killed it, and it is to be started again. */
export function killed({ process, access }: StreamClient, fault: Fault): boolean {
  if (fault.kind !== "kill" && fault.kind !== "vanish") {
    access.suffer(fault, process.world.now);
    return false;
  }
  if (process.dead) return false;
  process.kill(fault.kind === "vanish");
  access.abandon(fault.kind === "kill");
  return true;
}

/** Kills all that live, and tells their servers. */
export function killAll(clients: readonly StreamClient[]): void {
  for (const { process, access } of clients) {
    if (!process.dead) process.kill();
    access.abandon(true);
  }
}

/** Looks whether a server that lives holds nothing, `size` being so many `things`, and no connection is open. */
export function expectNothingLeft(
  server: Process,
  { size, things }: { readonly size: number; readonly things: string },
  clients: readonly StreamClient[],
): void {
  const { world } = server;
  const open = clients.reduce((sum, { access }) => sum + access.open.size, 0);
  world.check(server.dead || size === 0, "nothing-left", () => `${size} ${things} are left`);
  world.check(open === 0, "nothing-left", () => `${open} connections are still open`);
}
