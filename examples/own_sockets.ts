/**
 * The UDP heartbeat server without its socket: bytes and time go in, events come out. This is how to
 * put the protocol on another transport, or to test with it in no time.
 *
 *     deno run examples/own_sockets.ts
 */
import { encodeHeartbeat, UdpServerMachine } from "@heartline/heartline/udp";

const device = { hostname: "10.0.0.7", port: 5001 };
const machine = new UdpServerMachine({ autoRegisterTimeout: 30_000 }, {}, 0);

let now = 0; // milliseconds on a scale of our own: no clock is asked
const bytes = encodeHeartbeat({ sequence: 1, sentAt: 1_752_356_183_000 });
for (const event of machine.handle({ type: "datagram", bytes, from: device, wall: now }, now)) {
  console.log(now, event);
}
while (machine.size > 0 && now < 60_000) {
  now = machine.deadline ?? Infinity;
  for (const event of machine.tick(now)) {
    if (event.type === "down") console.log(now, event);
  }
}
