/**
 * What every adapter must do with UDP, whatever runtime is behind it.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { formatAddress } from "../../core/address.ts";
import { type DatagramSocket, sendDatagram } from "../../net/datagram.ts";
import type { Net } from "../../net/net.ts";
import { ANY, assertFails, HOST, patternOf } from "./contract.ts";

/** Defines the tests of `net`, each named after its adapter. */
export function datagramContract(adapter: string, net: Net): void {
  const test = (name: string, body: () => Promise<void>): void =>
    Deno.test(`${adapter}, datagrams: ${name}`, { permissions: { net: [HOST] } }, body);

  /** A test with two sockets that closes them. */
  const testPair = (name: string, body: (a: DatagramSocket, b: DatagramSocket) => Promise<void>) =>
    test(name, async () => {
      const a = await net.bindDatagram(ANY);
      const b = await net.bindDatagram(ANY);
      try {
        await body(a, b);
      } finally {
        a.close();
        b.close();
      }
    });

  testPair("port 0 is any free port", async (a, b) => {
    await Promise.resolve();
    assertEquals([a.address.hostname, b.address.hostname], [HOST, HOST]);
    assert(a.address.port > 0 && b.address.port > 0 && a.address.port !== b.address.port);
  });

  testPair("arrive in order, with the sender's address and every byte", async (a, b) => {
    const sent = [1, 0, 5, 500, 60_000, 0, 2].map((length, i) => patternOf(length, i));
    const received = receiveCount(b, sent.length);
    for (const bytes of sent) await sendDatagram(a, bytes, b.address);
    assertEquals(await received, sent.map((bytes) => ({ bytes, from: a.address })));
  });

  testPair("that arrive before receive is called are not lost", async (a, b) => {
    for (const text of ["one", "two"]) {
      await sendDatagram(a, new TextEncoder().encode(text), b.address);
    }
    // A round trip of another pair of datagrams: by then a runtime that reads ahead has read.
    const answer = receiveCount(a, 1);
    await sendDatagram(a, new Uint8Array(1), a.address);
    await answer;
    const received = await receiveCount(b, 2);
    assertEquals(received.map(({ bytes }) => new TextDecoder().decode(bytes)), ["one", "two"]);
  });

  testPair("the bytes may be used again once they are sent", async (a, b) => {
    const received = receiveCount(b, 2);
    const bytes = patternOf(100);
    await sendDatagram(a, bytes, b.address);
    bytes.fill(0);
    await sendDatagram(a, bytes, b.address);
    assertEquals((await received).map(({ bytes }) => bytes), [patternOf(100), new Uint8Array(100)]);
  });

  testPair("a port where nobody listens does not break the socket", async (a, b) => {
    const nobody = await net.bindDatagram(ANY);
    nobody.close();
    const received = receiveCount(a, 1);
    for (let i = 0; i < 5; i++) await sendDatagram(a, patternOf(10), nobody.address);
    await sendDatagram(b, patternOf(3), a.address);
    assertEquals((await received)[0]!.bytes, patternOf(3));
  });

  testPair("what goes to somebody is not lost among what goes to nobody", async (a, b) => {
    const nobody = await net.bindDatagram(ANY);
    nobody.close();
    const received = receiveCount(b, 20);
    const sending: Promise<void>[] = [];
    for (let i = 0; i < 20; i++) {
      // All in one turn, so that the network's answer to one finds the next.
      for (let n = 0; n < 4; n++) sending.push(sendDatagram(a, patternOf(1), nobody.address));
      sending.push(sendDatagram(a, patternOf(3, i), b.address));
    }
    await Promise.all(sending);
    const seeds = (await received).map(({ bytes }) => bytes[0]!);
    assertEquals(seeds.sort((one, other) => one - other), Array.from({ length: 20 }, (_, i) => i));
  });

  testPair("a datagram too long for UDP is refused and breaks nothing", async (a, b) => {
    const received = receiveCount(b, 1);
    await assertFails(
      () => sendDatagram(a, new Uint8Array(65_600), b.address),
      "io",
      `Cannot send to ${formatAddress(b.address)}: Message too long`,
    );
    await sendDatagram(a, patternOf(3), b.address);
    assertEquals((await received)[0]!.bytes, patternOf(3));
  });

  testPair("an answer to a forged port 0 is refused and breaks nothing", async (a, b) => {
    const received = receiveCount(b, 1);
    const forged = { hostname: HOST, port: 0 };
    const message = `Cannot send to ${formatAddress(forged)}: Invalid argument`;
    await assertFails(() => sendDatagram(a, patternOf(3), forged), "io", message);
    await sendDatagram(a, patternOf(3), b.address);
    assertEquals((await received)[0]!.bytes, patternOf(3));
  });

  testPair("send says once what became of a datagram", async (a, b) => {
    const received = receiveCount(b, 1);
    const said: string[] = [];
    const send = (bytes: Uint8Array) =>
      new Promise<unknown>((done) => {
        const sent = () => done(said.push("sent"));
        a.send(bytes, b.address, sent, ({ code }, to) => done(said.push(`${code} ${to.port}`)));
      });
    await send(patternOf(3));
    assertEquals((await received)[0]!.bytes, patternOf(3));
    await send(new Uint8Array(65_600));
    a.close();
    await send(patternOf(3));
    const { port } = b.address;
    assertEquals(said, ["sent", `io ${port}`, `closed ${port}`]);
  });

  testPair("an exception of the sink ends receive with it", async (a, b) => {
    const received = b.receive(() => {
      throw new TypeError("a bug in the sink");
    });
    await sendDatagram(a, patternOf(3), b.address);
    await assertRejects(() => received, TypeError, "a bug in the sink");
  });

  testPair("close ends receive, also when called twice or by the sink", async (a, b) => {
    const received = b.receive(() => b.close());
    const other = a.receive(() => {});
    await sendDatagram(a, patternOf(3), b.address);
    await received;
    a.close();
    a.close();
    await other;
  });

  testPair("after close nothing is received or sent", async (a, b) => {
    a.close();
    await a.receive(() => assert(false));
    const message = `Cannot send to ${formatAddress(b.address)}: The socket is closed`;
    await assertFails(() => sendDatagram(a, patternOf(3), b.address), "closed", message);
  });

  testPair("a port in use is refused in one line", async (a) => {
    const message = `Cannot listen on ${formatAddress(a.address)}: Address already in use`;
    await assertFails(() => net.bindDatagram(a.address), "address-in-use", message);
  });

  testPair("a port is free again when receive has ended", async (a) => {
    const received = a.receive(() => {});
    a.close();
    await received;
    const again = await net.bindDatagram(a.address);
    assertEquals(again.address, a.address);
    again.close();
  });
}

/** Receives `count` datagrams; the socket goes on receiving and ignores the rest. */
function receiveCount(socket: DatagramSocket, count: number) {
  return new Promise<{ bytes: Uint8Array; from: DatagramSocket["address"] }[]>(
    (resolve, reject) => {
      const all: { bytes: Uint8Array; from: DatagramSocket["address"] }[] = [];
      socket.receive((bytes, { hostname, port }) => {
        // Node's buffers are a subclass, and valid only during the call.
        if (all.length < count) {
          all.push({ bytes: Uint8Array.from(bytes), from: { hostname, port } });
        }
        if (all.length === count) resolve(all);
      }).catch(reject);
    },
  );
}
