/**
 * `tcp_beats.c` for machines without a C compiler: `tcp_beats PORT CONNECTIONS RATE MS`.
 *
 * This file knows the wire form and the schedule of its connections.
 *
 * @module
 */
const [port, count, rate, ms] = Deno.args.map(Number) as [number, number, number, number];
const interval = 1_000 / rate;
const encoder = new TextEncoder();
const connections: Deno.TcpConn[] = [];
while (connections.length < count) {
  connections.push(await Deno.connect({ hostname: "127.0.0.1", port }));
}
for (const connection of connections) connection.setNoDelay(true);
let due = performance.now();
const end = due + ms;

for (let number = 100_000_000; due < end; number++) {
  for (const connection of connections) {
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const now = ((performance.timeOrigin + performance.now()) / 1000).toFixed(4);
    await connection.write(encoder.encode(`Sequence #${number}: Sending heartbeat at ${now}. `));
    due += interval;
  }
}
Deno.exit(0);
