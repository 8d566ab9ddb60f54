import { assert, assertEquals, assertThrows } from "@std/assert";
import type { ConnectionLoss } from "../../core/connection.ts";
import { HeartlineError } from "../../core/errors.ts";
import type { Instant } from "../../core/machine.ts";
import type { TcpClientInput, TcpClientOutput } from "../../tcp/inputs.ts";
import { TcpClientMachine } from "../../tcp/client_machine.ts";
import { decodeTcpHeartbeat, formatTcpAck } from "../../tcp/message.ts";
import type { TcpSchedule } from "../../tcp/options.ts";
import { ToldStory } from "../support/story.ts";

const WALL = Date.UTC(2026, 0, 1);
const ENCODER = new TextEncoder();

/**
 * A client in virtual time. A line is `<ms> <what>`, where what is `connected`, `refused`, `denied`,
 * `ended`, `reset`, `reads not`, `acks <n> <n>`, `stalled <ms>`, `stopped until <ms>` or text in
 * quotes; `<ms>` alone lets time pass. The system takes all bytes at once unless `stuck`.
 */
class ClientStory extends ToldStory<TcpClientInput, TcpClientOutput, TcpClientMachine> {
  stuck = false;
  connection = 0;

  constructor(schedule: TcpSchedule = {}, random = () => 0.5) {
    const wall = (now: Instant) => WALL + now;
    super(new TcpClientMachine(schedule, { server: "srv:1", random, wall }, 0));
  }

  protected act(what: string, rest: string): void {
    const { connection } = this;
    const failure = (code: "connection-refused" | "permission-denied") =>
      new HeartlineError(code, `Cannot: ${code}`);
    this.give(
      what === "connected"
        ? { type: "opened", connection, remote: SERVER, local: { hostname: "me", port: 2 } }
        : what === "refused"
        ? { type: "connect-failed", connection, error: failure("connection-refused") }
        : what === "denied"
        ? { type: "connect-failed", connection, error: failure("permission-denied") }
        : what === "acks"
        ? { type: "data", connection, bytes: ENCODER.encode(rest.split(" ").map(ack).join("")) }
        : what === "says"
        ? { type: "data", connection, bytes: ENCODER.encode(rest) }
        : { type: "ended", connection, reason: ENDS[what]! },
    );
  }

  /** Bytes are taken once all is noted. */
  override performAll(outputs: readonly TcpClientOutput[]): this {
    const isSend = ({ type }: TcpClientOutput) => type === "send";
    return super.performAll([...outputs.filter((one) => !isSend(one)), ...outputs.filter(isSend)]);
  }

  protected perform(output: TcpClientOutput): void {
    if (output.type === "connect") this.connection = output.connection;
    else if (output.type !== "send") this.log.push(`${Math.round(this.now)} ${lineOf(output)}`);
    else {
      const { connection, bytes } = output;
      assert(decodeTcpHeartbeat(bytes, 0, bytes.length - 2));
      assertEquals(connection, this.connection);
      if (!this.stuck) this.give({ type: "drained", connection, unsent: 0 });
    }
  }
}

const SERVER = { hostname: "srv", port: 1 };
const ENDS: Record<string, ConnectionLoss> = { ended: "end", reset: "reset", reads: "not-reading" };

const ack = (sequence: string) => formatTcpAck({ sequence: Number(sequence), sentAt: WALL });

function lineOf(output: TcpClientOutput): string {
  switch (output.type) {
    case "connecting":
      return `connecting (${output.attempt})`;
    case "connect-failed":
      return `connect-failed ${output.code}, again in ${output.retryIn}`;
    case "sent":
      return `sent ${output.sequence}`;
    case "skipped":
      return `skipped ${output.count}`;
    case "acked":
      return `acked ${output.sequence} rtt ${output.rtt}`;
    case "unconfirmed":
      return `unconfirmed ${output.from}-${output.to} (${output.count})`;
    case "disconnected":
      return `disconnected: ${output.reason}, again in ${output.retryIn}`;
    case "done":
      return `done ${output.sent}, acked ${output.acked}`;
    case "failed":
      return `failed ${output.code}: ${output.message}`;
    default:
      return output.type;
  }
}

