import { assert } from "@std/assert";
import { fileURLToPath } from "node:url";

const SERVER = fileURLToPath(new URL("../../cli/seq_server.ts", import.meta.url));

// Field note: a restart of the server loses all sessions.
Deno.test("without --store sessions are kept in a file of this user", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", SERVER, "0", "--json"],
      env: { XDG_STATE_HOME: folder },
      stdout: "piped",
    }).spawn();
    // Its first line says where it listens: the store is open by then.
    const reader = child.stdout.getReader();
    await reader.read();
    const files = [...Deno.readDirSync(`${folder}/heartline`)].map(({ name }) => name);
    assert(files.includes("sequence-0.sqlite"), `${files}`);
    Deno.kill(child.pid, "SIGTERM");
    await reader.cancel();
    await child.status;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
