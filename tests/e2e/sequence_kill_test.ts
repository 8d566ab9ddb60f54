/**
 * A server process that is killed; more often in `deno task soak`.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { openSqliteStore } from "../../store/sqlite.ts";
import { withFolder } from "../support/folder.ts";
import { killAtPoints } from "../support/kill_points.ts";
import { MortalServer } from "../support/mortal_server.ts";
import { command } from "../support/process.ts";
import { hasSqlite } from "../support/runtime.ts";

Deno.test("SIGKILL of the server at 12 points, on SQLite: every session finishes", {
  ignore: !hasSqlite,
}, () =>
  withFolder(async (folder) => {
    await killAtPoints(folder, 1 / 3);
  }));

Deno.test("a session whose window passed while the server was dead is told EXPIRED", {
  ignore: !hasSqlite,
}, () =>
  withFolder(async (folder) => {
    const path = `${folder}/s.sqlite`;
    const options = ["--interval", "20ms", "--window", "300ms", "--store", `sqlite:${path}`];
    await using server = new MortalServer(...options);
    await server.start();
    await using client = command("seq_client", server.port, "1000", "--json");
    const { session } = await client.event("started");
    await server.end("SIGKILL");
    const store = await openSqliteStore(path);
    const { expiresAt } = (await store.load(String(session)))!;
    await store.close();
    await new Promise((resolve) => setTimeout(resolve, expiresAt - Date.now()));
    await server.start();
    assertEquals(await client.exitCode(), 1);
    const failed = await client.event("failed");
    assertEquals(failed.code, "EXPIRED");
    assertStringIncludes(String(failed.message), "The session expired: the client was away");
  }));
