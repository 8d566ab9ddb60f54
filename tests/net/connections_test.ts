import { assertEquals } from "@std/assert";
import type { ClosingOptions } from "../../core/connection.ts";
import { HeartlineError } from "../../core/errors.ts";
import {
  type ConnectionHandler,
  Connections,
  type ConnectionsOptions,
} from "../../net/connections.ts";
import { FakeStream, settled } from "../support/fake_stream.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const PURE = { permissions: "none" } as const;
const bytes = (text: string) => new TextEncoder().encode(text);

/** One connection; `told` is what its owner hears, and `answers` says what it sends at once. */
function connected(options: ConnectionsOptions & Partial<ConnectionHandler> = {}) {
  const clock = new VirtualClock();
  const stream = new FakeStream();
  const told: string[] = [];
  const there = { clock, stream, told, answer: (_text: string): string | undefined => undefined };
  const connections = new Connections(
    {
      data(_connection, data) {
        const text = new TextDecoder().decode(data);
        told.push(`data ${text.length > 20 ? text.length : text}`);
        const answer = there.answer(text);
        if (answer !== undefined) send(answer);
      },
      drained: ({ unsent }) => told.push(`unsent ${unsent}`),
      ended: (_connection, reason) => told.push(`ended ${reason}`),
      crash: (error) => told.push(`crash ${error}`),
      ...(options.ready && { ready: options.ready }),
      held: () => told.push("held"),
      writeFailed: () => told.push("write failed"),
    },
    clock,
    options,
  );
  const connection = connections.add(1, stream);
  const read = connection.read();
  const send = (text: string) =>
    connections.perform({ type: "send", connection: 1, bytes: bytes(text) });
  const close = (closing: ClosingOptions = {}) =>
    connections.perform({ type: "close", connection: 1, ...closing });
  return Object.assign(there, { connections, connection, read, send, close });
}

Deno.test(
  "what is sent while a write is under way leaves together, and is counted once",
  PURE,
  async () => {
    const { stream, connection, send, told } = connected();
    stream.held = true;
    for (const text of ["a", "b", "c"]) send(text);
    assertEquals(connection.unsent, 3);
    await stream.take();
    assertEquals([connection.unsent, stream.log], [2, ["a"]]);
    await stream.take();
    assertEquals([connection.unsent, stream.log], [0, ["a", "bc"]]);
    assertEquals(told, ["unsent 2", "unsent 0"]);
  },
);

Deno.test("what is too much for one write leaves in several, in order", PURE, async () => {
  const { stream, send, told } = connected();
  for (const size of [1, 60_000, 5_536, 1, 70_000, 2]) send("x".repeat(size));
  await settled();
  assertEquals(stream.log.map(({ length }) => length), [1, 65_536, 1, 70_000, 2]);
  assertEquals(told, [135_539, 70_003, 70_002, 2, 0].map((unsent) => `unsent ${unsent}`));
});

Deno.test(
  "a connection with nothing unsent closes at once, and its owner hears of it",
  PURE,
  async () => {
    const { connections, stream, close, told } = connected();
    close();
    await settled();
    assertEquals([stream.log, told, connections.size], [["closed"], ["ended end"], 0]);
  },
);

Deno.test(
  "it closes behind what was sent and its last bytes; nothing follows them",
  PURE,
  async () => {
    const { stream, send, close, connections } = connected();
    stream.held = true;
    send("a");
    close({ last: bytes("last") });
    send("too late");
    close({ last: bytes("again") });
    await stream.take();
    assertEquals(stream.log, ["a"]);
    await stream.take();
    assertEquals([stream.log, connections.size], [["a", "last", "closed"], 0]);
  },
);

Deno.test(
  "a peer that takes no last bytes is waited for as long as asked, and no longer",
  PURE,
  async () => {
    const { clock, stream, close, connections } = connected();
    stream.held = true;
    close({ last: bytes("last"), within: 100 });
    clock.advance(99);
    assertEquals(stream.log, []);
    clock.advance(1);
    await settled();
    assertEquals([stream.log, connections.size], [["closed"], 0]);
  },
);

