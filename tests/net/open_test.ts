import { assertEquals, assertStrictEquals } from "@std/assert";
import { denoNet, hasDatagrams } from "../../net/deno.ts";
import { nodeNet } from "../../net/node.ts";
import { openNet } from "../../net/open.ts";
import { onDeno } from "../support/runtime.ts";

if (onDeno) {
  Deno.test("open: Deno's own sockets are taken where they are enabled", {
    permissions: "none",
  }, async () => {
    assertStrictEquals(await openNet(), denoNet);
  });

  Deno.test("open: without --unstable-net datagrams go through Node's adapter, the rest does not", {
    permissions: "none",
  }, async () => {
    const { listenDatagram } = Deno;
    try {
      Object.assign(Deno, { listenDatagram: undefined });
      assertEquals(hasDatagrams(), false);
      assertEquals(await openNet(), { ...denoNet, bindDatagram: nodeNet.bindDatagram });
    } finally {
      Object.assign(Deno, { listenDatagram });
    }
  });
}

Deno.test(
  "open: whoever must reset gets connections that can",
  { permissions: "none" },
  async () => {
    const { listenStream, connectStream, bindDatagram } = await openNet({ resets: true });
    assertStrictEquals(listenStream, nodeNet.listenStream);
    assertStrictEquals(connectStream, nodeNet.connectStream);
    assertStrictEquals(bindDatagram, (await openNet()).bindDatagram);
  },
);
