/**
 * `deno task build:npm [FOLDER]`: the npm package, as a folder and as the tarball that npm would
 * publish, both in `npm/` or the folder given; prints the path of the tarball. `deno pack` compiles; what
 * it does not do (commands, aliases of packages, the version, old syntax, pages) is done here.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import deno from "../deno.json" with { type: "json" };
import { downLevel } from "./_down_level.ts";
import {
  binFiles,
  commandsOf,
  type Config,
  npmName,
  npmSpecifier,
  packageJson,
} from "./_npm_package.ts";
import { npmExamples } from "./_npm_examples.ts";
import { npmPages } from "./_npm_pages.ts";
import { quietly } from "./_run.ts";
import { changeImports, importsOf } from "./_source.ts";
import { listTree, readTree, ROOT } from "./_tree.ts";

const config = deno as Config;

/**
 * Builds the package into `<folder>/<name>`, which is made anew, and packs it.
 *
 * @param folder an absolute path
 * @returns the path of the tarball
 */
export async function buildNpmPackage(folder: string): Promise<string> {
  const target = join(folder, npmName(config));
  await Deno.remove(target, { recursive: true }).catch(() => {});
  await Deno.mkdir(target, { recursive: true });
  await compile(target);
  const imported = new Map<string, readonly string[]>();
  for (const path of await filesIn(target)) {
    imported.set(path, await adapt(join(target, path), path));
  }
  await write(
    join(target, "cli/command/version.js"),
    `export const VERSION = "${config.version}";\n`,
  );
  for (const [name, text] of binFiles(config)) {
    await write(join(target, `bin/${name}.js`), text, { mode: 0o755 });
  }
  for (const [path, text] of npmPages(config, await readTexts())) {
    await write(join(target, path), text);
  }
  const manifest = packageJson(config, imported);
  await write(join(target, "package.json"), JSON.stringify(manifest, null, 2) + "\n");
  const packed = await quietly(folder, "npm", "pack", `./${npmName(config)}`, "--silent");
  return join(folder, packed.trim());
}

/** Compiles a copy of the sources in which the commands are entry points, too. */
async function compile(target: string): Promise<void> {
  const stage = await Deno.makeTempDir();
  try {
    for (const [path, source] of await readTree()) {
      if (!path.endsWith("_test.ts")) await write(join(stage, path), source);
    }
    for (const name of ["deno.lock", "LICENSE"]) {
      await Deno.copyFile(new URL(name, ROOT), join(stage, name));
    }
    const commands = [...commandsOf(config).map(({ file }) => file), "command/sub_commands"];
    const entries = commands.map((file) => [`./cli/${file}`, `./cli/${file}.ts`]);
    const { "./cli": _module, ...modules } = config.exports;
    const exports = { ...modules, ...Object.fromEntries(entries) };
    // Nothing but what the entry points reach.
    const publish = { include: ["LICENSE"] };
    await write(join(stage, "deno.json"), JSON.stringify({ ...config, exports, publish }));
    const flags = ["--quiet", "--allow-dirty", "--no-source-maps", "--output", "packed.tgz"];
    await quietly(stage, Deno.execPath(), "pack", ...flags);
    await quietly(stage, "tar", "xzf", "packed.tgz", "--strip-components=1", "-C", target);
  } finally {
    await Deno.remove(stage, { recursive: true });
  }
}

/** Makes one compiled file fit for npm, and returns the packages that it imports. */
async function adapt(file: string, path: string): Promise<string[]> {
  if (path.startsWith("cli/") && path.endsWith(".d.ts")) {
    // Commands are run, not imported.
    await Deno.remove(file);
    return [];
  }
  if (!/\.[jt]s$/.test(path)) return [];
  const named = (await Deno.readTextFile(file)).replaceAll(config.name, npmName(config));
  const code = path.endsWith(".js") ? downLevel(path, named, { sourceMap: false }) : named;
  const text = npmExamples(changeImports(code, (name) => npmSpecifier(config, name)));
  await write(file, text);
  return importsOf(text).map(({ specifier = "" }) => specifier)
    .filter((specifier) => !/^(?:\.|node:)/.test(specifier));
}

/** Every file of the repository that a page may lead to. */
async function readTexts(): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for await (const path of listTree()) {
    texts.set(path, await Deno.readTextFile(new URL(path, ROOT)));
  }
  return texts;
}

async function filesIn(folder: string, path = ""): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(folder, path)));
  const found = entries.map(({ name, isDirectory }) =>
    isDirectory ? filesIn(folder, join(path, name)) : [join(path, name)]
  );
  return (await Promise.all(found)).flat();
}

async function write(file: string, text: string, options?: Deno.WriteFileOptions): Promise<void> {
  await Deno.mkdir(dirname(file), { recursive: true });
  await Deno.writeTextFile(file, text, options);
}

if (import.meta.main) {
  console.log(await buildNpmPackage(Deno.args[0] ?? fileURLToPath(new URL("npm", ROOT))));
}