interface Story {
  title: string;
  schedule?: TcpSchedule;
  happens: string[];
  says: string[];
}

const STORIES: readonly Story[] = [
  {
    title: "a heartbeat every interval from the moment it is connected",
    happens: ["70 connected", "3100"],
    says: [
      "0 connecting (1)",
      "70 connected",
      "70 sent 1",
      "1070 sent 2",
      "2070 sent 3",
      "3070 sent 4",
    ],
  },
  {
    title: "timers that fire late make no drift",
    schedule: { interval: 100 },
    happens: ["0 connected", "130 late", "230 late", "330 late", "400"],
    says: [
      "0 connecting (1)",
      "0 connected",
      "0 sent 1",
      "130 sent 2",
      "230 sent 3",
      "330 sent 4",
      "400 sent 5",
    ],
  },
  {
    title: "a process that was stopped sends one and goes on with the schedule",
    happens: ["0 connected", "1000", "9300 late", "10000"],
    says: [
      "0 connecting (1)",
      "0 connected",
      "0 sent 1",
      "1000 sent 2",
      "9300 skipped 7",
      "9300 sent 3",
      "10000 sent 4",
    ],
  },
  {
    title: "so many heartbeats, then done",
    schedule: { count: 2 },
    happens: ["0 connected", "5000"],
    says: [
      "0 connecting (1)",
      "0 connected",
      "0 sent 1",
      "1000 sent 2",
      "1000 close",
      "1000 done 2, acked 0",
    ],
  },
  {
    title: "a refused connection is tried again, for ever, later and later",
    happens: ["10 refused", "200 refused", "500 refused", "2000 connected"],
    says: [
      "0 connecting (1)",
      "10 connect-failed connection-refused, again in 125",
      "135 connecting (2)",
      "200 connect-failed connection-refused, again in 250",
      "450 connecting (3)",
      "500 connect-failed connection-refused, again in 500",
      "1000 connecting (4)",
      "2000 connected",
      "2000 sent 1",
    ],
  },
  {
    title: "an attempt that has no outcome is given up",
    schedule: { connectTimeout: 3_000 },
    happens: ["3000", "4000"],
    says: [
      "0 connecting (1)",
      "3000 close",
      "3000 connect-failed timed-out, again in 125",
      "3125 connecting (2)",
    ],
  },
  {
    title: "numbers go on over a lost connection, and what was due meanwhile is sent once",
    happens: ["0 connected", "1000", "5500 ended", "5600", "7300 connected", "8000"],
    says: [
      "0 connecting (1)",
      "0 connected",
      ...[1, 2, 3, 4, 5, 6].map((n) => `${(n - 1) * 1000} sent ${n}`),
      "5500 close",
      "5500 disconnected: end, again in 125",
      "5625 connecting (1)",
      "7300 connected",
      "7300 sent 7",
      "8000 sent 8",
    ],
  },
  {
    title: "back before the next is due: nothing is sent ahead of the schedule",
    happens: ["0 connected", "5100 reset", "5300 connected", "6000"],
    says: [
      "0 connecting (1)",
      "0 connected",
      ...[1, 2, 3, 4, 5, 6].map((n) => `${(n - 1) * 1000} sent ${n}`),
      "5100 close",
      "5100 disconnected: reset, again in 125",
      "5225 connecting (1)",
      "5300 connected",
      "6000 sent 7",
    ],
  },
  {
    title: "a server that closes what it accepts is not stormed",
    happens: ["0 connected", "1 ended", "200 connected", "201 ended", "460 connected", "461 ended"],
    says: [
      "0 connecting (1)",
      "0 connected",
      "0 sent 1",
      "1 close",
      "1 disconnected: end, again in 125",
      "126 connecting (2)",
      "200 connected",
      "201 close",
      "201 disconnected: end, again in 250",
      "451 connecting (3)",
      "460 connected",
      "461 close",
      "461 disconnected: end, again in 500",
    ],
  },
  {
    title: "after a good connection the waits are short again",
    schedule: { interval: 60_000 },
    happens: ["10 refused", "200 refused", "500 connected", "6000 reset", "6200 refused"],
    says: [
      "0 connecting (1)",
      "10 connect-failed connection-refused, again in 125",
      "135 connecting (2)",
      "200 connect-failed connection-refused, again in 250",
      "450 connecting (3)",
      "500 connected",
      "500 sent 1",
      "6000 close",
      "6000 disconnected: reset, again in 125",
      "6125 connecting (1)",
      "6200 connect-failed connection-refused, again in 125",
    ],
  },
  {
    title: "no reconnect: a refusal is the end",
    schedule: { reconnect: false },
    happens: ["10 refused", "9999"],
    says: ["0 connecting (1)", "10 failed connection-refused: Cannot: connection-refused"],
  },
  {
    title: "no reconnect: a loss is the end",
    schedule: { reconnect: false },
    happens: ["0 connected", "10 ended", "9999"],
    says: [
      "0 connecting (1)",
      "0 connected",
      "0 sent 1",
      "10 close",
      "10 disconnected: end, again in undefined",
      "10 failed connection-reset: Cannot send heartbeats to srv:1: The server closed the connection",
    ],
  },
  {
    title: "a sandbox does not change its mind",
    happens: ["10 denied", "9999"],
    says: ["0 connecting (1)", "10 failed permission-denied: Cannot: permission-denied"],
  },
  {
    title: "acks confirm",
    schedule: { ack: true, count: 3 },
    happens: ["0 connected", "4 acks 1", "2500 acks 2 3"],
    says: [
      "0 connecting (1)",
      "0 connected",
      "0 sent 1",
      "4 acked 1 rtt 4",
      "1000 sent 2",
      "2000 sent 3",
      "2500 acked 2 rtt 1500",
      "2500 acked 3 rtt 500",
      "2500 close",
      "2500 done 3, acked 3",
    ],
  },
  {
    title: "what an ack passes over is unconfirmed, and an ack that comes again is nothing",
    schedule: { ack: true },
    happens: ["0 connected", "3500 acks 1 4", "3600 acks 4 2"],
    says: [
      "0 connecting (1)",
      "0 connected",
      "0 sent 1",
      "1000 sent 2",
      "2000 sent 3",
      "3000 sent 4",
      "3500 acked 1 rtt 3500",
      "3500 unconfirmed 2-3 (2)",
      "3500 acked 4 rtt 500",
    ],
  },
  {
    title: "bytes vanish: one run is unconfirmed, and another connection opened",
    schedule: { ack: true },
    happens: ["0 connected", "1 acks 1", "1001 acks 2", "7000", "7200 connected", "7201 acks 8"],
    says: [
      "0 connecting (1)",
      "0 connected",
      "0 sent 1",
      "1 acked 1 rtt 1",
      "1000 sent 2",
      "1001 acked 2 rtt 1",
      ...[3, 4, 5, 6, 7].map((n) => `${(n - 1) * 1000} sent ${n}`),
      "7000 unconfirmed 3-7 (5)",
      "7000 close",
      "7000 disconnected: ack-timeout, again in 125",
      "7125 connecting (1)",
      "7200 connected",
      "7200 sent 8",
      "7201 acked 8 rtt 1",
    ],
  },
  {
    title: "without abandon the connection may heal; runs are told once a timeout",
    schedule: { ack: true, abandon: false },
    happens: ["0 connected", "10500", "10600 acks 1 2 3 4 5 6 7 8 9 10 11", "11001 acks 12"],
    says: [
      "0 connecting (1)",
      "0 connected",
      ...[1, 2, 3, 4, 5].map((n) => `${(n - 1) * 1000} sent ${n}`),
      "5000 unconfirmed 1-1 (1)",
      ...[6, 7, 8, 9, 10].map((n) => `${(n - 1) * 1000} sent ${n}`),
      "10000 unconfirmed 2-6 (5)",
      "10000 sent 11",
      ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((n) => `10600 acked ${n} rtt ${11600 - n * 1000}`),
      "11000 sent 12",
      "11001 acked 12 rtt 1",
    ],
  },
  {
    title: "a connection that ends takes its open heartbeats with it",
    schedule: { ack: true },
    happens: ["0 connected", "1 acks 1", "2500 reset"],
    says: [
      "0 connecting (1)",
      "0 connected",
      "0 sent 1",
      "1 acked 1 rtt 1",
      "1000 sent 2",
      "2000 sent 3",
      "2500 close",
      "2500 unconfirmed 2-3 (2)",
      "2500 disconnected: reset, again in 125",
    ],
  },
  {
    title: "done waits for acks, and not for ever",
    schedule: { ack: true, count: 2, ackTimeout: 3_000 },
    happens: ["0 connected", "1 acks 1", "9999"],
    says: [
      "0 connecting (1)",
      "0 connected",
      "0 sent 1",
      "1 acked 1 rtt 1",
      "1000 sent 2",
      "4000 unconfirmed 2-2 (1)",
      "4000 close",
      "4000 done 2, acked 1",
    ],
  },
  {
    title: "all sent and the connection lost: done, not again",
    schedule: { ack: true, count: 1 },
    happens: ["0 connected", "10 reset", "9999"],
    says: [
      "0 connecting (1)",
      "0 connected",
      "0 sent 1",
      "10 close",
      "10 unconfirmed 1-1 (1)",
      "10 disconnected: reset, again in undefined",
      "10 done 1, acked 0",
    ],
  },
  {
    title: "event-loop stall: acks that waited meanwhile are in time",
    schedule: { ack: true, interval: 60_000 },
    happens: ["0 connected", "8000 stalled 7900", "8001 acks 1"],
    says: ["0 connecting (1)", "0 connected", "0 sent 1", "8000 stalled", "8001 acked 1 rtt 101"],
  },
  {
    title: "a server that says something else than acks is left",
    schedule: { ack: true, reconnect: false },
    happens: ["0 connected", "10 says HTTP/1.1 400. "],
    says: [
      "0 connecting (1)",
      "0 connected",
      "0 sent 1",
      "10 close",
      "10 unconfirmed 1-1 (1)",
      "10 disconnected: malformed, again in undefined",
      "10 failed io: Cannot send heartbeats to srv:1: The server answers with something else than acks",
    ],
  },
  {
    title: "an ack for what was never sent is malformed",
    schedule: { ack: true },
    happens: ["0 connected", "10 acks 2"],
    says: [
      "0 connecting (1)",
      "0 connected",
      "0 sent 1",
      "10 close",
      "10 unconfirmed 1-1 (1)",
      "10 disconnected: malformed, again in 125",
    ],
  },
  {
    title: "without acks whatever the server says is ignored",
    happens: ["0 connected", "10 acks 9", `20 says ${"x".repeat(1000)}`, "999"],
    says: ["0 connecting (1)", "0 connected", "0 sent 1"],
  },
  {
    title: "an interval over 2^31 ms becomes 1 ms",
    schedule: { interval: 2 ** 32 },
    happens: ["0 connected", "4294967295", "4294967296"],
    says: ["0 connecting (1)", "0 connected", "0 sent 1", "4294967296 sent 2"],
  },
];

