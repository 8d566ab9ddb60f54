/**
 * `tcp_flood.c` for machines without a C compiler: `tcp_flood PORT MS`.
 *
 * This file knows the wire form and nothing else. It makes one chunk of messages and counts its numbers
 * up in place.
 *
 * @module
 */
const LENGTH = 59, MESSAGES = 1_110, DIGITS_AT = 10, DIGITS = 9;
const [port, ms] = Deno.args.map(Number) as [number, number];
const connection = await Deno.connect({ hostname: "127.0.0.1", port });
const encoder = new TextEncoder();
const chunk = new Uint8Array(LENGTH * MESSAGES);
let number = 100_000_000;
const end = performance.now() + ms;

while (performance.now() < end) {
  const now = ((performance.timeOrigin + performance.now()) / 1000).toFixed(4);
  const text = encoder.encode(`Sequence #${number}: Sending heartbeat at ${now}. `);
  for (let at = 0; at < chunk.length; at += LENGTH, number++) {
    chunk.set(text, at);
    let rest = number;
    for (let digit = DIGITS - 1; digit >= 0; digit--, rest = (rest - rest % 10) / 10) {
      chunk[at + DIGITS_AT + digit] = 48 + rest % 10;
    }
  }
  for (let sent = 0; sent < chunk.length;) sent += await connection.write(chunk.subarray(sent));
}
Deno.exit(0);
