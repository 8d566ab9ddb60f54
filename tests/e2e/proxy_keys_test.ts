/**
 * The keys of `seq-proxy` on a real terminal, where none needs Enter.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { serveProxy } from "../../proxy/server.ts";
import { TerminalChild } from "../support/terminal.ts";
import { pythonTest } from "../support/python.ts";

pythonTest(
  "keys on a terminal act at once, and q gives the terminal back and ends with 0",
  async () => {
    // Anything that listens will do as a server.
    await using server = await serveProxy({ listen: { port: 0 } });
    const { port } = server.address;
    await using proxy = new TerminalChild("seq_proxy", ["0", String(port)]);
    await proxy.text((drawn) => drawn.includes("Listening on"));
    for (
      const [key, said] of [
        ["l", "Faults: latency 100 ms"],
        ["u", "blackhole"],
        ["n", "Faults: none"],
        ["c", "Cut: every link is dropped"],
        ["h", "Healed: new links are taken"],
        ["r", "Reset every link"],
        ["f", "Ended every link"],
      ] as const
    ) {
      proxy.type(key);
      await proxy.text((drawn) => drawn.includes(said));
    }
    proxy.type("q");
    assertEquals(await proxy.exitCode(), 0);
    assert(!proxy.drawn.includes("Uncaught"));
  },
);
