import { assert, assertEquals } from "@std/assert";
import { connected, settled, streaming } from "../support/slow_stream.ts";

const PURE = { permissions: "none" } as const;

Deno.test("a client has time to read GOAWAY from when the system took it", PURE, async () => {
  const { clock, stream, server } = await streaming();
  stream.held = true;
  const closed = server.close();
  clock.advance(1_900);
  assert(!stream.closed, "the system is busy");
  await stream.release();
  assertEquals(stream.said, ["WELCOME", "GOAWAY"]);
  clock.advance(1_999);
  assert(!stream.closed, "the client is busy");
  clock.advance(1);
  assert(stream.closed, "and is not waited for any longer");
  await closed;
  assertEquals(clock.pending, 0);
});

Deno.test("a server has stopped as soon as its clients have gone", PURE, async () => {
  const { clock, stream, server } = await streaming();
  const closed = server.close();
  await settled();
  assert(!stream.closed);
  stream.close();
  await closed;
  assertEquals(clock.pending, 0);
});

Deno.test("who has no session yet is told nothing, and not waited for", PURE, async () => {
  const { clock, stream, server } = await connected();
  await server.close();
  assertEquals([stream.said, stream.closed], [[], true]);
  assertEquals(clock.pending, 0);
});

Deno.test("a client that takes nothing is not waited for", PURE, async () => {
  const { clock, stream, server } = await streaming();
  stream.held = true;
  const closed = server.close();
  clock.advance(2_000);
  assert(stream.closed);
  await closed;
  assertEquals(clock.pending, 0);
});
