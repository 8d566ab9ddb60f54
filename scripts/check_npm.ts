/**
 * Checks the npm package by what its users trust: publint, are-the-types-wrong, and the TypeScript
 * compiler on the examples of its README and guides.
 *
 * This file knows the tools. It does not know how the package is made.
 *
 * @module
 */
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { join } from "node:path";
import ts from "typescript";

/** What TypeScript needs beside the package to check a program for Node. */
export const TYPES = "@types/node@24";

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
    "types of the examples": compiled(project, examples),
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

function compiled(project: string, examples: readonly string[]): string[] {
  const program = ts.createProgram(examples.map((path) => join(project, path)), {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ["node"],
    typeRoots: [join(project, "node_modules/@types")],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
  });
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) =>
    `${file?.fileName ?? ""} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`
  );
}
