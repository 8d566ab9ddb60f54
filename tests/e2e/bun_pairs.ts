/**
 * A server and a client of every protocol on Bun, our commands from the npm package. Elsewhere each command
 * has tests of its own.
 *
 * @module
 */
import { command } from "../support/process.ts";
import { TALKS } from "../support/talks.ts";

for (const [name, talk] of Object.entries(TALKS)) {
  Deno.test(`on Bun: ${name}`, async () => {
    const start = (file: string, ...args: string[]) => command(file, "--json", ...args);
    await talk(start, start);
  });
}
