import { assert } from "@std/assert";
import { readdir } from "node:fs/promises";
import { launch } from "../../cli/command/launch.ts";
import { withFolder } from "../support/folder.ts";
import { Child } from "../support/process.ts";
import { hasSqlite } from "../support/runtime.ts";

// Field note: a restart of the server loses all sessions.
Deno.test(
  "without --store sessions are kept in a file of this user",
  { ignore: !hasSqlite },
  () =>
    withFolder(async (folder) => {
      const [program, ...start] = launch("seq_server", ["--allow-all"]);
      const settings = { XDG_STATE_HOME: folder };
      await using server = new Child(program, [...start, "0", "--json"], { settings });
      await server.event("listening");
      const files = await readdir(`${folder}/heartline`);
      assert(files.includes("sequence-0.sqlite"), `${files}`);
    }),
);
