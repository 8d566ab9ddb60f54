import { assertEquals } from "@std/assert";
import type { TcpLossReason } from "../../tcp/events.ts";
import { failed } from "../../tcp/loss.ts";

/** Each row: why the connection was lost, the code, and what is said of it. */
const LOSSES: readonly (readonly [TcpLossReason, string, string])[] = [
  ["end", "connection-reset", "The server closed the connection"],
  ["reset", "connection-reset", "Connection reset by peer"],
  ["ack-timeout", "timed-out", "The server confirms nothing"],
  ["not-reading", "timed-out", "The server takes no bytes"],
  ["malformed", "io", "The server answers with something else than acks"],
  ["unreachable", "unreachable", "The connection broke"],
];

for (const [reason, code, why] of LOSSES) {
  Deno.test(`a client that lost its connection for ${reason} fails with ${code}`, {
    permissions: "none",
  }, () => {
    const message = `Cannot send heartbeats to srv:1: ${why}`;
    assertEquals(failed("srv:1", reason) as unknown, { type: "failed", code, message });
  });
}
