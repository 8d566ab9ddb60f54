// A full window goes on when the client confirms, whatever else there is to say.

import { assertEquals } from "@std/assert";
import { streaming } from "../support/slow_stream.ts";

Deno.test("what an ACK makes due goes out in time, though it is answered by nothing", {
  permissions: "none",
}, async () => {
  const { clock, stream, server } = await streaming({ sendWindow: 1, heartbeat: 60_000 });
  for (let next = 1; next < 9; next++) {
    stream.said.length = 0;
    clock.advance(1_000);
    await stream.say(`ACK ${next}\n`);
    assertEquals(stream.said, ["NUMBER", "PING"], `number ${next - 1}`);
  }
  const closed = server.close();
  stream.close();
  await closed;
});
