import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { formatTcpAck, formatTcpHeartbeat } from "../../tcp/message.ts";
import { TcpServerMachine } from "../../tcp/server_machine.ts";
import type { TcpServerMachineOptions } from "../../tcp/options.ts";
import { ServerStory, WALL } from "./server_story.ts";

interface Story {
  title: string;
  options?: TcpServerMachineOptions;
  ahead?: number;
  happens: string[];
  /** What is said, without the `connected` and `up` events. */
  says: string[];
}

/** Each title that names a system's fault is a row of the field notes. */
const STORIES: readonly Story[] = [
  {
    title: "a client that beats in time is not spoken of",
    happens: ["0 A connects", "0 A 1", "9999 A 2", "19998 A 3", "29997"],
    says: [],
  },
  {
    title: "two clients at once are both heard",
    happens: ["0 A connects", "0 B connects", "0 A 1", "1 B 1", "5000 A 2", "5001 B 2", "9000"],
    says: [],
  },
  {
    title: "a lump of messages in one chunk is read to its end",
    happens: ["0 A connects", "0 A 1 2 3 4 5", "1000 A 6"],
    says: [],
  },
  {
    title: "skipped numbers are missed, once",
    happens: ["0 A connects", "0 A 1 2 3", "1000 A 6", "2000 A 7 8 10"],
    says: ["1000 A missed 4-5 (2)", "2000 A missed 9-9 (1)"],
  },
  {
    title: "a leap over billions is one event",
    happens: ["0 A connects", "0 A 1", "1000 A 999999999999999"],
    says: ["1000 A missed 2-999999999999998 (999999999999997)"],
  },
  {
    title: "a first number above 1 is a client that reconnected",
    happens: ["0 A connects", "0 A 1 2", "10 A breaks", "20 B connects", "1000 B 3"],
    says: ["10 A disconnected: reset"],
  },
  {
    title: "repeated messages are one run",
    happens: ["0 A connects", "0 A 1 2 3", "10 A 1@0 2@0 3@0", "1000 A 4 4 4"],
    says: ["10 A duplicated 1-3 (3)", "1000 A duplicated 4-4 (2)"],
  },
  {
    title: "a stuck number is repeated, not restarted",
    happens: ["0 A connects", "0 A 1", "1000 A 1", "2000 A 1"],
    says: ["1000 A duplicated 1-1 (1)", "2000 A duplicated 1-1 (1)"],
  },
  {
    title: "a number that fills a gap is neither repeated nor a restart",
    happens: ["0 A connects", "0 A 1 3@2", "10 A 2@1", "20 A 4"],
    says: ["0 A missed 2-2 (1)"],
  },
  {
    title: "a client that restarts its numbering is reported as thousands missed",
    happens: ["0 A connects", "0 A 5000", "1000 A 5001", "2000 A 1", "3000 A 2", "4000 A 3"],
    says: ["2000 A restarted 5001-1 (1)"],
  },
  {
    title: "a restart close to the start",
    happens: ["0 A connects", "0 A 1", "1000 A 2", "2000 A 3", "3000 A 1", "4000 A 2", "5000 A 3"],
    says: ["3000 A restarted 3-1 (1)"],
  },
  {
    title: "a restart with a clock that was set back an hour",
    happens: [
      "9000000 A connects",
      "9000000 A 500",
      "9001000 A 501",
      "9002000 A 1@5402000",
      "9003000 A 2@5403000",
      "9004000 A 3@5404000",
    ],
    // What is sent an hour before cannot be told from what is held back, until it goes on like that.
    says: ["9002000 A restarted 501-1 (1)", "9003000 A late 1-1 (1) held 3600000"],
  },
  {
    title: "a restart within a second, by a clock somewhat behind",
    happens: ["0 A connects", "0 A 1", "1000 A 2", "2000 A 3", "2500 A 1@1900", "3500 A 2"],
    says: ["2500 A restarted 3-1 (1)"],
  },
  {
    title: "a gap filled after more than 32 numbers",
    happens: [
      "0 A connects",
      `0 A ${Array.from({ length: 33 }, (_, i) => `${i + 1}@0`).join(" ")}`,
      "100 A 35",
      "110 A 34@99",
      "200 A 36",
    ],
    says: ["100 A missed 34-34 (1)"],
  },
  {
    title: "numbers repeated after a clock step back are not a restart",
    happens: [
      "9000000 A connects",
      "9000000 A 1",
      "9001000 A 2@5401000",
      "9002000 A 3@5402000",
      "9002100 A 1@9000000 2@5401000",
    ],
    says: ["9002000 A late 2-2 (1) held 3600000", "9002100 A duplicated 1-2 (2)"],
  },
  {
    title: "a client that stops is silent, once",
    happens: ["0 A connects", "0 A 1", "50000"],
    says: ["10000 A down after 10000"],
  },
  {
    title: "a connection that never sends is silent, too",
    happens: ["0 A connects", "50000"],
    says: ["10000 A down after 10000"],
  },
  {
    title: "half a message is no sign of life",
    happens: ["0 A connects", '9000 A "Sequence #1: Sending"', "20000"],
    says: ["10000 A down after 10000"],
  },
  {
    title: "late by a hair is not DOWN and UP in the same second",
    options: { grace: 500 },
    happens: ["0 A connects", "0 A 1", "10400 A 2", "20899 A 3", "31400 A 4"],
    says: ["31399 A down after 10500", "31400 A recovered, down 1, silent 10501"],
  },
  {
    title: "a silent client that beats again recovers",
    happens: ["0 A connects", "0 A 1", "12000 A 2", "13000 A 3"],
    says: ["10000 A down after 10000", "12000 A recovered, down 2000, silent 12000"],
  },
  {
    title: "a half-open connection does not live for ever",
    options: { timeout: 1_000 },
    happens: ["0 A connects", "0 A 1", "500000 A 2", "500000 A ends"],
    says: ["1000 A down after 1000", "10000 A close", "10000 A disconnected: silent"],
  },
  {
    title: "closeAfter: Infinity keeps it",
    options: { timeout: 1_000, closeAfter: Infinity },
    happens: ["0 A connects", "0 A 1", "500000 A 2"],
    says: ["1000 A down after 1000", "500000 A recovered, down 499000, silent 500000"],
  },
  {
    title: "what a firewall held back is late, not missed, and the live rest recovers the client",
    options: { timeout: 3_000 },
    happens: [
      "0 A connects",
      "0 A 1",
      "1000 A 2",
      "8500 A 3@2000 4@3000 5@4000 6@5000 7@6000 8@8000",
    ],
    says: [
      "4000 A down after 3000",
      "8500 A late 3-7 (5) held 6500",
      "8500 A recovered, down 4500, silent 7500",
    ],
  },
  {
    title: "old beats delivered after a reconnect count as fresh",
    options: { timeout: 3_000 },
    happens: [
      "0 A connects",
      "0 A 1",
      "1000 A 2",
      "5000 B connects",
      "5000 B 6",
      "6000 B 7",
      "7000 A 3@2000 4@3000",
      "7100 A ends",
    ],
    says: [
      "4000 A down after 3000",
      "7100 A late 3-4 (2) held 5000",
      "7100 A disconnected: end",
    ],
  },
  {
    title: "a lump in many chunks is one event",
    options: { timeout: 60_000 },
    happens: [
      "0 A connects",
      "0 A 1",
      "20000 A 2@1000 3@2000",
      "20001 A 4@3000",
      "20002 A 5@4000",
      "20003 A 6@19500",
    ],
    says: ["20003 A late 2-5 (4) held 19000"],
  },
  {
    title: "event-loop stall: every live client declared dead",
    happens: [
      "0 A connects",
      "0 B connects",
      "0 A 1",
      "0 B 1",
      // Stopped from 1000 on; the driver says so first, then reads what waits.
      "31000 stalled 30000",
      "31000 A 2@1000 3@11000 4@21000 5@31000",
      "40500 A 6",
      "50000",
    ],
    says: ["31000 stalled 30000", "31000 A late 2-4 (3) held 30000", "40000 B down after 40000"],
  },
  {
    title: "wall clock steps break deadlines: an hour ahead",
    ahead: 3_600_000,
    happens: ["0 A connects", "0 A 1", "9000 A 2", "18000 A 3", "27000 A 4"],
    says: [],
  },
  {
    title: "wall clock steps break deadlines: the client's clock falls back an hour",
    ahead: -3_600_000,
    happens: [
      "9000000 A connects",
      "9000000 A 1@12600000",
      "9009000 A 2",
      "9018000 A 3",
      "9027000 A 4",
    ],
    says: ["9018000 A late 2-2 (1) held 3600000"],
  },
  {
    title: "a timeout over 2^31 ms becomes 1 ms",
    options: { timeout: 2 ** 32, closeAfter: Infinity },
    happens: ["0 A connects", "0 A 1", "4294967295", "4294967296"],
    says: ["4294967296 A down after 4294967296"],
  },
  {
    title: "rubbish closes only its sender",
    happens: [
      "0 A connects",
      "0 B connects",
      "0 A 1",
      '1 B "GET / HTTP/1.1. "',
      "2 B 1",
      "3 B ends",
      "4 A 2",
    ],
    says: ["1 B rejected: malformed (1)", "1 B close", "1 B disconnected: closed"],
  },
  {
    title: "what came before the rubbish counts",
    options: { ack: true },
    happens: ["0 A connects", `0 A "${formatTcpHeartbeat({ sequence: 1, sentAt: WALL })}x. "`],
    says: [
      "0 A < Ack #1 at 1767225600.0000. ",
      "0 A rejected: malformed (1)",
      "0 A close",
      "0 A disconnected: closed",
    ],
  },
  {
    title: "an endless message closes its sender",
    happens: ["0 A connects", "0 B connects", `0 A "${"x".repeat(1_000)}"`, "1 B 1"],
    says: ["0 A rejected: too-long (1)", "0 A close", "0 A disconnected: closed"],
  },
  {
    title: "acks of a chunk are one write",
    options: { ack: true },
    happens: ["0 A connects", "0 A 9 10", "1000 A 10@0 11 999999999999999"],
    says: [
      "0 A < Ack #9 at 1767225600.0000. Ack #10 at 1767225600.0000. ",
      "1000 A duplicated 10-10 (1)",
      "1000 A missed 12-999999999999998 (999999999999987)",
      "1000 A < Ack #10 at 1767225601.0000. Ack #11 at 1767225601.0000. " +
      "Ack #999999999999999 at 1767225601.0000. ",
    ],
  },
  {
    title: "too many clients: refused, and said once a second",
    options: { maxClients: 1 },
    happens: ["0 A connects", "0 B connects", "1 C connects", "2 D connects", "1500 E connects"],
    says: [
      "0 B rejected: too-many-clients (1)",
      "0 B close",
      "1 C close",
      "2 D close",
      "1000 D rejected: too-many-clients (2)",
      "1500 E close",
    ],
  },
  {
    title: "beats are told if wanted",
    options: { emitBeats: true },
    happens: ["100 A connects", "100 A 1@95", "1100 A 2@1093"],
    says: ["100 A beat 1 transit 5", "1100 A beat 2 transit 7"],
  },
  {
    title: "a client that floods anomalies has the rest merged",
    happens: [
      "0 A connects",
      `0 A ${Array.from({ length: 40 }, (_, i) => 1 + 2 * i).join(" ")}`,
      "1000 A 80",
    ],
    says: [
      ...Array.from({ length: 10 }, (_, i) => `0 A missed ${2 + 2 * i}-${2 + 2 * i} (1)`),
      "1000 A missed 22-78 (29)",
    ],
  },
];

