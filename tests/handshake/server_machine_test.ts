import { assert, assertEquals, assertThrows } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import type { HandshakeServerMachineOptions } from "../../handshake/options.ts";
import { HandshakeServerMachine } from "../../handshake/server_machine.ts";
import { bytesOf, ServerStory } from "./server_story.ts";

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });
const A = "10.0.0.1:5001", B = "10.0.0.2:5001";
const OK_A = `${A} <- OK 9876 10.0.0.1 5001`;

pure("leased for exactly 30 s: RESET at 29.999 s, OK at 30.000 s", () => {
  const story = new ServerStory().udp(A, "HELLO 9876");
  assertEquals(story.said(), [OK_A]);
  assertEquals(story.to(29_999).udp(B, "HELLO 9876").said(), [`${B} <- RESET 9876`]);
  assertEquals(story.to(30_000).udp(B, "HELLO 9876").said(), [`${B} <- OK 9876 10.0.0.2 5001`]);
});

pure("30.000 s count for whoever asks first then, also before the server's own tick", () => {
  const story = new ServerStory().udp(A, "HELLO 9876");
  story.said();
  story.now = 30_000;
  assertEquals(story.udp(B, "HELLO 9876").said(), [`${B} <- OK 9876 10.0.0.2 5001`]);
  assertEquals(story.udp(A, "HELLO 9876").said(), [`${A} <- RESET 9876`]);
  assertEquals(story.to(59_999).udp(A, "HELLO 9876").said(), [`${A} <- RESET 9876`]);
  assertEquals(story.to(60_000).udp(A, "HELLO 9876").said(), [OK_A]);
});

// Field note: a retransmit after a lost OK gets RESET, burning the id for 30 s.
pure("the same socket address gets the same OK, and the lease keeps its first end", () => {
  const story = new ServerStory({ emitRequests: true }).udp(A, "HELLO 9876");
  story.to(20_000).udp(A, "HELLO 9876");
  story.to(29_999).udp(A, "HELLO 9876\r\n");
  assertEquals(story.said(), [
    ...["granted 9876 udp 30000", OK_A, "repeated 9876 udp 10000", OK_A],
    ...["repeated 9876 udp 1", OK_A],
  ]);
  story.to(30_000).udp(B, "HELLO 9876");
  assertEquals(story.said(), [
    "expired 9876",
    "granted 9876 udp 30000",
    `${B} <- OK 9876 10.0.0.2 5001`,
  ]);
});

pure("another port of the same host is another asker", () => {
  const story = new ServerStory().udp(A, "HELLO 9876").udp("10.0.0.1:5002", "HELLO 9876");
  assertEquals(story.said(), [OK_A, "10.0.0.1:5002 <- RESET 9876"]);
});

pure("UDP and TCP share one table, and one asker is never both", () => {
  const story = new ServerStory().udp(A, "HELLO 1").connect(1, A).tcp(1, "HELLO 1\nHELLO 2\n");
  story.udp(A, "HELLO 2");
  assertEquals(story.said(), [
    ...[`${A} <- OK 1 10.0.0.1 5001`, "#1 <- RESET 1\n", "#1 <- OK 2 10.0.0.1 5001\n"],
    `${A} <- RESET 2`,
  ]);
});

pure("over TCP the lease belongs to the connection, and outlives it", () => {
  const story = new ServerStory().connect(1).tcp(1, "HELLO 1\n").tcp(1, "HELLO 1\n").gone(1);
  story.connect(2, "10.0.9.9:1").tcp(2, "HELLO 1\n");
  assertEquals(story.said(), [
    ...["#1 <- OK 1 10.0.9.9 1\n", "#1 <- OK 1 10.0.9.9 1\n", "#2 <- RESET 1\n"],
  ]);
  story.to(29_999).connect(3).tcp(3, "HELLO 1\n");
  assertEquals(story.said(), ["#3 <- RESET 1\n"]);
  assertEquals(story.to(30_000).tcp(3, "HELLO 1\n").said().at(-1), "#3 <- OK 1 10.0.9.9 3\n");
});

pure("a pause of our own process does not move a lease", () => {
  const story = new ServerStory().udp(A, "HELLO 9876").to(10_000).stall(19_999);
  assertEquals(story.udp(B, "HELLO 9876").said(), [OK_A, "stalled 19999", `${B} <- RESET 9876`]);
  assertEquals(story.to(30_000).udp(B, "HELLO 9876").said(), [`${B} <- OK 9876 10.0.0.2 5001`]);
});

