/**
 * Why a client of TCP heartbeats that may not reconnect has failed, in words and as a code.
 *
 * @module
 */
import type { ErrorCode } from "../core/errors.ts";
import type { TcpClientEvent, TcpLossReason } from "./events.ts";

/** The last event of a client that lost its only connection. */
export function failed(server: string, reason: TcpLossReason): TcpClientEvent {
  const [code, why] = EXPLAINED.get(reason) ?? [reason as ErrorCode, "The connection broke"];
  return { type: "failed", code, message: `Cannot send heartbeats to ${server}: ${why}` };
}

const EXPLAINED: ReadonlyMap<TcpLossReason, readonly [ErrorCode, string]> = new Map([
  ["end", ["connection-reset", "The server closed the connection"]],
  ["reset", ["connection-reset", "Connection reset by peer"]],
  ["ack-timeout", ["timed-out", "The server confirms nothing"]],
  ["not-reading", ["timed-out", "The server takes no bytes"]],
  ["malformed", ["io", "The server answers with something else than acks"]],
]);