Deno.test("stories of a TCP heartbeat server", { permissions: "none" }, async (t) => {
  for (const { title, options, ahead = 0, happens, says } of STORIES) {
    await t.step(title, () => {
      const story = new ServerStory(options);
      story.ahead = ahead;
      story.tell(happens);
      assertEquals(story.log.filter((line) => !/ (connected|up)$/.test(line)), says);
    });
  }
});

Deno.test("a peer that does not read its acks is rejected", { permissions: "none" }, () => {
  const story = new ServerStory({ ack: true });
  story.tell(["0 A connects", "0 B connects", "0 A 1", "1 A reads not"]);
  assertEquals(story.log.slice(2).filter((line) => !line.endsWith("up")), [
    "0 A < Ack #1 at 1767225600.0000. ",
    "1 A rejected: not-reading (1)",
    "1 A disconnected: closed",
  ]);
  assertEquals(story.machine.size, 1);
});

Deno.test("that acks were taken says nothing of their client", { permissions: "none" }, () => {
  const { machine } = new ServerStory({ ack: true }).tell(["0 A connects", "0 A 1"]);
  const { deadline } = machine;
  assertEquals(machine.handle({ type: "drained", connection: 1, unsent: 0 }, 5), []);
  assertEquals(machine.deadline, deadline);
});