pure("at the limit new ids get RESET, holders their OK, and a lease that ends makes room", () => {
  const story = new ServerStory({ maxLeases: 2 }).udp(A, "HELLO 1").to(1).udp(A, "HELLO 2");
  story.udp(B, "HELLO 3").udp(A, "HELLO 1");
  assertEquals(story.said().slice(2), [
    ...["rejected 1 table-full", `${B} <- RESET 3`, `${A} <- OK 1 10.0.0.1 5001`],
  ]);
  story.now = 30_000;
  assertEquals(story.udp(B, "HELLO 3").said(), [`${B} <- OK 3 10.0.0.2 5001`]);
  assertEquals(story.machine.size, 2);
});

// Field note: a 1-byte datagram kills the server.
pure("rubbish is counted, reported once a second and not answered", () => {
  const story = new ServerStory();
  for (const text of ["", "x", "HELLO", "HELLO a b", "\0".repeat(60_000)]) story.udp(A, text);
  assertEquals(story.to(999).said(), ["rejected 1 malformed"]);
  assertEquals(story.to(2_000).said(), ["rejected 4 malformed"]);
  assertEquals(story.machine.rejections(), { malformed: 5 });
  assertEquals(story.udp(A, "HELLO 9876").said(), [OK_A]);
});

pure("without a HELLO for two minutes the server is idle, rubbish or not, and then silent", () => {
  const story = new ServerStory().to(60_000).udp(A, "HELLO 9876").connect(1);
  story.to(90_000).gone(1);
  for (let at = 100_000; at < 180_000; at += 10_000) story.to(at).udp(A, "rubbish");
  assertEquals(story.said().at(-1), "rejected 1 malformed");
  assertEquals(story.to(179_999).said(), []);
  assertEquals(story.to(180_000).said(), ["idle for 120000"]);
  assertEquals(story.machine.deadline, undefined);
  assertEquals(story.udp(A, "HELLO 9876").tcp(1, "HELLO 1\n").to(1e6).said(), []);
});

pure("a HELLO that gets a RESET, or in strict mode nothing, postpones the end too", () => {
  const story = new ServerStory({ strict: true, idleExit: 10_000 }).udp(A, "HELLO 9876");
  story.to(9_000).udp(B, "HELLO 9876").to(18_000).udp("192.168.100.100:50000", "HELLO x");
  story.said();
  assertEquals(story.to(27_999).said(), []);
  assertEquals(story.to(28_000).said(), ["idle for 10000"]);
});

pure("a pause of our own process is no idleness", () => {
  const story = new ServerStory().to(100_000).stall(300_000);
  assertEquals(story.said(), ["stalled 300000"]);
  assertEquals(story.to(419_999).said(), []);
  assertEquals(story.to(420_000).said(), ["idle for 420000"]);
});

pure("idleExit: Infinity is never", () => {
  const story = new ServerStory({ idleExit: Infinity }).udp(A, "HELLO 1").to(1e12);
  assertEquals(story.said().length, 1);
});

const WRONG: [options: HandshakeServerMachineOptions, message: string][] = [
  [{ lease: 0 }, "Cannot use lease"],
  [{ idleExit: NaN }, "Cannot use idleExit"],
  [{ maxLeases: 0.5 }, "Cannot use maxLeases"],
  [{ silence: -1 }, "Cannot use silence"],
  [{ maxConnections: 0 }, "Cannot use maxConnections"],
];

pure("a wrong option is refused", () => {
  for (const [options, message] of WRONG) {
    assertThrows(() => new HandshakeServerMachine(options, {}, 0), HeartlineError, message);
  }
});

pure(
  "strict: no reply is more than three times its request, whatever is asked and from where",
  () => {
    const server = new HandshakeServerMachine({ strict: true }, {}, 0);
    const hosts = [
      "1.2.3.4",
      "192.168.10.10",
      "192.168.100.100",
      "::1",
      "2001:db8:85a3:1234:5678:8a2e:370:7334",
    ];
    let answered = 0, connection = 0;
    for (let length = 1; length <= 64; length++) {
      for (const [place, hostname] of hosts.entries()) {
        const now = length * 1_000 + place, from = { hostname, port: 65_535 };
        const id = String.fromCharCode(33 + place) + "x".repeat(length - 1);
        for (const line of ["", "\n", "\r\n"]) {
          const bytes = bytesOf(`HELLO ${id}${line}`);
          // Another id of the same length: the first one is in use.
          const other = bytes.map((byte, at) => at === 6 ? byte + 64 : byte);
          server.handle(
            { type: "opened", connection: ++connection, remote: from, local: from },
            now,
          );
          const outputs = [
            ...server.receive(bytes, from, now),
            ...server.handle({ type: "data", connection, bytes: other }, now),
            ...server.handle({ type: "ended", connection, reason: "end" }, now),
          ];
          for (const output of outputs) {
            if (!("bytes" in output)) continue;
            answered++;
            assert(output.bytes.length <= 3 * bytes.length, `${id} ${hostname}`);
          }
        }
      }
    }
    const { "reply-too-long": refused = 0 } = server.rejections();
    assert(answered > 1_000 && refused > 20, `${answered} answered, ${refused} refused`);
  },
);

