/**
 * Targets of resumable sequences.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { SequenceChecksum } from "../../../sequence/checksum.ts";
import { SequenceClientMachine } from "../../../sequence/client_machine.ts";
import { decodeSequenceReply, decodeSequenceRequest } from "../../../sequence/message.ts";
import {
  formatSequenceReply,
  formatSequenceRequest,
  MAX_SEQUENCE_LINE_BYTES,
  parseSequenceReply,
  parseSequenceRequest,
  SEQUENCE_REJECTIONS,
  type SequenceReply,
  type SequenceRequest,
} from "../../../sequence/grammar.ts";
import { checkSequenceSnapshot } from "../../../sequence/snapshot.ts";
import type { SequenceServerOutput, StoreCall } from "../../../sequence/inputs.ts";
import { SequenceServerMachine } from "../../../sequence/server_machine.ts";
import { seededRandom } from "../../support/random.ts";
import { codecTarget, readerTarget, streamTarget } from "../codec.ts";
import { machineTarget, typesOf } from "../machine.ts";
import { jsonSample, parsedJson } from "../json.ts";
import { bytesOf, latin1, oneOf, type Pick, type Run, type Target } from "../target.ts";

const END = { hostname: "10.0.0.2", port: 49_155 };

const UUID = "01234567-89ab-4def-8123-456789abcdef";
const SESSION = "00112233445566778899aabbccddeeff";
const TOKEN = "ffeeddccbbaa99887766554433221100";
const SHA = "0123456789abcdef".repeat(4);
const framing = { mark: "\n", limit: MAX_SEQUENCE_LINE_BYTES };

const REQUEST = {
  name: "sequence-request",
  tokens: ["HELLO 1 ", "RESUME 1 ", "ACK ", "PONG ", "FIN-ACK", UUID, SESSION, TOKEN, "65536"],
  framing,
  sample: (pick: Pick) => formatSequenceRequest(request(pick)),
  decode: (bytes: Uint8Array, start: number, end: number) =>
    agreed(
      decodeSequenceRequest(bytes, start, end),
      parseSequenceRequest(latin1(bytes.subarray(start, end))),
    ),
  encode: formatSequenceRequest,
};
const REPLY = {
  name: "sequence-reply",
  tokens: ["WELCOME ", "RESUMED ", "NUMBER ", "PING ", "FIN ", "REJECTED ", "GOAWAY ", TOKEN, SHA],
  framing,
  sample: (pick: Pick) => formatSequenceReply(reply(pick)),
  decode: (bytes: Uint8Array, start: number, end: number) =>
    agreed(
      decodeSequenceReply(bytes, start, end),
      parseSequenceReply(latin1(bytes.subarray(start, end))),
    ),
  encode: formatSequenceReply,
};

/** All of them. */
export const SEQUENCE_TARGETS: readonly Target[] = [
  codecTarget({ ...REQUEST, sample: (pick) => REQUEST.sample(pick).slice(0, -1) }),
  streamTarget(REQUEST),
  codecTarget({ ...REPLY, sample: (pick) => REPLY.sample(pick).slice(0, -1) }),
  streamTarget(REPLY),
  machineTarget(streamTarget(REQUEST), "sequence-server", startServer),
  machineTarget(streamTarget(REPLY), "sequence-client", startClient),
  readerTarget({
    name: "sequence-saved",
    tokens: ['"version"', '"session"', '"checksum"', '"sha256"', '"rest"', SESSION, "null", "[]"],
    sample: (pick) => jsonSample(pick, saved(pick(40), pick(2) === 0)),
    read: (text) => {
      const snapshot = checkSequenceSnapshot(parsedJson(text));
      const { ended } = new SequenceClientMachine(
        { snapshot },
        { server: "s:1", random: () => 0 },
        0,
      );
      assert(!ended);
      return snapshot;
    },
  }),
];

/** What was read of a line, which is what the grammar makes of its text. */
function agreed<Value>(read: Value, decoded: Value): Value {
  assertEquals(read, decoded, "The bytes of a line say something else than its text");
  return read;
}

function request(pick: Pick): SequenceRequest {
  return oneOf<SequenceRequest>(pick, [
    { type: "hello", client: UUID, length: 1 + pick(65_535) },
    { type: "resume", session: SESSION, token: TOKEN, next: pick(65_536) },
    { type: "ack", next: pick(4) },
    { type: "pong", id: pick(10) },
    { type: "fin-ack" },
  ]);
}

