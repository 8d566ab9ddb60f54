/**
 * What every adapter must do with TCP, whatever runtime is behind it.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createServer, type Server, type Socket } from "node:net";
import { nextTick } from "node:process";
import { type Address, formatAddress } from "../../core/address.ts";
import type { Net } from "../../net/net.ts";
import type { StreamConnection, StreamListener } from "../../net/stream.ts";
import { ANY, assertFails, deferred, HOST, patternOf } from "./contract.ts";

/** Defines the tests of `net`, each named after its adapter; `resets` says whether it can reset. */
export function streamContract(adapter: string, net: Net, { resets }: { resets: boolean }): void {
  const test = (name: string, body: () => Promise<void>): void =>
    Deno.test(`${adapter}, streams: ${name}`, { permissions: { net: [HOST] } }, body);

  /** A test with a connection: `near` opened it, `far` was accepted. All are closed afterwards. */
  const testPair = (name: string, body: (pair: Pair) => Promise<void>): void =>
    test(name, async () => {
      const pair = await openPair(net);
      try {
        await body(pair);
      } finally {
        pair.near.close();
        pair.far.close();
        pair.listener.close();
        await pair.accepting;
      }
    });

  testPair("both ends know both addresses", async ({ listener, near, far }) => {
    await Promise.resolve();
    assertEquals([near.remote, far.local], [listener.address, listener.address]);
    assertEquals(near.local, far.remote);
    assert(listener.address.port > 0 && near.local.port > 0);
  });

  testPair("bytes go both ways", async ({ near, far }) => {
    const received = [receiveBytes(near, 3), receiveBytes(far, 4)];
    await Promise.all([near.write(patternOf(4)), far.write(patternOf(3, 9))]);
    assertEquals(await Promise.all(received), [patternOf(3, 9), patternOf(4)]);
  });

  testPair("many writes arrive in the order they were made in", async ({ near, far }) => {
    // Long ones too, which the kernel takes in several parts.
    const sent = Array.from({ length: 300 }, (_, i) => patternOf(i % 7 ? i : 200_000, i));
    const whole = concat(sent);
    const received = receiveBytes(far, whole.length);
    await Promise.all(sent.map((bytes) => near.write(bytes)));
    assertEquals(await received, whole);
  });

  for (const side of ["near", "far"] as const) {
    testPair(`10 MB wait for a slow sink that ${side} has, and arrive whole`, async (pair) => {
      const writer = pair[side === "near" ? "far" : "near"];
      const first = deferred();
      const goOn = deferred();
      let calls = 0, length = 0, wrong = 0;
      const received = pair[side].receive((bytes) => {
        for (const byte of bytes) if (byte !== LONG[length++]) wrong++;
        first.resolve();
        return ++calls === 1 ? goOn.promise : undefined;
      });
      let taken = false;
      const written = writer.write(LONG).then(() => taken = true);
      await first.promise;
      // A hundred round trips of the event loop: whoever ignores the sink has read on by now.
      await exchange(net, 100);
      assertEquals(calls, 1, "more bytes came while the sink held reading back");
      assert(!taken, "the kernel cannot hold 10 MB");
      goOn.resolve();
      await written;
      writer.close();
      await received;
      assertEquals([length, wrong], [LONG.length, 0]);
    });

    testPair(`bytes that ${side} reads stay until the sink's promise settles`, async (pair) => {
      const writer = pair[side === "near" ? "far" : "near"];
      let length = 0, chunks = 0, wrong = 0;
      const received = pair[side].receive((bytes) => {
        const expected = LONG.subarray(length, length + bytes.length);
        length += bytes.length;
        // Some are taken at once, some in a later turn of the loop, when more has come.
        if (++chunks % 3 === 0) return;
        return new Promise((resolve) => {
          setTimeout(() => {
            if (bytes.some((byte, i) => byte !== expected[i])) wrong++;
            resolve();
          }, chunks % 3 - 1);
        });
      });
      await writer.write(LONG);
      await writer.end();
      await received;
      assertEquals([length, wrong], [LONG.length, 0]);
    });

    testPair(
      `the last bytes that ${side} reads wait for the sink, and the end for them`,
      async (pair) => {
        const writer = pair[side === "near" ? "far" : "near"];
        let length = 0, taking = 0;
        const received = pair[side].receive((bytes) => {
          taking++;
          return exchange(net, 5).then(() => {
            taking--;
            length += bytes.length;
          });
        });
        await writer.write(patternOf(100_000));
        // Both sides end, so that nothing keeps the connection open.
        await pair[side].end();
        await writer.end();
        await received;
        assertEquals([length, taking], [100_000, 0]);
      },
    );
  }

  testPair("a write of nothing is no end", async ({ near, far }) => {
    const received = receiveBytes(far, 2);
    await near.write(new Uint8Array(0));
    await near.write(patternOf(2));
    assertEquals(await received, patternOf(2));
  });

  testPair("the end of the stream ends receive, after the last byte", async ({ near, far }) => {
    let length = 0;
    const received = far.receive((bytes) => void (length += bytes.length));
    await near.write(patternOf(100_000));
    near.close();
    await received;
    assertEquals(length, 100_000);
  });

  for (const side of ["near", "far"] as const) {
    testPair(`what was sent to ${side} before it closed can be read afterwards`, async (pair) => {
      const writer = pair[side === "near" ? "far" : "near"];
      await writer.write(patternOf(10));
      await exchange(net, 5);
      await writer.write(patternOf(100_000));
      writer.close();
      await exchange(net, 5);
      let length = 0;
      await pair[side].receive((bytes) => void (length += bytes.length));
      assertEquals(length, 100_010);
    });
  }

  test("a peer that resets ends receive with connection-reset", async () => {
    // Not through the adapter, which has no way to reset.
    const server = createServer((socket) => {
      socket.once("data", () => void socket.resetAndDestroy());
    });
    const connection = await net.connectStream(await listening(server));
    const message = `Cannot read from ${
      formatAddress(connection.remote)
    }: Connection reset by peer`;
    const received = connection.receive(() => {});
    await connection.write(patternOf(1));
    await assertFails(() => received, "connection-reset", message);
    connection.close();
    await new Promise((resolve) => server.close(resolve));
  });

  test("a reset that a write was told of first is no end", async () => {
    const peer = deferred<Socket>();
    const server = createServer((socket) => peer.resolve(socket.on("error", () => {})));
    const connection = await net.connectStream(await listening(server));
    const socket = await peer.promise;
    const received = connection.receive(() => {});
    await connection.write(patternOf(3));
    // On loopback the reset is there when this returns, and the loop has not turned.
    socket.resetAndDestroy();
    const written = connection.write(patternOf(3));
    await Promise.all([
      assertFails(() => received, "connection-reset", /^Cannot read from/),
      assertFails(() => written, "connection-reset", /^Cannot write to/),
    ]);
    connection.close();
    await new Promise((resolve) => server.close(resolve));
  });

  test("a reset that comes together with data is no end", async () => {
    const server = createServer((socket) => {
      socket.once("data", () => {
        socket.write(patternOf(10), () => void socket.resetAndDestroy());
      });
    });
    const connection = await net.connectStream(await listening(server));
    let length = 0;
    const received = connection.receive((bytes) => void (length += bytes.length));
    await connection.write(patternOf(1));
    await assertFails(() => received, "connection-reset", /Connection reset by peer$/);
    assertEquals(length, 10);
    connection.close();
    await new Promise((resolve) => server.close(resolve));
  });

  test("a peer that ended its half of the stream can still be written to", async () => {
    const ended = deferred<number>();
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      let length = 0;
      socket.on("data", (bytes: Uint8Array) => void (length += bytes.length));
      socket.on("end", () => ended.resolve(length));
      socket.end();
    });
    const connection = await net.connectStream(await listening(server));
    await connection.receive(() => assert(false));
    await connection.write(patternOf(10));
    connection.close();
    assertEquals(await ended.promise, 10);
    await new Promise((resolve) => server.close(resolve));
  });

  testPair("end is the end for the peer, which can still answer", async ({ near, far }) => {
    const answer = receiveBytes(near, 5);
    let length = 0;
    const whole = far.receive((bytes) => void (length += bytes.length));
    const written = near.write(patternOf(300_000));
    await near.end();
    await written;
    await whole;
    assertEquals(length, 300_000, "the end came behind what was written");
    await far.write(patternOf(5));
    assertEquals(await answer, patternOf(5));
  });

  testPair("a reset while the end is being sent closes all the same", async ({ near, far }) => {
    const ended = near.end().catch(() => {});
    // Node asks the system for the FIN in its next tick, and hears of it in its next turn.
    await new Promise<void>((resolve) => nextTick(resolve));
    near.reset();
    await ended;
    // Into a descriptor that was left open these would be written until its buffers are full.
    await assertFails(
      async () => {
        for (;;) await far.write(patternOf(10_000));
      },
      "connection-reset",
      /^Cannot write to /,
    );
  });

  testPair("after close there is nothing to end", async ({ near }) => {
    near.close();
    const message = `Cannot write to ${formatAddress(near.remote)}: The socket is closed`;
    await assertFails(() => near.end(), "closed", message);
  });

  for (const side of ["near", "far"] as const) {
    const sees = resets ? "connection-reset" : "the end";
    testPair(`the peer of an idle connection that ${side} resets sees ${sees}`, async (pair) => {
      const peer = side === "near" ? pair.far : pair.near;
      const received = peer.receive(() => assert(false));
      const own = pair[side].receive(() => assert(false));
      pair[side].reset();
      await own;
      pair[side].reset();
      const message = `Cannot read from ${formatAddress(peer.remote)}: Connection reset by peer`;
      if (resets) await assertFails(() => received, "connection-reset", message);
      else await received;
    });
  }

  testPair("writing to a peer that closed fails with connection-reset", async ({ near, far }) => {
    const received = near.receive(() => {});
    far.close();
    await received;
    const message = /^Cannot write to 127\.0\.0\.1:\d+: (Broken pipe|Connection reset by peer)$/;
    await assertFails(
      async () => {
        // The first writes may still go into the kernel's buffer.
        for (let i = 0; i < 1_000; i++) await near.write(patternOf(10_000));
      },
      "connection-reset",
      message,
    );
  });

  testPair("close ends receive, also when called twice or by the sink", async ({ near, far }) => {
    const waiting = far.receive(() => assert(false));
    const reading = near.receive(() => near.close());
    await far.write(patternOf(3));
    await reading;
    await waiting;
    near.close();
    far.close();
    far.close();
  });

  testPair("after close nothing can be written", async ({ near }) => {
    near.close();
    const message = `Cannot write to ${formatAddress(near.remote)}: The socket is closed`;
    await assertFails(() => near.write(patternOf(3)), "closed", message);
  });

  testPair("close while a write waits for the peer rejects the write", async ({ near }) => {
    const written = [near.write(new Uint8Array(10_000_000)), near.write(patternOf(3))];
    near.close();
    const message = `Cannot write to ${formatAddress(near.remote)}: The socket is closed`;
    await Promise.all(written.map((write) => assertFails(() => write, "closed", message)));
  });

  for (const kind of ["thrown", "rejected"]) {
    testPair(`an exception ${kind} by the sink ends receive with it`, async ({ near, far }) => {
      const error = new TypeError("a bug in the sink");
      const received = far.receive(() => {
        if (kind === "rejected") return Promise.reject(error);
        throw error;
      });
      await near.write(patternOf(3));
      assertEquals(await assertRejects(() => received), error);
    });
  }

  test("a port in use is refused in one line", async () => {
    const listener = await net.listenStream(ANY);
    const message = `Cannot listen on ${formatAddress(listener.address)}: Address already in use`;
    await assertFails(() => net.listenStream(listener.address), "address-in-use", message);
    listener.close();
    await listener.accept(() => {}, () => {});
  });

  test("a port where nobody listens refuses", async () => {
    const { address, close } = await net.listenStream(ANY);
    close();
    const message = `Cannot connect to ${formatAddress(address)}: Connection refused`;
    await assertFails(() => net.connectStream(address), "connection-refused", message);
  });

  test("a signal that aborted before is obeyed, whatever its reason", async () => {
    const listener = await net.listenStream(ANY);
    const message = `Cannot connect to ${formatAddress(listener.address)}: Stopped`;
    for (const signal of [AbortSignal.abort(), AbortSignal.abort(new Error("enough"))]) {
      const connecting = () => net.connectStream(listener.address, { signal });
      await assertFails(connecting, "closed", message);
    }
    listener.close();
  });

  test("a signal that aborts while connecting gives up", async () => {
    const listener = await net.listenStream(ANY);
    const message = `Cannot connect to ${formatAddress(listener.address)}: Stopped`;
    const controller = new AbortController();
    const connecting = net.connectStream(listener.address, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await assertFails(() => connecting, "closed", message);
    listener.close();
  });

  test("a signal that aborts after connecting does nothing", async () => {
    const controller = new AbortController();
    const pair = await openPair(net, controller.signal);
    controller.abort();
    const received = receiveBytes(pair.far, 3);
    await pair.near.write(patternOf(3));
    assertEquals(await received, patternOf(3));
    pair.near.close();
    pair.far.close();
    pair.listener.close();
  });

  test("connections opened before accept was called are not lost", async () => {
    const listener = await net.listenStream(ANY);
    const near = await Promise.all([1, 2, 3].map(() => net.connectStream(listener.address)));
    await Promise.all(near.map((connection, i) => connection.write(patternOf(i + 1))));
    const far: StreamConnection[] = [];
    const all = deferred();
    const accepting = listener.accept((connection) => {
      if (far.push(connection) === near.length) all.resolve();
    }, assert);
    await all.promise;
    for (const connection of far) {
      const i = near.findIndex(({ local }) => local.port === connection.remote.port);
      assertEquals(await receiveBytes(connection, i + 1), patternOf(i + 1));
    }
    listener.close();
    await accepting;
    for (const connection of [...near, ...far]) connection.close();
  });

  testPair("closing the listener ends accept and leaves open connections alone", async (pair) => {
    pair.listener.close();
    pair.listener.close();
    await pair.accepting;
    const received = receiveBytes(pair.far, 3);
    await pair.near.write(patternOf(3));
    assertEquals(await received, patternOf(3));
  });

  test("a thousand connections may wait to be accepted, as after a cut", async () => {
    const listener = await net.listenStream(ANY);
    // One that finds no room would try again after a second, and wait for ever here.
    const signal = AbortSignal.timeout(20_000);
    const connections = await Promise.all(
      Array.from({ length: 1_000 }, () => net.connectStream(listener.address, { signal })),
    );
    for (const connection of connections) connection.close();
    listener.close();
  });

  testPair("a listener accepts again and again", async ({ listener }) => {
    for (let i = 0; i < 20; i++) (await net.connectStream(listener.address)).close();
  });
}

