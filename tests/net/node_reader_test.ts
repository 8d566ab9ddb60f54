import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect, createServer, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { NodeReader } from "../../net/node_reader.ts";
import { onBun } from "../support/runtime.ts";

const REMOTE = { hostname: "127.0.0.1", port: 1 };

/** A stream that has no handle, as the sockets of a runtime to come may have none. */
function adopted(): { stream: PassThrough; reader: NodeReader } {
  const stream = new PassThrough();
  return { stream, reader: new NodeReader().adopt(stream as unknown as Socket) };
}

Deno.test(
  "a socket without a handle is read by events, which wait while the sink holds them back",
  {
    permissions: "none",
  },
  async () => {
    const { stream, reader } = adopted();
    const taken: string[] = [];
    const release: (() => void)[] = [];
    for (const text of ["first", "second"]) stream.write(text);
    const read = reader.receive(
      (bytes) => {
        taken.push(new TextDecoder().decode(bytes));
        return new Promise((resolve) => release.push(resolve));
      },
      REMOTE,
    );
    await turn();
    assertEquals(taken, ["first"]);
    release[0]!();
    await turn();
    assertEquals(taken, ["first", "second"]);
    release[1]!();
    stream.end();
    // What closes a socket that both sides have ended.
    stream.destroy();
    await read;
  },
);

Deno.test("an end that is told while bytes wait comes behind them", {
  permissions: "none",
}, async () => {
  const { stream, reader } = adopted();
  const taken: string[] = [];
  let release = (): void => {};
  for (const text of ["first", "last"]) stream.write(text);
  const read = reader.receive((bytes) => {
    taken.push(new TextDecoder().decode(bytes));
    return taken.length > 1 ? undefined : new Promise((resolve) => release = resolve);
  }, REMOTE);
  await turn();
  stream.emit("end");
  await turn();
  assertEquals(taken, ["first"]);
  release();
  await read;
  assertEquals(taken, ["first", "last"]);
});

Deno.test("an error that is told while bytes wait comes behind them", {
  permissions: "none",
}, async () => {
  const { stream, reader } = adopted();
  const taken: string[] = [];
  let release = (): void => {};
  for (const text of ["first", "last"]) stream.write(text);
  const read = reader.receive((bytes) => {
    taken.push(new TextDecoder().decode(bytes));
    return taken.length > 1 ? undefined : new Promise((resolve) => release = resolve);
  }, REMOTE);
  let over = false;
  void read.catch(() => over = true);
  await turn();
  stream.destroy(new Error("Reset"));
  await turn();
  assertEquals([taken, over], [["first"], false]);
  release();
  await assertRejects(() => read, Error, "Reset");
  assertEquals(taken, ["first", "last"]);
});

Deno.test("bytes that come before anybody receives wait", { permissions: "none" }, async () => {
  const { stream, reader } = adopted();
  stream.emit("data", new TextEncoder().encode("early"));
  stream.destroy(new Error("Reset"));
  await turn();
  const taken: string[] = [];
  const read = reader.receive(
    (bytes) => void taken.push(new TextDecoder().decode(bytes)),
    REMOTE,
  );
  await assertRejects(() => read, Error, "Reset");
  assertEquals(taken, ["early"]);
});

Deno.test("what the sink throws breaks off the reading", { permissions: "none" }, async () => {
  const { stream, reader } = adopted();
  stream.write("first");
  const read = reader.receive(
    () => {
      throw new Error("The sink failed");
    },
    REMOTE,
  );
  await assertRejects(() => read, Error, "The sink failed");
  assertEquals(stream.destroyed, true);
});

Deno.test(
  "nothing is given to the sink once our side has closed",
  { permissions: "none" },
  async () => {
    const { stream, reader } = adopted();
    const taken: number[] = [];
    const read = reader.receive((bytes) => void taken.push(bytes.length), REMOTE);
    reader.closed = true;
    stream.write("late");
    await turn();
    stream.destroy(new Error("Closed"));
    await read;
    assertEquals(taken, []);
  },
);

Deno.test("an accepted socket owns nothing once it is read by another", {
  ignore: onBun,
  permissions: { net: ["127.0.0.1"] },
}, async () => {
  const server = createServer({ pauseOnConnect: true });
  const accepting = new Promise<Socket>((resolve) => server.once("connection", resolve));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = connect((server.address() as { port: number }).port, "127.0.0.1");
  const accepted = await accepting as Socket & { _handle?: object | null };
  assert(accepted._handle);
  const { socket } = new NodeReader().adopt(accepted);
  assertEquals([accepted._handle, socket === accepted], [null, false]);
  const closed = [client, socket].map((end) => new Promise((done) => end.once("close", done)));
  for (const end of [client, socket]) end.destroy();
  await Promise.all(closed);
  server.close();
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
