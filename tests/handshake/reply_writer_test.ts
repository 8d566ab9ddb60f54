import { assertEquals } from "@std/assert";
import { encodeReply, type HandshakeReply } from "../../handshake/message.ts";
import { ReplyWriter } from "../../handshake/reply_writer.ts";

Deno.test("replies are written as encodeReply writes them, and stay what they were", {
  permissions: "none",
}, () => {
  const hosts = ["10.0.0.1", "::1", "fe80:1111:2222:3333:4444:5555:6666:7777%enp0s31f6"];
  const replies = Array.from({ length: 9_000 }, (_, i): HandshakeReply => {
    const id = `${i}`.padEnd(1 + i % 64, "x").slice(0, 64);
    if (i % 4 === 0) return { type: "reset", id };
    return { type: "ok", id, address: { hostname: hosts[i % 3]!, port: i } };
  });
  const writer = new ReplyWriter();
  const written = replies.map((reply) => writer.write(reply));
  for (const [i, reply] of replies.entries()) assertEquals(written[i], encodeReply(reply));
});
