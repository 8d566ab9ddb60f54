/**
 * The servers that rigs strain, and what shows that one still serves.
 *
 * This file knows commands and clients. It does not know any strain.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Address } from "../../core/address.ts";
import { connectHandshake } from "../../handshake/client.ts";
import { connectKeepalive } from "../../keepalive/client.ts";
import { receiveSequence } from "../../sequence/client.ts";
import { sendTcpHeartbeats } from "../../tcp/client.ts";
import type { Child } from "../support/process.ts";

/** A server command that takes connections. */
export interface ServerKind {
  /** What rigs call it. */
  readonly name: string;
  /** Its file in `cli/`, without the ending. */
  readonly file: string;
  /** What makes it listen on a free port. */
  readonly args: readonly string[];
  /** Throws unless a well-behaved client gets what it came for. */
  readonly serves: (address: Address) => Promise<void>;
}

/** Starts a server command that says where it listens. */
export async function started(child: Child): Promise<{ child: Child; address: Address }> {
  const { hostname, port } = await child.event("listening");
  return { child, address: { hostname: String(hostname), port: Number(port) } };
}

/** Each of them. */
export const SERVERS: readonly ServerKind[] = [
  {
    name: "tcp",
    file: "tcp_server",
    args: ["-p", "0", "--ack", "--json"],
    async serves(address) {
      await using client = await sendTcpHeartbeats({ ...address, interval: 10, ack: true });
      await first(client, "acked");
    },
  },
  {
    name: "handshake",
    file: "handshake_server",
    args: ["127.0.0.1", "0", "--lease", "10ms", "--json"],
    async serves(address) {
      await using client = await connectHandshake({ ...address, transport: "tcp", id: "7" });
      await first(client, "established");
    },
  },
  {
    name: "keepalive",
    file: "keepalive_server",
    args: ["127.0.0.1", "0", "--json"],
    async serves(address) {
      await using client = await connectKeepalive({ ...address, dataInterval: 10 });
      await first(client, "reply");
    },
  },
  {
    name: "seq",
    file: "seq_server",
    args: ["0", "--interval", "0s", "--store", "memory", "--json"],
    async serves(address) {
      let count = 0;
      for await (const _ of receiveSequence({ ...address, length: 100 })) count++;
      assertEquals(count, 100);
    },
  },
];

/** Waits for an event of a type; a service that ends before has failed. */
async function first(
  service: AsyncIterable<{ readonly type: string }>,
  type: string,
): Promise<void> {
  for await (const event of service) if (event.type === type) return;
  throw new Error(`Wanted ${type}, the client ended before`);
}
