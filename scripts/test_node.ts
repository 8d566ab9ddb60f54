/**
 * `deno task test:node [VERSION...]`: builds the npm package, checks it, installs it as a user would,
 * and runs the tests on it by Node. A version is a number, as in `22`, which comes through `npx` unless
 * it is the machine's own, or `own` for that one; or `bun`, which runs those of sockets and one server and
 * client of each protocol.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import manifestOfDeno from "../deno.json" with { type: "json" };
import { compileForNode, examplesOf, isForBun, isForNode } from "./_node_tests.ts";
import { type Config, dependencies, npmName } from "./_npm_package.ts";
import { deno, quietly } from "./_run.ts";
import { importsOf } from "./_source.ts";
import { listTree, readTree, ROOT } from "./_tree.ts";
import { buildNpmPackage } from "./build_npm.ts";
import { checkNpmPackage, TYPES } from "./check_npm.ts";

const config = manifestOfDeno as Config;
/** What `engines` promises: the oldest, and the releases with long-term support since. */
const VERSIONS = ["20", "22", "24", "bun"];
/** The release of Bun. */
const BUN = "1.4";

/** Makes a project anew that uses the package as a stranger would, and holds these files. */
async function makeProject(
  project: string,
  tarball: string,
  files: ReadonlyMap<string, string>,
): Promise<void> {
  await Deno.remove(project, { recursive: true }).catch(() => {});
  for (const [path, text] of files) {
    await Deno.mkdir(dirname(join(project, path)), { recursive: true });
    await Deno.writeTextFile(join(project, path), text);
  }
  const compiled = [...files].filter(([path]) => path.endsWith(".js"));
  const imported = new Map(compiled.map(([path, text]) => [
    path,
    importsOf(text).map(({ specifier = "" }) => specifier),
  ]));
  const packages = dependencies(config, imported, () => true);
  const manifest = { private: true, type: "module", dependencies: packages };
  await Deno.writeTextFile(join(project, "package.json"), JSON.stringify(manifest));
  const flags = ["--silent", "--no-audit", "--no-fund", "--prefer-offline"];
  const added = [tarball, ...TYPES, ...await peersOf(tarball)];
  await quietly(project, "npm", "install", ...flags, ...added);
}

/** What a user of every module installs beside the package. */
async function peersOf(tarball: string): Promise<string[]> {
  const said = await quietly(dirname(tarball), "tar", "xzOf", tarball, "package/package.json");
  const { peerDependencies = {} } = JSON.parse(said);
  return Object.entries(peerDependencies).map(([name, range]) => `${name}@${range}`);
}

/** Runs the tests by Bun, and says in one line as CI reads it how many passed; true if all did. */
async function runByBun(project: string, tests: readonly string[]): Promise<boolean> {
  const args = ["-y", `bun@${BUN}`, "test", "--only-failures", "--timeout=60000"];
  const command = new Deno.Command("npx", {
    args: [...args, ...tests.map((path) => `./${path}`)],
    cwd: project,
    stdin: "null",
    stderr: "piped",
  });
  const { success, stderr } = await command.output();
  const said = new TextDecoder().decode(stderr);
  console.error(said);
  const count = (what: string): number =>
    Number(said.match(RegExp(`^ *(\\d+) ${what}$`, "m"))?.[1] ?? 0);
  const [passed, failed, leftOut] = [count("pass"), count("fail"), count("skip")];
  console.log(`bun ${BUN}: ${passed} passed, ${failed} failed, ${leftOut} left out`);
  // A run that a test ends counts nothing, and is no failure to Bun.
  return success && passed > 0;
}

/** Runs the tests by one version of Node; true if all passed. */
async function runBy(version: string, project: string, tests: readonly string[]): Promise<boolean> {
  const own = (await quietly(project, "node", "--version")).trim();
  const isOwn = version === "own" || own.startsWith(`v${version}.`);
  const [program, ...start] = isOwn ? ["node"] as const : ["npx", "-y", `node@${version}`] as const;
  const command = new Deno.Command(program, {
    args: [
      ...start,
      "--enable-source-maps",
      "--test",
      `--test-concurrency=${navigator.hardwareConcurrency}`,
      // A test that hangs is a failure, and is named.
      "--test-timeout=180000",
      "--test-reporter=./tests/support/node_reporter.js",
      ...tests,
    ],
    cwd: project,
    stdin: "null",
  });
  return (await command.spawn().status).success;
}

const folder = fileURLToPath(new URL("npm", ROOT));
const project = join(folder, "tests");
const tarball = await buildNpmPackage(folder);

// Examples for TypeScript to check, data that tests read, and all that is compiled for Node.
const files = new Map<string, string>();
for await (const path of listTree()) {
  if (path.endsWith(".ts")) continue;
  const text = await Deno.readTextFile(new URL(path, ROOT));
  if (/^(?:README|docs\/.*)\.md$/.test(path)) {
    for (const example of examplesOf(config, path, text)) files.set(...example);
  } else if (/\.(?:json|py)$/.test(path)) files.set(path, text);
}
const examples = [...files.keys()].filter((path) => path.endsWith(".ts"));
for (const [path, source] of [...await readTree(), ...files]) {
  if (!path.endsWith(".ts") || !isForNode(path)) continue;
  files.set(path.replace(/\.ts$/, ".js"), compileForNode(config, path, source));
}
await makeProject(project, tarball, files);

const tests = [...files.keys()].filter((path) => path.endsWith("_test.js")).sort();
const built = join(folder, npmName(config));
const versions = Deno.args.length > 0 ? Deno.args : VERSIONS;
let good = true;
if (versions.some((version) => version !== "bun")) {
  good = await checkNpmPackage(built, tarball, project, examples);
  good = await deno("test", "--allow-all", "--frozen", "tests/e2e/node_pairs.ts") && good;
}
const forBun = [...files.keys()].filter(isForBun);
for (const version of versions) {
  const run = version === "bun" ? runByBun(project, forBun) : runBy(version, project, tests);
  good = await run && good;
}
Deno.exit(good ? 0 : 1);
