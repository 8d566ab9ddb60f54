/**
 * Targets of handshakes.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Address } from "../../../core/address.ts";
import { HandshakeClientMachine } from "../../../handshake/client_machine.ts";
import {
  decodeHello,
  decodeReply,
  encodeHello,
  formatReply,
  MAX_HANDSHAKE_BYTES,
} from "../../../handshake/message.ts";
import { HandshakeServerMachine } from "../../../handshake/server_machine.ts";
import { seededRandom } from "../../support/random.ts";
import { codecTarget, streamTarget } from "../codec.ts";
import { machineTarget, typesOf } from "../machine.ts";
import { bytesOf, latin1, oneOf, type Pick, type Run, type Target } from "../target.ts";

const END = { hostname: "10.0.0.7", port: 5_001 };

const HONEST: Address = { hostname: "10.1.1.1", port: 1 };
const framing = { mark: "\n", limit: MAX_HANDSHAKE_BYTES };
const tokens = [
  "HELLO ",
  "HELLO",
  "OK ",
  "RESET ",
  "9876",
  "10.0.0.1 5001",
  "65536",
  "x".repeat(64),
];

const HELLO = {
  name: "handshake-hello",
  tokens,
  framing,
  sample: (pick: Pick) =>
    `HELLO ${oneOf(pick, ["~", `${pick(1e9)}`, "x".repeat(64)])}${lineEnd(pick)}`,
  decode(bytes: Uint8Array, start: number, end: number): { id: string } | undefined {
    const id = decodeHello(bytes, start, end);
    return id === undefined ? undefined : { id };
  },
  encode: ({ id }: { id: string }) => `${latin1(encodeHello(id))}\n`,
};
const REPLY = {
  name: "handshake-reply",
  tokens,
  framing,
  sample: (pick: Pick) =>
    oneOf(pick, ["OK 9876 192.168.0.10 12345", "RESET 9876", "OK a ::1 0"]) +
    lineEnd(pick),
  decode: decodeReply,
  encode: (reply: NonNullable<ReturnType<typeof decodeReply>>) => `${formatReply(reply)}\n`,
};

/** All of them. */
export const HANDSHAKE_TARGETS: readonly Target[] = [
  codecTarget(HELLO),
  streamTarget(HELLO),
  codecTarget(REPLY),
  streamTarget(REPLY),
  machineTarget(codecTarget(HELLO), "handshake-server-udp", () => startUdp(false)),
  machineTarget(codecTarget(HELLO), "handshake-server-udp-strict", () => startUdp(true)),
  machineTarget(streamTarget(HELLO), "handshake-server-tcp", startTcp),
  machineTarget(streamTarget(REPLY), "handshake-client", startClient),
];

function lineEnd(pick: Pick): string {
  return oneOf(pick, ["", "\n", "\r\n"]);
}

/** A holder is answered the same whatever others send, and nobody takes more places than there are. */
function startUdp(strict: boolean): Run {
  const maxLeases = 1_000;
  const server = new HandshakeServerMachine(
    { maxLeases, strict, lease: 1e12, idleExit: 1e15 },
    {},
    0,
  );
  const mine = bytesOf("HELLO mine");
  const granted = server.receive(mine, HONEST, 0);
  let now = 0;
  return {
    take(input, pick) {
      now += 20;
      const from = { hostname: `10.0.${pick(64)}.${pick(256)}`, port: 1 + pick(1_024) };
      const types = server.receive(input, from, now).map((output) => {
        assert(output.type === "reply" || output.type === "rejected", output.type);
        if (output.type === "rejected") return output.reason;
        if (strict) assert(output.bytes.length <= 3 * input.length, latin1(output.bytes));
        return latin1(output.bytes).split(" ", 1)[0]!;
      });
      if (server.deadline! <= now) server.tick(now);
      assert(server.size <= maxLeases);
      return typesOf(types);
    },
    finish() {
      assertEquals(server.receive(mine, HONEST, now + 1_000), granted, "The same OK");
    },
  };
}

/** Streams cut anywhere concern their own connection alone. */
function startTcp(): Run {
  const options = { maxConnections: 100, maxLeases: 1_000, silence: 1e15, idleExit: 1e15 };
  const server = new HandshakeServerMachine(options, {}, 0);
  const open: number[] = [];
  let connection = 1, now = 0;
  server.handle({ type: "opened", connection, remote: HONEST, local: HONEST }, now);
  const ask = (text: string) =>
    server.handle({ type: "data", connection: 1, bytes: bytesOf(text) }, now);
  return {
    take(input, pick) {
      now += 10;
      if (open.length > 50) {
        server.handle({ type: "ended", connection: open.shift()!, reason: "reset" }, now);
      }
      const remote = { hostname: "10.0.0.1", port: ++connection & 65_535 };
      server.handle({ type: "opened", connection, remote, local: remote }, now);
      open.push(connection);
      const types = new Set<string>(), cut = pick(input.length + 1);
      for (const bytes of [input.subarray(0, cut), input.subarray(cut)]) {
        for (const output of server.handle({ type: "data", connection, bytes }, now)) {
          if ("connection" in output) assertEquals(output.connection, connection);
          types.add(output.type);
        }
      }
      if (pick(3) === 0) server.handle({ type: "ended", connection, reason: "end" }, now);
      if (server.deadline! <= now) server.tick(now);
      if (pick(100) === 0) ask("HELLO mine\n");
      return typesOf(types);
    },
    finish() {
      assert(ask("HELLO mine\n").some(({ type }) => type === "send"), "Honest and unheard");
    },
  };
}

/** A client waits for a reply to its own HELLO, whatever else comes. */
function startClient(): Run {
  const environment = { server: "s:1", random: seededRandom(1) };
  const options = { id: "9876", transport: "tcp", tries: 1e9 } as const;
  const machine = new HandshakeClientMachine(options, environment, 0);
  let now = 0, attempt = 0;
  const follow = (outputs: ReturnType<HandshakeClientMachine["handle"]>): void => {
    for (const output of outputs) {
      if (output.type === "ask-id") follow(machine.handle({ type: "next-id", id: "9876" }, now));
      if (output.type !== "connect") continue;
      attempt = output.connection;
      follow(machine.handle({ type: "opened", connection: attempt, remote: END, local: END }, now));
    }
  };
  return {
    take(input, pick) {
      // What would end the client rightly is said of another id.
      const own = latin1(input).includes("OK 9876 ");
      follow(machine.tick(now += 100));
      const types = new Set<string>(), cut = own ? 0 : pick(input.length + 1);
      for (const bytes of own ? [] : [input.subarray(0, cut), input.subarray(cut)]) {
        const outputs = machine.handle({ type: "data", connection: attempt, bytes }, now);
        for (const { type } of outputs) types.add(type);
        follow(outputs);
      }
      if (machine.deadline !== undefined) follow(machine.tick(now = machine.deadline));
      assert(machine.deadline !== undefined, "The client gave up");
      return typesOf(types);
    },
  };
}
