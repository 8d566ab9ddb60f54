import { assert, assertEquals } from "@std/assert";
import { platform } from "node:process";
import { sendDatagram } from "../../net/datagram.ts";
import { denoNet, hasDatagrams } from "../../net/deno.ts";
import { dropsOfPort } from "../../net/kernel_drops.ts";
import { ANY } from "../support/contract.ts";

/** The real header and lines of Linux 6; 0x1964 is port 6500, 0x0035 is port 53. */
const TABLE = `\
   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  353: 0100007F:1964 00000000:0000 07 00000000:00034A00 00:00000000 00000000  1000        0 40960 2 0000000000000000 744
  408: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 21001 2 0000000000000000 0
  409: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 21002 2 0000000000000000 3
  410: 0200007F:0035 0100007F:1965 01 00000000:00000000 00:00000000 00000000   101        0 21003 2 0000000000000000 4
`;

const CASES: [name: string, table: string, port: number, drops: number | undefined][] = [
  ["one socket", TABLE, 6500, 744],
  ["several sockets on one port are added up", TABLE, 53, 7],
  ["a port that is only a peer's is not ours", TABLE, 6501, undefined],
  ["a port that nobody has bound", TABLE, 9, undefined],
  ["no table at all", "", 6500, undefined],
];

for (const [name, table, port, drops] of CASES) {
  Deno.test(`kernel drops: ${name}`, { permissions: "none" }, () => {
    assertEquals(dropsOfPort(table, port), drops);
  });
}

/** Only with all permissions does Deno open files under /proc; only Linux has them. */
const permissions = "inherit";

if ("Deno" in globalThis && hasDatagrams() && platform === "linux") {
  Deno.test("kernel drops: what did not fit the buffer of a socket is counted", {
    permissions,
  }, async () => {
    const idle = await denoNet.bindDatagram(ANY);
    const sender = await denoNet.bindDatagram(ANY);
    try {
      assertEquals(idle.kernelDrops(), 0);
      const bytes = new Uint8Array(8_000);
      for (let i = 0; i < 1_000; i++) await sendDatagram(sender, bytes, idle.address);
      // The default buffer holds 26 of them; 4 MB, the largest usual one, holds 500.
      assert(idle.kernelDrops()! >= 400, `${idle.kernelDrops()} of 1,000`);
      assertEquals(sender.kernelDrops(), 0);
    } finally {
      idle.close();
      sender.close();
    }
  });
}