Deno.test("stories of a TCP heartbeat client", { permissions: "none" }, async (t) => {
  for (const { title, schedule, happens, says } of STORIES) {
    await t.step(title, () => {
      assertEquals(new ClientStory(schedule).tell(["0", ...happens]).log, says);
    });
  }
});

Deno.test("a server that never reads is left", { permissions: "none" }, () => {
  const story = new ClientStory().tell(["0", "0 connected", "500 reads not"]);
  assertEquals(story.log.at(-1), "500 disconnected: not-reading, again in 125");
});

Deno.test("unanswered heartbeats cost bounded memory", { permissions: "none" }, () => {
  const schedule = { ack: true, interval: 1, ackTimeout: Infinity, abandon: false };
  const story = new ClientStory(schedule).tell(["0", "0 connected", "20000"]);
  const unconfirmed = story.log.filter((line) => line.includes("unconfirmed"));
  assertEquals(unconfirmed, [
    "8192 unconfirmed 1-8192 (8192)",
    "16384 unconfirmed 8193-16384 (8192)",
  ]);
});

Deno.test("inputs of an earlier connection are ignored", { permissions: "none" }, () => {
  const story = new ClientStory({ ack: true }).tell(["0", "0 connected", "10 reset", "200"]);
  const { machine } = story;
  const error = new HeartlineError("connection-reset", "Cannot");
  for (
    const input of [
      { type: "ended", connection: 1, reason: "end" },
      { type: "opened", connection: 1, remote: SERVER, local: SERVER },
      { type: "connect-failed", connection: 1, error },
      { type: "data", connection: 1, bytes: ENCODER.encode("x. ") },
      { type: "drained", connection: 1, unsent: 0 },
    ] as const
  ) assertEquals(machine.handle(input, 200), []);
});

