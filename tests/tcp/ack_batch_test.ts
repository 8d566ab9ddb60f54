import { assertEquals } from "@std/assert";
import { AckBatch } from "../../tcp/ack_batch.ts";
import { formatTcpAck } from "../../tcp/message.ts";

Deno.test("a batch is the acks one behind the other, and nothing before the first", {
  permissions: "none",
}, () => {
  const batch = new AckBatch();
  batch.begin(0);
  assertEquals(batch.take(), undefined);
  const sequences = [1, 9, 10, 99, 100, 999_999_999_999_999];
  for (const sequence of sequences) batch.add(sequence);
  const wanted = sequences.map((sequence) => formatTcpAck({ sequence, sentAt: 0 })).join("");
  assertEquals(new TextDecoder().decode(batch.take()), wanted);
});
