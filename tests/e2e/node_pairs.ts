/**
 * Deno and Node talk to each other: every protocol, both ways, our commands from their sources on Deno
 * and from the npm package on Node.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { quietly } from "../../scripts/_run.ts";
import { ROOT } from "../../scripts/_tree.ts";
import { withFolder } from "../support/folder.ts";
import { Child, command } from "../support/process.ts";
import { type Start, TALKS } from "../support/talks.ts";

function hasNode(): boolean {
  try {
    return new Deno.Command("node", { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
}

/** Installs the package into the folder as a user would. */
async function startersIn(folder: string): Promise<{ onNode: Start; onDeno: Start }> {
  const build = ["run", "-A", "--quiet", "scripts/build_npm.ts", folder];
  const tarball = await quietly(fileURLToPath(ROOT), Deno.execPath(), ...build);
  const flags = ["--silent", "--no-audit", "--no-fund", "--prefer-offline", "--prefix", folder];
  await quietly(folder, "npm", "install", ...flags, tarball.trim());
  const bin = join(folder, "node_modules/heartline/bin");
  return {
    onNode: (file, ...args) => new Child("node", [join(bin, `${file}.js`), "--json", ...args]),
    onDeno: (file, ...args) => command(file, "--json", ...args),
  };
}

// A machine with Deno alone has nobody to talk to.
Deno.test("Deno and Node talk to each other", { ignore: !hasNode() }, async (t) => {
  await withFolder(async (folder) => {
    const { onNode, onDeno } = await startersIn(folder);
    for (const [name, talk] of Object.entries(TALKS)) {
      await t.step(`${name}: server on Node, client on Deno`, () => talk(onNode, onDeno));
      await t.step(`${name}: server on Deno, client on Node`, () => talk(onDeno, onNode));
    }
  });
});