Deno.test("acks of a long chunk are all there", { permissions: "none" }, () => {
  const numbers = Array.from({ length: 500 }, (_, n) => n + 1);
  const story = new ServerStory({ ack: true });
  story.tell(["0 A connects", `0 A ${numbers.join(" ")}`, "1 A 501"]);
  const acks = numbers.map((sequence) => formatTcpAck({ sequence, sentAt: WALL })).join("");
  assertEquals(story.log[2], `0 A < ${acks}`);
  assertEquals(story.log[3], "1 A < Ack #501 at 1767225600.0010. ");
});

Deno.test("a report knows what was counted", { permissions: "none" }, () => {
  const story = new ServerStory().tell([
    "0 A connects",
    "0 A 1 2 5",
    "100 A 5 6",
    "200 A 1",
    "9000 A 2@1000",
    "9500 A 3",
    "9600 B connects",
  ]);
  const [a, b] = story.machine.reports(10_000);
  const { reception: _, ...counts } = a!;
  assertEquals(counts, {
    client: "A:1",
    state: "up",
    sequence: 3,
    missed: 2,
    duplicates: 1,
    restarts: 1,
    late: 1,
    silentFor: 500,
    downCount: 0,
    connectedFor: 10_000,
  });
  assertEquals([b!.client, b!.state, b!.sequence, b!.silentFor], ["B:2", "waiting", 0, 400]);
});

