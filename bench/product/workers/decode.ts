/**
 * Decoding alone: the library's decoder, or a loop that only looks at each byte.
 *
 * @module
 */
import { answer, rateByCpu } from "../../harness/worker.ts";
import { decodeHeartbeat, encodeHeartbeat } from "../../../udp/mod.ts";

// Different ones, as from many clients, that together fit the second cache level as they would when
// the kernel has just written them.
const datagrams = Array.from({ length: 1_000 }, (_, i) => {
  return encodeHeartbeat({ sequence: i % 10 + 1, sentAt: 1_752_356_183_000 + i * 7.123 });
});

function decodeAll(): number {
  let sum = 0;
  for (const datagram of datagrams) {
    const beat = decodeHeartbeat(datagram);
    if (typeof beat === "string") throw new Error("Cannot measure: a datagram was not decoded");
    sum += beat.sequence + beat.sentAt;
  }
  return sum;
}

function readAll(): number {
  let sum = 0;
  for (const datagram of datagrams) {
    for (let i = 0; i < datagram.length; i++) sum += datagram[i]!;
  }
  return sum;
}

function several(): void {
  for (let i = 0; i < PASSES; i++) checksum += pass();
}

/** So many that reading the clock between them costs nothing. */
const PASSES = 20;
/** Kept and asked for, so that no pass can be left out. */
let checksum = 0;
const pass = Deno.args[0] === "ours" ? decodeAll : readAll;

await answer({}, {
  run: () => rateByCpu(several) * PASSES * datagrams.length,
  checksum: () => checksum,
});