Deno.test("who lingers reads on, and takes nothing, until the peer has closed", PURE, async () => {
  const { stream, close, told } = connected();
  close({ last: bytes("last"), linger: 500 });
  await settled();
  stream.arrives("not for anybody");
  assertEquals([stream.log, told], [["last"], ["unsent 0"]]);
  await stream.ends();
  assertEquals([stream.log, told], [["last", "closed"], ["unsent 0", "ended end"]]);
});

Deno.test("a linger that nobody ends is over in time", PURE, async () => {
  const { clock, stream, close } = connected();
  close({ last: bytes("last"), linger: 500 });
  await settled();
  clock.advance(499);
  assertEquals(stream.log, ["last"]);
  clock.advance(1);
  assertEquals(stream.log, ["last", "closed"]);
});

Deno.test("who ends its half first still gets what it asked for", PURE, async () => {
  const { stream, send, told, connections } = connected();
  stream.held = true;
  send("answer");
  await stream.ends();
  assertEquals([stream.log, told], [[], ["ended end"]]);
  await stream.take();
  assertEquals([stream.log, connections.size], [["answer", "closed"], 0]);
});

Deno.test("who ends its half and takes nothing is not waited for", PURE, async () => {
  const { clock, stream, send, connections } = connected();
  stream.held = true;
  send("answer");
  await stream.ends();
  clock.advance(2_000);
  assertEquals([stream.log, connections.size], [["closed"], 0]);
});

for (
  const [code, reason] of [["connection-reset", "reset"], ["unreachable", "unreachable"]] as const
) {
  Deno.test(`reading that fails with ${code} is told as ${reason}`, PURE, async () => {
    const { stream, told, connections } = connected();
    await stream.ends(new HeartlineError(code, "Cannot read"));
    assertEquals([told, stream.log, connections.size], [[`ended ${reason}`], ["closed"], 0]);
  });
}

Deno.test("a bug is no end of a connection: it comes out of reading", PURE, async () => {
  const { stream, read, connections, told } = connected();
  const error = read.catch((thrown) => `${thrown}`);
  await stream.ends(new TypeError("a bug"));
  assertEquals(await error, "TypeError: a bug");
  assertEquals([stream.log, told, connections.size], [["closed"], [], 0]);
});

Deno.test(
  "a bug of who takes the bytes is none of the connection, whatever it throws",
  PURE,
  async () => {
    for (const options of [{}, { ready: () => true }]) {
      const there = connected(options);
      const { stream, read, connections, told } = there;
      there.answer = () => {
        throw new HeartlineError("invalid-option", "Cannot answer");
      };
      const error = read.catch((thrown) => thrown.message);
      try {
        await stream.arrives("a");
      } catch (thrown) {
        await stream.ends(thrown as Error);
      }
      assertEquals(await error, "Cannot answer");
      assertEquals([told, connections.size], [["data a"], 0]);
    }
  },
);

Deno.test("a bug of who hears that bytes were taken is told", PURE, async () => {
  const told: unknown[] = [];
  const stream = new FakeStream();
  const connections = new Connections(
    {
      data: () => {},
      drained() {
        throw new TypeError("a bug");
      },
      ended: () => {},
      crash: (error) => told.push(`${error}`),
    },
    new VirtualClock(),
  );
  connections.add(1, stream);
  connections.perform({ type: "send", connection: 1, bytes: bytes("a") });
  await settled();
  assertEquals(told, ["TypeError: a bug"]);
});

Deno.test("a write that fails is no news: reading tells what became of it", PURE, async () => {
  const { stream, connection, send, told } = connected();
  stream.fault = new HeartlineError("connection-reset", "Cannot write");
  send("a");
  send("b");
  await settled();
  assertEquals([connection.unsent, told, connection.flushed()], [0, ["write failed"], undefined]);
  await stream.ends(stream.fault);
  assertEquals([told, stream.log], [["write failed", "ended reset"], ["closed"]]);
});

Deno.test("a write that fails behind the end of the stream closes it", PURE, async () => {
  const { stream, send, connections } = connected();
  stream.held = true;
  send("answer");
  await stream.ends();
  stream.fault = new HeartlineError("connection-reset", "Cannot write");
  await stream.take();
  assertEquals([stream.log, connections.size], [["closed"], 0]);
});

