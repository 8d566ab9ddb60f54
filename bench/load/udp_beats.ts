/**
 * `udp_beats.c` for machines without a C compiler: `udp_beats PORT CLIENTS STOPPED STOP_MS MS PERIOD_MS`.
 *
 * This file knows the wire form and each client's schedule, which begins with the first period. It has a
 * socket for each client, because this runtime cannot choose the source address of a datagram.
 *
 * @module
 */
const [port, count, stopped, stopAt, ms, period] = Deno.args.map(Number) as number[] as [
  number,
  number,
  number,
  number,
  number,
  number,
];
const SECOND = 1_000;
const to: Deno.NetAddr = { transport: "udp", hostname: "127.0.0.1", port };
const encoder = new TextEncoder();
const start = performance.now();
const end = start + ms;
const clients = Array.from({ length: count }, (_, i) => ({
  socket: Deno.listenDatagram({
    transport: "udp",
    hostname: `127.1.${(i + 1) >> 8}.${(i + 1) & 255}`,
    port: 0,
  }),
  due: start + Math.random() * period,
  stop: i < stopped ? start + stopAt + Math.random() * SECOND : end,
  sequence: 0,
})).sort((a, b) => a.due - b.due);

// All have one period, so the order of the first round is the order of every round.
while (performance.now() < end) {
  for (const client of clients) {
    const wait = client.due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    if (client.due < client.stop) {
      const now = (performance.timeOrigin + performance.now()) / 1000;
      const text = `heartbeat ${client.sequence++ % 10 + 1} ${now.toFixed(6)}`;
      await client.socket.send(encoder.encode(text), to);
    }
    client.due += period;
  }
}
Deno.exit(0);
