/**
 * The scripts of the test vectors, played by a Python program with nothing but its standard library.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Child, command } from "../support/process.ts";
import { pythonTest } from "../support/python.ts";

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** The commands, as the `about` of each file wants them. */
const SERVERS: Record<string, readonly string[]> = {
  tcp: ["tcp_server", "-p", "0", "--ack"],
  handshake: ["handshake_server", "127.0.0.1", "0", "--lease", "500ms"],
  keepalive: [
    ...["keepalive_server", "127.0.0.1", "0", "--data-threshold", "600ms"],
    ...["--heart-beat-interval", "300ms", "--heart-beat-threshold", "300ms"],
    ...["--heart-beat-additional-tries", "1"],
  ],
  sequence: ["seq_server", "0", "--interval", "20ms", "--window", "2s", "--store", "memory"],
};

for (const [protocol, [file, ...args]] of Object.entries(SERVERS)) {
  pythonTest(`a Python program finds every script of vectors/${protocol}.json kept`, async () => {
    await using server = command(file!, ...args, "--json");
    const { port } = await server.event("listening");
    const vectors = path(`vectors/${protocol}.json`);
    const program = [path("examples/check_vectors.py"), vectors, "127.0.0.1", String(port)];
    await using checker = new Child("python3", program);
    assertEquals(await checker.exitCode(), 0, checker.err.join("\n"));
    const { scripts } = JSON.parse(await readFile(vectors, "utf8"));
    assert(scripts.length > 0);
    assertEquals(checker.out.length, scripts.length);
  });
}