Deno.test("clients that lost the same server come back apart", { permissions: "none" }, () => {
  const waits = [0, 0.25, 0.999].map((draw) => {
    const story = new ClientStory({}, () => draw).tell(["0", "0 refused"]);
    return story.log.find((line) => line.includes("again in"));
  });
  assertEquals(waits, [
    "0 connect-failed connection-refused, again in 0",
    "0 connect-failed connection-refused, again in 62.5",
    "0 connect-failed connection-refused, again in 249.75",
  ]);
});

Deno.test("wrong options are refused", { permissions: "none" }, () => {
  const wrong: TcpSchedule[] = [
    { interval: 0 },
    { interval: 0.5 },
    { interval: Infinity },
    { interval: NaN },
    { count: 0 },
    { count: 1.5 },
    { ackTimeout: 0 },
    { connectTimeout: -1 },
    { backoff: { base: 0 } },
    { backoff: { cap: NaN } },
  ];
  for (const schedule of wrong) {
    assertThrows(() => new ClientStory(schedule), HeartlineError, "Cannot use");
  }
});

/** Each row: what comes when the client does not wait for it, before and after. */
const UNASKED: readonly (readonly [string, string[], string[]])[] = [
  ["connected twice", ["0 connected"], ["1 connected"]],
  ["refused when it is open", ["0 connected"], ["1 refused"]],
  ["an end before it is open", ["0"], ["1 ended"]],
  ["anything after it is over", ["0 denied"], ["1 connected", "2 ended"]],
];