function reply(pick: Pick): SequenceReply {
  const numbers = {
    epoch: 1,
    interval: pick(2_000),
    heartbeat: 1 + pick(9_999),
    sessionTtl: 30_000,
  };
  return oneOf<SequenceReply>(pick, [
    { type: "welcome", session: SESSION, token: TOKEN, ...numbers },
    { type: "resumed", token: TOKEN, epoch: 2, next: pick(4) },
    { type: "number", index: pick(4), value: pick(2 ** 32) },
    { type: "number", index: 0, value: 7 },
    { type: "ping", id: pick(10) },
    { type: "fin", length: 3, crc32: pick(2 ** 32), sha256: SHA },
    { type: "rejected", code: oneOf(pick, SEQUENCE_REJECTIONS), text: "in words" },
    { type: "replaced" },
    { type: "goaway", retry: pick(5_000) },
  ]);
}

function saved(count: number, withSession: boolean): object {
  const checksum = new SequenceChecksum();
  for (let i = 0; i < count; i++) checksum.add(i);
  return {
    ...{ version: 1, client: UUID, length: 40, done: false, checksum: checksum.save() },
    ...(withSession && { session: { id: SESSION, token: TOKEN } }),
  };
}

/** A server that never sees a valid token: streams cost their own connection, sessions are bounded. */
function startServer(): Run {
  const random = seededRandom(1), maxSessions = 50;
  const machine = new SequenceServerMachine({ maxSessions, interval: 0, sendWindow: 10 }, {
    random,
    randomBytes: (count) => Uint8Array.from({ length: count }, () => random() * 256),
    wall: (now) => now,
  });
  let now = 0, connection = 0;
  const follow = (outputs: readonly SequenceServerOutput[], types: Set<string>): void => {
    for (const output of outputs) {
      types.add(output.type);
      if (output.type === "store") {
        const { request, call } = output;
        follow(machine.handle({ type: "answer", request, answer: emptyStore(call) }, now), types);
      }
    }
  };
  return {
    take(input, pick) {
      const types = new Set<string>(), cut = pick(input.length + 1);
      const remote = { hostname: `10.0.0.${pick(256)}`, port: 1 + pick(65_535) };
      follow(
        machine.handle({ type: "opened", connection: ++connection, remote, local: remote }, now),
        types,
      );
      for (const bytes of [input.subarray(0, cut), input.subarray(cut)]) {
        follow(machine.handle({ type: "data", connection, bytes }, now), types);
      }
      follow(machine.handle({ type: "ended", connection, reason: "reset" }, now), types);
      now += 100;
      follow(machine.schedule.tick(now), new Set());
      follow(machine.tick(now), new Set());
      assert(machine.size <= maxSessions, `${machine.size} sessions`);
      return typesOf(types);
    },
    finish() {
      now += 1e6;
      follow(machine.tick(now), new Set());
      assertEquals(machine.size, 0, "Sessions that nobody came back to");
    },
  };
}

/** A store that keeps nothing: every resume is unknown. */
function emptyStore(call: StoreCall) {
  return call.type === "load"
    ? { type: "loaded", session: undefined } as const
    : { type: "stored", changed: call.type === "create" } as const;
}

/** A client that is told rubbish counts no number twice, and ends or tries again. */
function startClient(): Run {
  return {
    take(input, pick) {
      const environment = { server: "s:1", random: seededRandom(1) };
      const snapshot = checkSequenceSnapshot({ ...saved(0, false), length: 3 });
      const machine = new SequenceClientMachine({ snapshot }, environment, 0);
      machine.tick(0);
      const connection = 1, types = new Set<string>(), cut = pick(input.length + 1);
      machine.handle({ type: "opened", connection, remote: END, local: END }, 0);
      const hello = bytesOf(`WELCOME ${SESSION} ${TOKEN} 1 0 5000 30000\n`);
      for (const bytes of [hello, input.subarray(0, cut), input.subarray(cut)]) {
        const outputs = machine.handle({ type: "data", connection, bytes }, 0);
        while (machine.take() !== undefined)/* all that came */ ;
        outputs.forEach(({ type }) => types.add(type));
        machine.handle({ type: "confirm" }, 0).forEach(({ type }) => types.add(type));
        assert(machine.taken <= 3);
        assert(machine.ended || machine.deadline !== undefined, "It waits for nothing");
      }
      checkSequenceSnapshot(JSON.parse(JSON.stringify(machine.snapshot())));
      return typesOf(types);
    },
  };
}
