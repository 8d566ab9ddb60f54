import { assert, assertEquals, assertRejects } from "@std/assert";
import { stat, writeFile } from "node:fs/promises";
import process from "node:process";
import { stateFile } from "../../cli/config/state_folder.ts";
import { HeartlineError } from "../../core/errors.ts";
import { withFolder } from "../support/folder.ts";

/** Asks for a file where the environment is as given, which is undone. */
async function stateFileIn(settings: { HOME?: string; XDG_STATE_HOME?: string }): Promise<string> {
  const names = ["HOME", "XDG_STATE_HOME"] as const;
  const before = names.map((name) => process.env[name]);
  const set = (values: readonly (string | undefined)[]) =>
    names.forEach((name, index) => {
      if (values[index] === undefined) delete process.env[name];
      else process.env[name] = values[index];
    });
  set(names.map((name) => settings[name]));
  try {
    return await stateFile("a.db");
  } finally {
    set(before);
  }
}

Deno.test("state is kept below the folder that the environment names", () =>
  withFolder(async (folder) => {
    const path = await stateFileIn({ HOME: "/nowhere", XDG_STATE_HOME: `${folder}/state` });
    assertEquals(path, `${folder}/state/heartline/a.db`);
    assert((await stat(`${folder}/state/heartline`)).isDirectory());
  }));

Deno.test("without such a folder, or with a relative one, state is kept below the home", () =>
  withFolder(async (folder) => {
    const wanted = `${folder}/.local/state/heartline/a.db`;
    assertEquals(await stateFileIn({ HOME: folder }), wanted);
    assertEquals(await stateFileIn({ HOME: folder, XDG_STATE_HOME: "state" }), wanted);
  }));

Deno.test("where no folder can be made, that is said in a line", () =>
  withFolder(async (folder) => {
    await writeFile(`${folder}/file`, "");
    const error = await assertRejects(
      () => stateFileIn({ XDG_STATE_HOME: `${folder}/file` }),
      HeartlineError,
      `Cannot make ${folder}/file/heartline: `,
    );
    assertEquals([error.code, error.message.includes("\n")], ["io", false]);
  }));