for (const [name, before, after] of UNASKED) {
  Deno.test(`what is not waited for is ignored: ${name}`, { permissions: "none" }, () => {
    const story = new ClientStory().tell(before);
    const said = story.log.length;
    assertEquals(story.tell(after).log.slice(said), []);
  });
}

Deno.test("a pause behind the end is not spoken of", { permissions: "none" }, () => {
  const story = new ClientStory({ ack: true }).tell(["0 denied"]);
  const said = story.log.length;
  assertEquals(story.tell(["1 stalled 5"]).log.length, said);
});

Deno.test("an ack without an end is malformed", { permissions: "none" }, () => {
  const story = new ClientStory({ ack: true }).tell([
    "0 connected",
    `10 says ${"x".repeat(10_000)}`,
  ]);
  assert(story.log.some((line) => line.startsWith("10 disconnected: malformed")));
});

Deno.test("our own pause gives a connection as much longer to open", {
  permissions: "none",
}, () => {
  const { machine } = new ClientStory({ ack: true, connectTimeout: 1_000 })
    .tell(["0", "500 stalled 400"]);
  assertEquals(machine.deadline, 1_400);
});

Deno.test("without acks the last heartbeat has the ack timeout to leave", {
  permissions: "none",
}, () => {
  const story = new ClientStory({ ack: false, count: 1, ackTimeout: 500 });
  story.stuck = true;
  story.tell(["0 connected", "499"]);
  assertEquals(story.log.at(-1), "0 sent 1");
  assertEquals(story.tell(["500"]).log.at(-1), "500 done 1, acked 0");
});

Deno.test("a connection that may take for ever to open has no deadline", {
  permissions: "none",
}, () => {
  const { machine } = new ClientStory({ connectTimeout: Infinity }).tell(["0"]);
  assertEquals(machine.deadline, undefined);
});

Deno.test("a tick before the deadline does nothing", { permissions: "none" }, () => {
  const { machine } = new ClientStory().tell(["0 connected"]);
  assertEquals([machine.tick(999), machine.tick(1_000).length > 0], [[], true]);
});
