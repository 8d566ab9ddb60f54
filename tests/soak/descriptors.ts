/**
 * More connections than a server has descriptors for.
 *
 * @module
 */
import { assert } from "@std/assert";
import type { Address } from "../../core/address.ts";
import type { Net } from "../../net/net.ts";
import { openNet } from "../../net/open.ts";
import type { StreamConnection } from "../../net/stream.ts";
import { limited } from "../support/process.ts";
import type { Rig, Strain } from "./rig.ts";
import { COMMANDS, type ServerCommand, started } from "./servers.ts";
import { descriptorsBack, endsCleanly, vitalsOf } from "./vitals.ts";

/** Enough to start a runtime, too few for the crowd. */
const LIMIT = 64;
const CROWD = 120;

/** One rig for each server that takes connections. */
export const descriptors: readonly Rig[] = COMMANDS.map((server) => ({
  name: `descriptors-${server.name}`,
  summary:
    `${CROWD} connections to ${server.command.file} with ${LIMIT} descriptors: it says so and recovers`,
  start: () => startLimited(server),
}));

async function startLimited(server: ServerCommand): Promise<Strain> {
  const net = await openNet();
  const { child, address } = await started(
    limited(`ulimit -n ${LIMIT}`, server.command.file, ...server.command.args),
  );
  await server.honest({ address });
  const before = await vitalsOf(child);
  return {
    async round() {
      const crowd = await Promise.all(Array.from({ length: CROWD }, () => open(net, address)));
      const { code } = await child.event("accept-failed");
      assert(code === "too-many-open-files", `it said ${code}`);
      crowd.forEach((connection) => connection?.close());
      await descriptorsBack(child, before);
      await server.honest({ address });
      child.forget();
      return `${CROWD} connections, then back to ${before.descriptors} descriptors`;
    },
    [Symbol.asyncDispose]: () => endsCleanly(child),
  };
}

/** A connection that says nothing; `undefined` if there is none to be had. */
async function open(net: Net, to: Address): Promise<StreamConnection | undefined> {
  try {
    const connection = await net.connectStream(to);
    connection.receive(() => {}).catch(() => {});
    return connection;
  } catch {
    return undefined;
  }
}
