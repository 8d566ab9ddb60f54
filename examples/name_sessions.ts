/**
 * A server that hands out connection ids, and three workers who all want the same one: one gets it, the
 * others take their next choice.
 *
 *     deno run --allow-net examples/name_sessions.ts
 */
import { connectHandshake, serveHandshake } from "@heartline/heartline/handshake";

await using server = await serveHandshake({ port: 0, lease: 5_000 });

async function work(name: string): Promise<void> {
  const client = await connectHandshake({
    port: server.address.port,
    id: "printer",
    nextId: ({ id }) => `${id}-${name}`, // the first choice is taken
  });
  for await (const event of client) {
    if (event.type === "error") {
      console.log(`${name}: ${event.id} is not to be had (${event.reason})`);
    }
    if (event.type === "established") {
      console.log(`${name}: has ${event.id} as ${event.hostname}:${event.port}`);
    }
    if (event.type === "failure") console.log(`${name}: gave up after ${event.tries} tries`);
  }
}

await Promise.all(["ada", "bob", "cyd"].map(work));
console.log(`${server.leases} ids are leased`);
