/**
 * Targets of TCP heartbeats.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  decodeTcpAck,
  decodeTcpHeartbeat,
  formatTcpAck,
  formatTcpHeartbeat,
  MAX_TCP_MESSAGE_BYTES,
  TCP_MARK,
} from "../../../tcp/message.ts";
import { TcpClientMachine } from "../../../tcp/client_machine.ts";
import type { TcpServerOutput } from "../../../tcp/inputs.ts";
import { TcpServerMachine } from "../../../tcp/server_machine.ts";
import { seededRandom } from "../../support/random.ts";
import { codecTarget, streamTarget } from "../codec.ts";
import { machineTarget, typesOf } from "../machine.ts";
import { bytesOf, type Pick, type Run, type Target } from "../target.ts";

const WALL = Date.UTC(2026, 0, 1);
const framing = { mark: TCP_MARK, limit: MAX_TCP_MESSAGE_BYTES };
const tokens = [
  "Sequence #",
  ": Sending heartbeat at ",
  "Ack #",
  " at ",
  ". ",
  "1752356183.5769",
  "#1",
];

const HEARTBEAT = {
  name: "tcp-heartbeat",
  tokens,
  framing,
  sample: (pick: Pick) => formatTcpHeartbeat(numbers(pick)),
  decode: decodeTcpHeartbeat,
  encode: formatTcpHeartbeat,
};
const ACK = {
  name: "tcp-ack",
  tokens,
  framing,
  sample: (pick: Pick) => formatTcpAck(numbers(pick)),
  decode: decodeTcpAck,
  encode: formatTcpAck,
};

/** All of them. */
export const TCP_TARGETS: readonly Target[] = [
  codecTarget(withoutMark(HEARTBEAT)),
  streamTarget(HEARTBEAT),
  codecTarget(withoutMark(ACK)),
  streamTarget(ACK),
  machineTarget(streamTarget(HEARTBEAT), "tcp-server", startServer),
  machineTarget(streamTarget(ACK), "tcp-client", startClient),
];

/** What a decoder reads has lost its mark. */
function withoutMark<Of extends { sample(pick: Pick): string }>(codec: Of): Of {
  return { ...codec, sample: (pick: Pick) => codec.sample(pick).slice(0, -TCP_MARK.length) };
}

function numbers(pick: Pick): { sequence: number; sentAt: number } {
  return {
    sequence: 1 + pick(pick(2) === 0 ? 10 : 10 ** 15 - 1),
    sentAt: pick(2) === 0 ? WALL + pick(1e7) : pick(1e14) + pick(1e4) / 1e4,
  };
}

/** A server with an honest client: every stream costs its own connection at most. */
function startServer(): Run {
  const machine = new TcpServerMachine({ timeout: 1e9, ack: true }, { wall: () => WALL });
  const remote = { hostname: "127.0.0.1", port: 5_001 };
  const connect = (connection: number) =>
    machine.handle({ type: "opened", connection, remote, local: remote }, 0);
  connect(0);
  machine.receive(0, bytesOf(formatTcpHeartbeat({ sequence: 1, sentAt: WALL })), 0);
  const before = machine.reports(0);
  let connection = 1, now = 0;
  connect(connection);
  return {
    take(input, pick) {
      const types = new Set<string>(), sender = connection;
      const check = (outputs: readonly TcpServerOutput[]): void => {
        for (const output of outputs) {
          types.add(output.type);
          if ("connection" in output) assertEquals(output.connection, sender);
          if (output.type === "close") connect(++connection);
        }
      };
      const cut = pick(input.length + 1);
      check(machine.receive(sender, input.subarray(0, cut), ++now));
      check(machine.receive(sender, input.subarray(cut), now));
      return typesOf(types);
    },
    finish() {
      assertEquals(machine.size, 2);
      assertEquals(machine.reports(0)[0], before[0]);
    },
  };
}

const END = { hostname: "127.0.0.1", port: 1 };

/** A client that is answered rubbish goes on with another connection, as long as it lives. */
function startClient(): Run {
  const environment = {
    server: "s:1",
    random: seededRandom(1),
    wall: (now: number) => WALL + now,
  };
  const schedule = { ack: true, interval: 1_000, backoff: { cap: 1 } };
  const machine = new TcpClientMachine(schedule, environment, 0);
  let now = 0, connection = 0;
  return {
    take(input) {
      now += 10;
      for (const output of machine.tick(now)) {
        if (output.type !== "connect") continue;
        connection = output.connection;
        machine.handle({ type: "opened", connection, remote: END, local: END }, now);
      }
      const outputs = machine.handle({ type: "data", connection, bytes: input }, now);
      assertEquals(machine.deadline === undefined, false);
      return typesOf(outputs.map(({ type }) => type));
    },
  };
}
