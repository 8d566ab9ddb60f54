/**
 * `ws_beats.c` for machines without a C compiler: `ws_beats PORT CONNECTIONS RATE MS`.
 *
 * This file knows frames of WebSockets (RFC 6455), the wire form and the schedule of its connections. It
 * leaves out what it was too late for when it was held still.
 *
 * @module
 */
const [port, count, rate, ms] = Deno.args.map(Number) as [number, number, number, number];
/** In ms. */
const STALL = 50;
const interval = 1_000 / rate;
const encoder = new TextEncoder();
const PONG = new Uint8Array([0x8a, 0x80, 0, 0, 0, 0]);
const UPGRADE =
  "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Key: aGVhcnRsaW5lLWJlbmNoIQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const connections: Deno.TcpConn[] = [];
while (connections.length < count) {
  connections.push(await Deno.connect({ hostname: "127.0.0.1", port }));
}
for (const connection of connections) {
  connection.setNoDelay(true);
  await upgrade(connection);
  void answerPings(connection);
}
let due = performance.now();
const end = due + ms;

for (let number = 100_000_000; due < end; number++) {
  for (const connection of connections) {
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    if (wait < -STALL) due -= wait;
    const now = ((performance.timeOrigin + performance.now()) / 1000).toFixed(4);
    const text = encoder.encode(`Sequence #${number}: Sending heartbeat at ${now}. `);
    // A server that has given one up has not given up all.
    await connection.write(frameOf(text)).catch(() => {});
    due += interval;
  }
}
Deno.exit(0);

async function upgrade(connection: Deno.TcpConn): Promise<void> {
  await connection.write(encoder.encode(UPGRADE));
  const reply = new Uint8Array(1_024);
  for (let length = 0; !new TextDecoder().decode(reply).includes("\r\n\r\n");) {
    length += await connection.read(reply.subarray(length)) ?? Infinity;
  }
}

/** Pings without a payload are all that this server says. */
async function answerPings(connection: Deno.TcpConn): Promise<void> {
  const pings = new Uint8Array(1_024);
  for (let count; (count = await connection.read(pings).catch(() => null)) !== null;) {
    for (let at = 0; at + 1 < count; at += 2) await connection.write(PONG);
  }
}

/** A text frame with a mask of zeros. */
function frameOf(text: Uint8Array): Uint8Array {
  const frame = new Uint8Array(6 + text.length);
  frame.set([0x81, 0x80 | text.length]);
  frame.set(text, 6);
  return frame;
}
