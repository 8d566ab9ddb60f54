/**
 * Targets of keepalive connections.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  decodeKeepalive,
  formatKeepalive,
  KEEPALIVE_MARK,
  type KeepaliveMessage,
  MAX_KEEPALIVE_LINE_BYTES,
} from "../../../keepalive/message.ts";
import type { KeepaliveServerOutput } from "../../../keepalive/inputs.ts";
import { KeepaliveServerMachine } from "../../../keepalive/server_machine.ts";
import { codecTarget, streamTarget } from "../codec.ts";
import { machineTarget, typesOf } from "../machine.ts";
import { bytesOf, oneOf, type Pick, type Run, type Target } from "../target.ts";

const LINE = {
  name: "keepalive-line",
  tokens: [
    "DATA ",
    "REPLY ",
    "HEARTBEAT ",
    "HEARTBEAT-ACK ",
    "TERMINATE ",
    "\\",
    "\\n",
    "\\u",
    "DATA 1 ",
  ],
  framing: { mark: KEEPALIVE_MARK, limit: MAX_KEEPALIVE_LINE_BYTES },
  sample: (pick: Pick) => formatKeepalive(message(pick)),
  decode: decodeKeepalive,
  encode: formatKeepalive,
};

/** All of them. */
export const KEEPALIVE_TARGETS: readonly Target[] = [
  codecTarget({ ...LINE, sample: (pick) => LINE.sample(pick).slice(0, -1) }),
  streamTarget(LINE),
  machineTarget(streamTarget(LINE), "keepalive-server", startServer),
];

function message(pick: Pick): KeepaliveMessage {
  const id = 1 + pick(pick(2) === 0 ? 5 : 10 ** 15 - 1);
  const payload = oneOf(pick, [
    "",
    "temperature 21.5\n",
    "\\",
    "é\ud800\u0000",
    "x".repeat(pick(99)),
  ]);
  return oneOf<KeepaliveMessage>(pick, [
    { type: "data", id, payload },
    { type: "data", id, payload },
    { type: "heartbeat", id },
    { type: "reply", id, payload },
    { type: "heartbeat-ack", id },
    { type: "terminate", reason: "silent" },
  ]);
}

const END = { hostname: "127.0.0.1", port: 5_001 };

/** A server with an honest client: every stream ends its own connection at most. */
function startServer(): Run {
  const machine = new KeepaliveServerMachine({ dataThreshold: 1e15 });
  const connect = (connection: number) =>
    machine.handle({ type: "opened", connection, remote: END, local: END }, 0);
  const send = (connection: number, bytes: Uint8Array, now: number) =>
    machine.handle({ type: "data", connection, bytes }, now);
  connect(0);
  send(0, bytesOf("DATA 1 a\n"), 0);
  const before = machine.reports(0)[0];
  let connection = 1, now = 0;
  connect(connection);
  return {
    take(input, pick) {
      const types = new Set<string>(), sender = connection;
      const check = (outputs: readonly KeepaliveServerOutput[]): void => {
        for (const output of outputs) {
          types.add(output.type);
          if ("connection" in output) assertEquals(output.connection, sender);
          if (output.type === "send") {
            machine.handle({ type: "drained", connection, unsent: 0 }, now);
          } else if (output.type === "close") connect(++connection);
        }
      };
      const cut = pick(input.length + 1);
      check(send(sender, input.subarray(0, cut), ++now));
      check(send(sender, input.subarray(cut), now));
      return typesOf(types);
    },
    finish() {
      assertEquals([machine.size, machine.reports(0)[0]], [2, before]);
    },
  };
}