Deno.test("a reset drops what waits, and is told as an end", PURE, async () => {
  const { stream, send, told, connections } = connected();
  stream.held = true;
  send("never");
  connections.perform({ type: "reset", connection: 1 });
  await settled();
  assertEquals([stream.log[0], told, connections.size], ["reset", ["ended end"], 0]);
});

Deno.test("who takes no byte for the write timeout is not reading", PURE, async () => {
  const { clock, stream, send, told } = connected({ writeTimeout: 1_000 });
  stream.held = true;
  send("a");
  send("b");
  clock.advance(900);
  await stream.take();
  clock.advance(999);
  await settled();
  assertEquals(told, ["unsent 1"]);
  clock.advance(101);
  await settled();
  assertEquals(told, ["unsent 1", "ended not-reading"]);
  assertEquals(stream.log, ["a", "closed"]);
});

Deno.test("one for which more waits than may is not reading", PURE, async () => {
  const { stream, send, told } = connected({ sendLimit: 10 });
  stream.held = true;
  send("1234567890");
  await settled();
  assertEquals(told, []);
  send("1");
  await settled();
  assertEquals(told, ["ended not-reading"]);
});

/** One that is ready for so many slices. */
function patient(slices: number) {
  const may = { slices };
  return Object.assign(connected({ ready: () => may.slices-- > 0 }), { may });
}

Deno.test("what cannot be taken is held back, and all that comes behind it", PURE, async () => {
  const { connection, stream, told, may } = patient(1);
  let over = false;
  void Promise.resolve(stream.arrives("x".repeat(20_000))).then(() => over = true);
  await settled();
  assertEquals([told, over], [["data 8192", "held"], false]);
  connection.goOn();
  await settled();
  assertEquals(told, ["data 8192", "held", "held"], "it was asked again");
  may.slices = 2;
  connection.goOn();
  connection.goOn();
  await settled();
  assertEquals([told.slice(3), over], [["data 8192", "data 3616"], true]);
});

Deno.test("an end comes behind what is held back, however it ends", PURE, async () => {
  for (const error of [undefined, new HeartlineError("connection-reset", "Cannot read")]) {
    const { connection, connections, stream, told, may } = patient(0);
    void stream.arrives("last words");
    await stream.ends(error);
    assertEquals([told, connections.size], [["held"], 1]);
    connection.goOn();
    await settled();
    assertEquals(told, ["held", "held"], "still not ready");
    may.slices = 1;
    connection.goOn();
    await settled();
    assertEquals(told.slice(2), ["data last words", `ended ${error ? "reset" : "end"}`]);
    assertEquals(connections.size, 0);
  }
});

Deno.test("who is closed or dropped takes nothing of what is held back", PURE, async () => {
  for (const how of ["close", "reset", "closeAll"] as const) {
    const { connections, stream, told, close } = patient(0);
    const taken = stream.arrives("never");
    if (how === "close") close();
    else if (how === "reset") connections.perform({ type: "reset", connection: 1 });
    else void connections.closeAll();
    await taken;
    await settled();
    assertEquals([told, connections.size], [["held", "ended end"], 0]);
  }
});

Deno.test("a write that fails takes nothing from what is held back", PURE, async () => {
  const { connection, stream, send, told, may } = patient(0);
  void stream.arrives("words");
  stream.fault = new HeartlineError("connection-reset", "Cannot write");
  send("a");
  await settled();
  assertEquals(told, ["held", "write failed", "held"]);
  may.slices = 1;
  connection.goOn();
  await settled();
  assertEquals(told.at(-1), "data words");
});

Deno.test("what is taken at once is read on from at once", PURE, () => {
  const { stream, told } = connected({ ready: () => true });
  assertEquals(stream.arrives("x".repeat(10_000)), undefined);
  assertEquals(told, ["data 8192", "data 1808"]);
});

Deno.test("all are closed: at once, but for those that are told something last", PURE, async () => {
  const { connections, stream, close } = connected();
  const other = new FakeStream();
  void connections.add(2, other).read();
  stream.held = true;
  close({ last: bytes("last") });
  let gone = false;
  void connections.closeAll().then(() => gone = true);
  await settled();
  assertEquals([other.log, stream.log, gone], [["closed"], [], false]);
  await stream.take();
  assertEquals([stream.log, gone, connections.size], [["last", "closed"], true, 0]);
});