interface Pair {
  listener: StreamListener;
  accepting: Promise<void>;
  near: StreamConnection;
  far: StreamConnection;
}

/** Where a peer listens that is not made through the adapter. */
async function listening(server: Server): Promise<Address> {
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const { port } = server.address() as { port: number };
  return { hostname: HOST, port };
}

async function openPair(net: Net, signal?: AbortSignal): Promise<Pair> {
  const listener = await net.listenStream(ANY);
  const accepted = deferred<StreamConnection>();
  let far: StreamConnection | undefined;
  const accepting = listener.accept((connection) => {
    // The first is the pair's; others are closed at once.
    if (far) connection.close();
    accepted.resolve(far ??= connection);
  }, assert);
  const near = await net.connectStream(listener.address, signal ? { signal } : {});
  return { listener, accepting, near, far: await accepted.promise };
}

/** Sends one byte to and fro over a connection of its own: time that the event loop really turned. */
async function exchange(net: Net, times: number): Promise<void> {
  const { listener, near, far } = await openPair(net);
  const done = deferred();
  const echo = far.receive((bytes) => far.write(bytes.slice()));
  const count = near.receive((bytes) =>
    --times > 0 ? near.write(bytes.slice()) : done.resolve(undefined)
  );
  await near.write(patternOf(1));
  await done.promise;
  for (const end of [near, far, listener]) end.close();
  await Promise.all([echo, count]);
}

/** Receives until `length` bytes came; the connection goes on receiving and ignores the rest. */
function receiveBytes(connection: StreamConnection, length: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let missing = length;
    connection.receive((bytes) => {
      chunks.push(bytes.slice());
      missing -= bytes.length;
      if (missing <= 0) resolve(concat(chunks));
    }).then(() => reject(new Error(`${missing} bytes never came`)), reject);
  });
}

function concat(chunks: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** More than the kernel holds. */
const LONG = patternOf(10_000_000);