Deno.test("it is known how many clients are in which state, and how often each fell silent", {
  permissions: "none",
}, () => {
  const story = new ServerStory({ timeout: 1_000 }).tell([
    "0 A connects",
    "0 B connects",
    "900 A 1",
    "900 B 1",
    "3000 B 2",
    "3100 C connects",
    "3200",
  ]);
  assertEquals(story.machine.stateCounts(), { waiting: 1, up: 1, down: 1, disconnected: 0 });
  const shown = story.machine.reports(3_200, 2).map(({ client, downCount }) => [client, downCount]);
  assertEquals(shown, [["A:1", 1], ["C:3", 0]]);
});

Deno.test("a failure to accept is said once a second", { permissions: "none" }, () => {
  const machine = new TcpServerMachine({}, { wall: () => WALL });
  const input = { type: "accept-failed", code: "too-many-open-files", message: "Cannot" } as const;
  const said = [0, 10, 20].flatMap((now) => machine.handle(input, now));
  assertEquals(machine.deadline, 1_000);
  said.push(...machine.tick(1_000));
  assertEquals(said, [{ ...input, count: 1 }, { ...input, count: 2 }]);
  assertEquals(machine.deadline, undefined);
});

Deno.test("a report that waits longer than another is said all the same", {
  permissions: "none",
}, () => {
  const machine = new TcpServerMachine({ maxClients: 1, timeout: 60_000 }, { wall: () => WALL });
  const failed = { type: "accept-failed", code: "too-many-open-files", message: "Cannot" } as const;
  const connect = (connection: number, now: number) => {
    const remote = { hostname: "p", port: connection };
    machine.handle({ type: "opened", connection, remote, local: remote }, now);
  };
  for (const now of [0, 10]) machine.handle(failed, now);
  for (const [connection, now] of [[1, 400], [2, 500], [3, 510]] as const) connect(connection, now);
  assertEquals(machine.tick(machine.deadline!), [{ ...failed, count: 1 }]);
  assertEquals(machine.deadline, 1_500);
  const rejected = {
    type: "rejected",
    client: "p:3",
    reason: "too-many-clients",
    count: 1,
  } as const;
  assertEquals(machine.tick(1_500), [rejected]);
});

