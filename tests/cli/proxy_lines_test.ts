import { assertEquals } from "@std/assert";
import { proxyLine } from "../../cli/lines/proxy.ts";
import type { ProxyEvent } from "../../proxy/events.ts";

/** Each row: an event, and its sentence as `level text`. */
const EVENTS: readonly (readonly [ProxyEvent, string])[] = [
  [
    { type: "disconnected", link: "udp-1", reason: "fault", up: 2, down: 1 } as ProxyEvent,
    "info udp-1: gone (fault), datagrams: 2 up, 1 down",
  ],
  [
    { type: "unreachable", link: "tcp-1", code: "timed-out", message: "Cannot connect" },
    "warn tcp-1: Cannot connect",
  ],
  [
    { type: "too-many-links", count: 3 },
    "warn Turned 3 clients away: as many links as allowed are open",
  ],
  [{ type: "accept-failed", code: "io", message: "Cannot accept" }, "warn Cannot accept"],
  [{ type: "fault", link: "tcp-1", fault: "refuse" } as ProxyEvent, "info tcp-1: refused"],
  [
    { type: "fault", link: "udp-1", direction: "up", fault: "loss", at: 7 } as ProxyEvent,
    "info udp-1: lost up at datagram 7",
  ],
  [
    { type: "fault", link: "tcp-1", direction: "down", fault: "cut-fin", at: 7 } as ProxyEvent,
    "info tcp-1: cut with a FIN down at byte 7",
  ],
  [{ type: "step", step: 1, at: 2_000, on: true }, "info Step 1 begins at 2 s"],
  [{ type: "step", step: 1, at: 2_000, on: false }, "info Step 1 ends at 2 s"],
  [{ type: "step-skipped", step: 1, at: 2_000 }, "info Step 1 is left out at 2 s"],
  [{ type: "injected", by: "fin" }, "info Ended every link"],
  [{ type: "injected", by: "reset" }, "info Reset every link"],
  [{ type: "cut" }, "info Cut: every link is dropped, new ones are refused"],
  [{ type: "healed" }, "info Healed: new links are taken"],
];

for (const [event, sentence] of EVENTS) {
  Deno.test(`the fault proxy says: ${sentence}`, { permissions: "none" }, () => {
    assertEquals(proxyLine(event, "srv:1").join(" "), sentence);
  });
}
