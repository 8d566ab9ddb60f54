/**
 * The packed library on the Node of this machine.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import process from "node:process";
import { Child } from "../support/process.ts";

const PROGRAM = `
import { subscribe } from "node:diagnostics_channel";
import { sendUdpHeartbeats, serveUdpHeartbeats } from "@heartline/heartline/udp";
import { sendTcpHeartbeats, serveTcpHeartbeats } from "@heartline/heartline/tcp";

let heard = 0;
subscribe("heartline:udp-server", () => heard++);
const watcher = await serveUdpHeartbeats({ port: 0, autoRegister: 300 });
await sendUdpHeartbeats({ port: watcher.address.port, period: 50, count: 2 });
for await (const event of watcher) {
  console.log(event.type);
  if (event.type === "alarm") break;
}
await watcher.close();
console.log(heard);

const server = await serveTcpHeartbeats({ port: 0, ack: true });
const { hostname, port } = server.address;
const client = await sendTcpHeartbeats({ hostname, port, interval: 20, ack: true, count: 2 });
for await (const event of client) if (event.type === "done") console.log(event.acked);
await server.close();

await serveTcpHeartbeats({ hostname: "no.such.name.invalid" }).catch(({ code }) => console.log(code));
`;

function hasNode(): boolean {
  try {
    return new Deno.Command("node", { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
}

Deno.test({
  name: "the packed library watches, sends and fails on Node as it does on Deno",
  // A machine with Deno alone cannot run it.
  ignore: !hasNode(),
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const scope = `${folder}/node_modules/@heartline`;
      await Deno.mkdir(scope, { recursive: true });
      const pack = ["pack", "--quiet", "--allow-dirty", "--output", `${folder}/pack.tgz`];
      const root = new URL("../../", import.meta.url);
      const packed = await new Deno.Command(process.execPath, { args: pack, cwd: root }).output();
      assertEquals(packed.code, 0, new TextDecoder().decode(packed.stderr));
      await using unpack = new Child("tar", ["xzf", `${folder}/pack.tgz`, "-C", scope]);
      assertEquals(await unpack.exitCode(), 0);
      await Deno.rename(`${scope}/package`, `${scope}/heartline`);
      await Deno.writeTextFile(`${folder}/program.mjs`, PROGRAM);
      await using node = new Child("node", [`${folder}/program.mjs`]);
      assertEquals(await node.exitCode(), 0, node.err.join("\n"));
      assertEquals(node.out, [
        "listening",
        "registered",
        "up",
        "alarm",
        "4",
        "2",
        "name-not-found",
      ]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