Deno.test("a machine without clients has no deadline", { permissions: "none" }, () => {
  const story = new ServerStory();
  assertEquals(story.machine.deadline, undefined);
  story.tell(["0 A connects", "0 B connects", "5 A ends", "9 B breaks"]);
  assertEquals([story.machine.deadline, story.machine.size], [undefined, 0]);
  assertEquals(story.machine.tick(1e9), []);
});

Deno.test("wrong options are refused", { permissions: "none" }, () => {
  const wrong: TcpServerMachineOptions[] = [
    { timeout: 0 },
    { timeout: NaN },
    { grace: -1 },
    { closeAfter: 0 },
    { maxClients: 0 },
    { maxClients: 1.5 },
  ];
  for (const options of wrong) {
    assertThrows(() => new TcpServerMachine(options, { wall: () => WALL }), Error, "Cannot use");
  }
});

Deno.test("any chunking of any messages of many clients: each is heard once", {
  permissions: "none",
}, () => {
  const clients = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(clients, fc.infiniteStream(fc.integer({ min: 1, max: 120 })), (all, cuts) => {
      const story = new ServerStory({ emitBeats: true });
      const streams = all.map((count, index) => {
        const name = "ABCD"[index]!;
        story.tell([`0 ${name} connects`]);
        const numbers = Array.from(
          { length: count },
          (_, n) => ({ sequence: n + 1, sentAt: WALL }),
        );
        const bytes = new TextEncoder().encode(numbers.map(formatTcpHeartbeat).join(""));
        return { name, count, bytes, at: 0 };
      });
      // In turn, a piece of each.
      while (streams.some(({ at, bytes }) => at < bytes.length)) {
        for (const stream of streams) {
          const piece = stream.bytes.subarray(stream.at, stream.at += cuts.next().value!);
          story.data(stream.name, piece);
        }
      }
      for (const { name, count } of streams) {
        const beats = story.log.filter((line) => line.startsWith(`0 ${name} beat`));
        const each = Array.from({ length: count }, (_, n) => `0 ${name} beat ${n + 1} transit 0`);
        assertEquals(beats, each);
      }
      assert(story.log.every((line) => / (connected|up|beat .*)$/.test(line)));
    }),
  );
});

Deno.test("the server counts the heartbeats of all clients, also of those that are gone", {
  permissions: "none",
}, () => {
  const story = new ServerStory().tell(["0 A connects", "0 B connects", "0 A 1 2", "5 B 1"]);
  assertEquals(story.machine.heartbeats, 3);
  assertEquals(story.tell(["6 A ends", "7 B 2"]).machine.heartbeats, 4);
});

Deno.test("bytes say the same by both of their methods", { permissions: "none" }, () => {
  const bytes = new TextEncoder().encode(formatTcpHeartbeat({ sequence: 1, sentAt: WALL }));
  const [one, other] = [0, 1].map(() => {
    const machine = new TcpServerMachine({ ack: true }, { wall: () => WALL });
    const remote = { hostname: "10.0.0.7", port: 5001 };
    machine.handle({ type: "opened", connection: 1, remote, local: remote }, 0);
    return machine;
  }) as [TcpServerMachine, TcpServerMachine];
  const said = one.handle({ type: "data", connection: 1, bytes }, 5);
  assertEquals(said, other.receive(1, bytes, 5));
  assertEquals([one.heartbeats, other.heartbeats], [1, 1]);
});

Deno.test("a client that comes to the place of another begins from nothing", {
  permissions: "none",
}, () => {
  const story = new ServerStory({ timeout: 1_000, grace: 0 }).tell([
    "0 a connects",
    ...["0 a 5", "100 a 6", "200 a 9", "300 a 1@300", "400 a 1@300", "2000 a 2@2000"],
  ]);
  const [before] = story.machine.reports(2_000);
  assertEquals([before!.restarts, before!.downCount, before!.duplicates], [1, 1, 1]);
  story.tell(["3000 a ends", "3000 b connects"]);
  const [after] = story.machine.reports(3_000);
  const alone = new ServerStory().tell(["3000 b connects"]).machine.reports(3_000)[0]!;
  assertEquals(after, { ...alone, client: "b:2" });
});
