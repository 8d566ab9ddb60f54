/**
 * Every codec against the language-neutral vectors in vectors/.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { decodeHello, decodeReply } from "../../handshake/message.ts";
import { decodeKeepalive } from "../../keepalive/message.ts";
import { SequenceChecksum } from "../../sequence/checksum.ts";
import { numbersOf } from "../../sequence/generator.ts";
import { decodeSequenceReply, decodeSequenceRequest } from "../../sequence/message.ts";
import { decodeTcpAck, decodeTcpHeartbeat } from "../../tcp/message.ts";
import { decodeHeartbeat } from "../../udp/message.ts";
import handshake from "../../vectors/handshake.json" with { type: "json" };
import keepalive from "../../vectors/keepalive.json" with { type: "json" };
import sequence from "../../vectors/sequence.json" with { type: "json" };
import tcp from "../../vectors/tcp.json" with { type: "json" };
import udp from "../../vectors/udp.json" with { type: "json" };

const PURE = { permissions: "none" } as const;

/** Bytes, and the message in them or why there is none. */
interface Vector {
  readonly bytes: string;
  readonly message?: unknown;
  readonly error?: string;
}

const bytesOf = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const orMalformed = (message: unknown) => message ?? "malformed";
/** Lines reach the codec of sequences without their end. */
const line = (text: string) => text.replace(/\r$/, "");

const CODECS: readonly [
  name: string,
  vectors: readonly Vector[],
  decode: (text: string) => unknown,
][] = [
  ["udp", udp.decode, (text) => decodeHeartbeat(bytesOf(text))],
  ["tcp heartbeats", tcp.heartbeats, (text) => orMalformed(decodeTcpHeartbeat(bytesOf(text)))],
  ["tcp acks", tcp.acks, (text) => orMalformed(decodeTcpAck(bytesOf(text)))],
  ["handshake hellos", handshake.hellos, (text) => {
    const id = decodeHello(bytesOf(text));
    return id === undefined ? "malformed" : { id };
  }],
  ["handshake replies", handshake.replies, (text) => {
    const reply = decodeReply(bytesOf(text));
    if (reply?.type !== "ok") return orMalformed(reply);
    const { type, id, address } = reply;
    return { type, id, ...address };
  }],
  ["keepalive", keepalive.decode, (text) => orMalformed(decodeKeepalive(bytesOf(text)))],
  ["sequence requests", sequence.requests, (text) => decodeSequenceRequest(bytesOf(line(text)))],
  [
    "sequence replies",
    sequence.replies,
    (text) => orMalformed(decodeSequenceReply(bytesOf(line(text)))),
  ],
];

for (const [name, vectors, decode] of CODECS) {
  for (const { bytes, message, error } of vectors) {
    const title = `vector of ${name}: ${JSON.stringify(bytes.slice(0, 60))}`;
    Deno.test(title, PURE, () => assertEquals(decode(bytes), error ?? message));
  }
}

Deno.test("vectors of the generator", PURE, () => {
  for (const { seed, index, values } of sequence.generator) {
    const [low, high] = seed;
    const value = numbersOf([low!, high!]);
    assertEquals(values.map((_, k) => value(index + k)), values);
  }
});

Deno.test("vectors of the checksums", PURE, () => {
  for (const { values, crc32, sha256 } of sequence.checksums) {
    const checksum = new SequenceChecksum();
    for (const value of values) checksum.add(value);
    assertEquals(checksum.digest(), { crc32, sha256 });
  }
});
