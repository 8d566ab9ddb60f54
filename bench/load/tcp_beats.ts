/**
 * `tcp_beats.c` for machines without a C compiler: `tcp_beats PORT CONNECTIONS RATE MS [STOPPED STOP_MS]`.
 *
 * This file knows the wire form and the schedule of its connections. It leaves out what it was too late
 * for when it was held still.
 *
 * @module
 */
const [port, count, rate, ms, stopped = 0, stopAt = Infinity] = Deno.args.map(
  Number,
) as number[] as [
  number,
  number,
  number,
  number,
];
/** In ms. */
const STALL = 50;
const interval = 1_000 / rate;
const encoder = new TextEncoder();
const stop = performance.now() + stopAt;
const connections: Deno.TcpConn[] = [];
while (connections.length < count) {
  connections.push(await Deno.connect({ hostname: "127.0.0.1", port }));
}
for (const connection of connections) connection.setNoDelay(true);
let due = performance.now();
const end = due + ms;

for (let number = 100_000_000; due < end; number++) {
  for (const [i, connection] of connections.entries()) {
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    if (wait < -STALL) due -= wait;
    due += interval;
    // Every so many connections one, so that they fall silent one after the other.
    const silent = Math.floor(i * stopped / count) < Math.floor((i + 1) * stopped / count);
    if (due >= stop && silent) continue;
    const now = ((performance.timeOrigin + performance.now()) / 1000).toFixed(4);
    await connection.write(encoder.encode(`Sequence #${number}: Sending heartbeat at ${now}. `));
  }
}
Deno.exit(0);
