/**
 * Checks the npm package by what its users trust: publint, are-the-types-wrong, and the TypeScript
 * compiler on the examples of its README and guides.
 *
 * @module
 */
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { join } from "node:path";
import { quietly } from "./_run.ts";

/** The versions of TypeScript that the types are for. */
const COMPILERS = ["5.9", "6", "7"];

/** What checks programs for Node beside the package: their types, and each compiler by a name of its own. */
export const TYPES: readonly string[] = [
  "@types/node@24",
  ...COMPILERS.map((version) => `${compilerName(version)}@npm:typescript@${version}`),
];

/**
 * Runs every check and prints what is wrong; true if nothing is.
 *
 * @param folder the package
 * @param tarball the same, packed
 * @param project a folder into which both the package and {@linkcode TYPES} are installed
 * @param examples paths of TypeScript files in it
 */
export async function checkNpmPackage(
  folder: string,
  tarball: string,
  project: string,
  examples: readonly string[],
): Promise<boolean> {
  const results = {
    publint: await published(folder),
    "are the types wrong": await typed(tarball),
    "types of the examples": await compiled(project, examples),
    "examples as .mts by Node 24": await runAsTheyStand(project, examples),
  };
  for (const [name, complaints] of Object.entries(results)) {
    for (const complaint of complaints) console.error(`${name}: ${complaint}`);
  }
  const failed = Object.values(results).filter(({ length }) => length > 0).length;
  console.log(`package: ${Object.keys(results).length - failed} passed, ${failed} failed`);
  return failed === 0;
}

async function published(folder: string): Promise<string[]> {
  const manifest = JSON.parse(await Deno.readTextFile(join(folder, "package.json")));
  const { messages } = await publint({ pkgDir: folder, strict: true, pack: false });
  return messages.map((message) => formatMessage(message, manifest) ?? message.code);
}

/** The profile "esm-only": that CommonJS cannot `require` it is no fault. */
async function typed(tarball: string): Promise<string[]> {
  const data = createPackageFromTarballData(await Deno.readFile(tarball));
  const result = await checkPackage(data);
  if (!result.types) return ["there are none"];
  return result.problems.filter((problem) => {
    const from = "resolutionKind" in problem ? problem.resolutionKind : "node16-esm";
    return from === "node16-esm" || from === "bundler";
  }).map((problem) => JSON.stringify(problem));
}

/** By each compiler, with the settings that the documentation asks for. */
async function compiled(project: string, examples: readonly string[]): Promise<string[]> {
  const compilerOptions = {
    target: "es2022",
    module: "nodenext",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
  };
  const config = join(project, "tsconfig.json");
  await Deno.writeTextFile(config, JSON.stringify({ compilerOptions, files: examples }));
  const complaints = await Promise.all(COMPILERS.map(async (version) => {
    const tsc = join(project, "node_modules", compilerName(version), "bin/tsc");
    const command = new Deno.Command("node", { args: [tsc, "-p", config], cwd: project });
    const { success, stdout, stderr } = await command.output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    return success ? [] : said.trim().split("\n").map((line) => `TypeScript ${version}: ${line}`);
  }));
  return complaints.flat();
}

/** What the README promises: types are left out and `await using` is known by Node itself. */
async function runAsTheyStand(project: string, examples: readonly string[]): Promise<string[]> {
  const complaints: string[] = [];
  // Asked once where it is: `npx` takes longer than most examples.
  const node = (await quietly(project, "npx", "-y", "node@24", "-p", "process.execPath")).trim();
  for (const path of examples) {
    const file = join(project, path.replace(/\.ts$/, ".mts"));
    await Deno.copyFile(join(project, path), file);
    const { success, stderr } = await new Deno.Command(node, { args: [file], cwd: project })
      .output();
    await Deno.remove(file);
    if (!success) complaints.push(`${path}: ${new TextDecoder().decode(stderr)}`);
  }
  return complaints;
}

function compilerName(version: string): string {
  return `typescript-${version}`;
}
