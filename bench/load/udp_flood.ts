/**
 * `udp_flood.c` for machines without a C compiler: `udp_flood PORT SOURCES MS`.
 *
 * This file knows the wire form and nothing else. One such process may be slower than the receiver;
 * the share of a core that the receiver used, which the table tells, shows whether it was.
 *
 * @module
 */
const [port, sources, ms] = Deno.args.map(Number) as [number, number, number];
const to: Deno.NetAddr = { transport: "udp", hostname: "127.0.0.1", port };
const sockets = Array.from({ length: sources }, (_, i) =>
  Deno.listenDatagram({
    transport: "udp",
    hostname: `127.1.${(i + 1) >> 8}.${(i + 1) & 255}`,
    port: 0,
  }));
const encoder = new TextEncoder();
const end = performance.now() + ms;

while (performance.now() < end) {
  for (const socket of sockets) {
    const now = (performance.timeOrigin + performance.now()) / 1000;
    const sends: Promise<number>[] = [];
    for (let i = 1; i <= 10; i++) {
      const text = `heartbeat ${i} ${(now + i / 1e6).toFixed(6)}`;
      sends.push(socket.send(encoder.encode(text), to));
    }
    await Promise.all(sends);
  }
}
Deno.exit(0);
