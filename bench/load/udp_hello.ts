/**
 * `udp_hello.c` for machines without a C compiler: `udp_hello PORT SOCKETS FRESH MS`.
 *
 * This file knows the wire form and nothing else.
 *
 * @module
 */
const [port, count, fresh, ms] = Deno.args.map(Number) as [number, number, number, number];
const to: Deno.NetAddr = { transport: "udp", hostname: "127.0.0.1", port };
const encoder = new TextEncoder();
const end = performance.now() + ms;

async function ask(index: number): Promise<void> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const buffer = new Uint8Array(128);
  let number = 0, asked = 0;
  const send = async (): Promise<void> => {
    asked = performance.now();
    await socket.send(encoder.encode(`HELLO ${Deno.pid}-${index}-${number}`), to);
  };
  setInterval(() => performance.now() - asked >= 50 && send(), 50);
  for (await send(); performance.now() < end; await send()) {
    await socket.receive(buffer);
    number += fresh;
  }
}

await Promise.race(Array.from({ length: count }, (_, index) => ask(index)));
Deno.exit(0);
