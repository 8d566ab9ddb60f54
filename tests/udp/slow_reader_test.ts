import { assertEquals } from "@std/assert";
import type { UdpServerSnapshot } from "../../udp/server_snapshot.ts";
import { serveUdpHeartbeats, type UdpHeartbeatServer } from "../../udp/server.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const CLIENTS = 20_000;
const net: Deno.PermissionOptions = { net: ["127.0.0.1"] };

/** So many clients that were heard a second ago, in groups of two or in none. */
function upBefore(group?: (n: number) => string): UdpServerSnapshot {
  return {
    version: 1,
    clients: Array.from({ length: CLIENTS }, (_, n) => ({
      client: `10.0.${n >> 8}.${n & 255}:5001`,
      timeout: 10_000,
      automatic: false,
      state: "up",
      silentFor: 1_000,
      downFor: 0,
      ...(group && { group: group(n) }),
    })),
  };
}

/** The clients that a server says are down, until it has said enough, and what it said before. */
async function toldDown(server: UdpHeartbeatServer, enough: number) {
  const told: string[] = [];
  const before: string[] = [];
  const events = server[Symbol.asyncIterator]();
  // What is not there is waited for by nobody.
  const limit = setTimeout(() => void events.return(), 5_000);
  for await (const event of events) {
    if (told.length === 0) before.push(event.type);
    if (event.type === "down") told.push(event.client);
    else if (event.type === "group-down") told.push(...event.clients);
    if (told.length >= enough) break;
  }
  clearTimeout(limit);
  return { told, before };
}

for (
  const [name, group] of [["each", undefined], ["two", (n: number) => `pair ${n >> 1}`]] as const
) {
  Deno.test(
    `a mass outage is told whole by two servers, ${name} by itself`,
    { permissions: net },
    async () => {
      const clock = new VirtualClock();
      const server = await serveUdpHeartbeats({ port: 0, clock, snapshot: upBefore(group) });
      clock.advance(20_000);
      const { told, before } = await toldDown(server, 5_000);
      assertEquals(before.includes("listening"), true, before.join());
      // In the middle of it the next one takes over: a verdict that nobody took was not told.
      const snapshot = server.snapshot();
      await server.close();
      const later = new VirtualClock();
      await using next = await serveUdpHeartbeats({ port: 0, clock: later, snapshot });
      later.advance(20_000);
      const rest = await toldDown(next, CLIENTS - told.length);
      assertEquals(new Set([...told, ...rest.told]).size, CLIENTS);
      assertEquals(told.length + rest.told.length, CLIENTS);
    },
  );
}

Deno.test("who reads late is told of everybody who is down, however much else happened", {
  permissions: net,
}, async () => {
  const clock = new VirtualClock();
  await using server = await serveUdpHeartbeats({ port: 0, clock, snapshot: upBefore() });
  clock.advance(20_000);
  for (let n = 0; n < 50_000; n++) {
    server.register({ address: `10.1.${(n >> 8) & 255}.${n & 255}:5001`, timeout: 1e9 });
  }
  const { told, before } = await toldDown(server, CLIENTS);
  assertEquals([told.length, before.slice(0, 2)], [CLIENTS, ["dropped", "listening"]]);
});
