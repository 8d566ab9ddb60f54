/**
 * The time of day before lines that are kept.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Child, piped } from "../support/process.ts";

const ONCE = ["--count", "1", "--period", "20ms"];

/** What a command that ends by itself wrote, line by line. */
async function said(child: Child): Promise<string[]> {
  await child.exitCode();
  return [...child.out, ...child.err];
}

Deno.test("lines that are kept begin with the time", async () => {
  await using child = piped("udp_client", ...ONCE);
  const before = Date.now();
  for (const line of await said(child)) {
    assertMatch(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO S/);
    const time = Date.parse(line.slice(0, 24));
    assert(time >= before - 1_000 && time <= Date.now() + 1_000, line);
  }
});

Deno.test("why the job failed begins with the time, too", async () => {
  await using child = piped("tcp_client", "--host", "127.0.0.1", "-p", "1", "--no-reconnect");
  assertMatch((await said(child)).at(-1)!, /^\S+Z ERROR /);
});

Deno.test("--no-timestamps leaves the time out, and --json has its own", async () => {
  await using plain = piped("udp_client", ...ONCE, "--no-timestamps");
  for (const line of await said(plain)) assertMatch(line, /^INFO S/);
  await using json = piped("udp_client", ...ONCE, "--json");
  for (const line of await said(json)) assertEquals(typeof JSON.parse(line).time, "string");
});
