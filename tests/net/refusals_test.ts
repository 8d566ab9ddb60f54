/**
 * What an adapter says when it may not or cannot open a socket: the same words on every runtime.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { sendDatagram } from "../../net/datagram.ts";
import { denoNet } from "../../net/deno.ts";
import type { Net } from "../../net/net.ts";
import { nodeNet } from "../../net/node.ts";
import { ANY, assertFails, HOST } from "../support/contract.ts";

const onDeno = "Deno" in globalThis && "version" in globalThis.Deno;

const ADAPTERS: [adapter: string, net: Net][] = [["Node's sockets", nodeNet]];
if (onDeno) ADAPTERS.push(["Deno's sockets", denoNet]);

/** Reserved by RFC 2606: never resolves. Looking it up needs a permission of its own. */
const NOWHERE = { hostname: "nowhere.invalid", port: 6500 };

/** Reserved by RFC 5737: no machine has it. */
const FOREIGN = { hostname: "192.0.2.1", port: 6500 };

for (const [adapter, net] of ADAPTERS) {
  const opened: [act: string, open: (at: typeof ANY) => Promise<unknown>][] = [
    ["listen on", net.bindDatagram],
    ["listen on", net.listenStream],
    ["connect to", (at) => net.connectStream(at)],
  ];
  const names = ["bindDatagram", "listenStream", "connectStream"];

  opened.forEach(([act, open], i) => {
    // The system's resolver reads files and may ask any name server, so all of net is granted.
    Deno.test(`${adapter}, ${names[i]}: a name that does not resolve`, {
      permissions: { net: true },
    }, async () => {
      const message = `Cannot ${act} nowhere.invalid:6500: Name or service not known`;
      await assertFails(() => open(NOWHERE), "name-not-found", message);
    });

    if (!onDeno) return;
    Deno.test(`${adapter}, ${names[i]}: without permission`, { permissions: "none" }, async () => {
      const at = { hostname: HOST, port: 6500 };
      const message =
        `Cannot ${act} ${HOST}:6500: Permission denied, run with --allow-net=${HOST}:6500`;
      await assertFails(() => open(at), "permission-denied", message);
    });
  });

  if (onDeno && net === nodeNet) {
    // Deno refuses this where nobody can catch it.
    for (const i of [0, 1]) {
      Deno.test(`${adapter}, ${names[i]}: with permission for a name, but not for its address`, {
        permissions: { net: ["localhost"] },
      }, async () => {
        const at = { hostname: "localhost", port: 6500 };
        const message =
          `Cannot listen on ${HOST}:6500: Permission denied, run with --allow-net=${HOST}:6500`;
        await assertFails(() => opened[i]![1](at), "permission-denied", message);
      });
    }
  }

  for (const i of [0, 1]) {
    // `node:net` on Deno says EINVAL to this; `openNet` never takes it there.
    if (onDeno && net === nodeNet && i === 1) continue;
    Deno.test(`${adapter}, ${names[i]}: an address that this machine does not have`, {
      permissions: { net: [FOREIGN.hostname] },
    }, async () => {
      const message = "Cannot listen on 192.0.2.1:6500: Cannot assign requested address";
      await assertFails(() => opened[i]![1](FOREIGN), "address-not-available", message);
    });
  }

  // As above: the resolver's own permissions.
  Deno.test(`${adapter}, lookup: names are found, addresses stay`, {
    permissions: { net: true },
  }, async () => {
    assertEquals(await net.lookup("192.0.2.1"), "192.0.2.1");
    assertEquals(await net.lookup("2001:db8::1"), "2001:db8::1");
    assertEquals(["127.0.0.1", "::1"].includes(await net.lookup("localhost")), true);
    const message = "Cannot find nowhere.invalid:0: Name or service not known";
    await assertFails(() => net.lookup(NOWHERE.hostname), "name-not-found", message);
  });

  if (!onDeno) continue;
  Deno.test(`${adapter}, send: to a host without permission breaks nothing`, {
    permissions: { net: [HOST] },
  }, async () => {
    const socket = await net.bindDatagram(ANY);
    try {
      await assertFails(
        () => sendDatagram(socket, new Uint8Array(1), FOREIGN),
        "permission-denied",
        "Cannot send to 192.0.2.1:6500: Permission denied, run with --allow-net=192.0.2.1:6500",
      );
      const received = socket.receive(() => socket.close());
      await sendDatagram(socket, new Uint8Array(1), socket.address);
      await received;
    } finally {
      socket.close();
    }
  });
}