pure("strict: a reply that is too long grants nothing, so that its id stays free", () => {
  const story = new ServerStory({ strict: true }).udp("192.168.100.100:50000", "HELLO x");
  assertEquals([story.said(), story.machine.size], [["rejected 1 reply-too-long"], 0]);
  assertEquals(story.udp("10.0.0.1:1", "HELLO x").said(), ["10.0.0.1:1 <- OK x 10.0.0.1 1"]);
});

pure("strict: who asks too often is not answered, others are, and patience helps", () => {
  const story = new ServerStory({ strict: true });
  for (let i = 0; i < 1_000; i++) story.udp(`10.0.0.1:${i + 1}`, `HELLO id-${i}`);
  assertEquals(story.said().filter((line) => line.includes("<- OK")).length, 200);
  assertEquals(story.machine.rejections(), { "rate-limited": 800 });
  assertEquals(story.udp(B, "HELLO 1").said(), [`${B} <- OK 1 10.0.0.2 5001`]);
  story.to(100).said();
  for (let i = 0; i < 100; i++) story.udp(A, `HELLO more-${i}`);
  assertEquals(story.said().filter((line) => line.includes("<- OK")).length, 10);
});

pure("without strict nobody is limited", () => {
  const story = new ServerStory();
  for (let i = 0; i < 1_000; i++) story.udp(A, `HELLO ${i}`);
  assertEquals(story.said().length, 1_000);
});

pure("reports that were held back are said in the end, and failures to send and accept too", () => {
  const server = new HandshakeServerMachine({}, {}, 0);
  const failed = { type: "send-failed", to: A, code: "io", message: "Cannot send" } as const;
  const refused = { type: "accept-failed", code: "io", message: "Cannot accept" } as const;
  const from = { hostname: "10.0.0.1", port: 1 };
  const all = [0, 1, 2].flatMap((now) => [
    ...server.handle(failed, now),
    ...server.handle(refused, now),
    ...server.handle({ type: "overloaded", from }, now),
  ]);
  assertEquals(all.map((output) => output.type), ["send-failed", "accept-failed", "rejected"]);
  const rest = [];
  for (let due; (due = server.deadline!) < 120_000;) rest.push(...server.tick(due));
  assertEquals(rest.map((output) => [output.type, "count" in output && output.count]), [
    ["rejected", 2],
    ["send-failed", 2],
    ["accept-failed", 2],
  ]);
});

pure("a datagram is answered alike by both of its adapters", () => {
  const ask = { bytes: bytesOf("HELLO 9876"), from: { hostname: "10.0.0.1", port: 5001 } };
  const [one, other] = [
    new HandshakeServerMachine({}, {}, 0),
    new HandshakeServerMachine({}, {}, 0),
  ];
  const answer = one.handle({ type: "datagram", ...ask }, 1);
  assertEquals(answer.map(({ type }) => type), ["reply"]);
  assertEquals(answer, other.receive(ask.bytes, ask.from, 1));
});

pure("a server that is idle says so once, however often it is ticked", () => {
  const server = new HandshakeServerMachine({ idleExit: 1_000 }, {}, 0);
  assertEquals(server.tick(1_000), [{ type: "idle", idleFor: 1_000 }]);
  assertEquals(server.tick(2_000), []);
});

pure("who is refused for want of room is told no time to wait for", () => {
  const story = new ServerStory({ maxLeases: 1, emitRequests: true }).udp(A, "HELLO 1").udp(
    B,
    "HELLO 2",
  );
  assertEquals(story.said().slice(2), [
    "rejected 1 table-full",
    "refused 2 udp 0",
    `${B} <- RESET 2`,
  ]);
});

pure("that replies were taken changes nothing", () => {
  const server = new HandshakeServerMachine({}, {}, 0);
  const { deadline } = server;
  assertEquals(server.handle({ type: "drained", connection: 1, unsent: 0 }, 5), []);
  assertEquals(server.deadline, deadline);
});
