/**
 * Tests as Node runs them: JavaScript in a folder beside an installed package, whose files they import
 * where they imported sources.
 *
 * @module
 */
import { downLevel } from "./_down_level.ts";
import { type Config, npmName, npmSpecifier } from "./_npm_package.ts";
import { changeImports, codeOf } from "./_source.ts";

/** Test files that Node is not given, and why. Single tests that are left out say why in their place. */
const DENO_ONLY: Readonly<Record<string, string>> = {
  "tests/scripts/": "tests the checks and builds of this repository, which are programs for Deno",
  "tests/soak/": "loads processes of Deno and reads their memory by Deno's means",
  "tests/bench/": "tests pieces of the benchmark, a program for Deno",
  "tests/mod_test.ts": "reads the source of the root",
  "tests/cli/mod_test.ts": "tests the module of commands, which the npm package has as programs",
  "tests/fuzz/engine_test.ts": "keeps a corpus by Deno's means",
  "tests/fuzz/fuzz_test.ts": "reads its corpus by Deno's means",
  "tests/interleavings/": "counts on the turns of Deno's event loop, which Node takes otherwise",
  "tests/e2e/completions_test.ts": "writes files by Deno's means",
  "tests/e2e/proxy_keys_test.ts": "starts Deno in a terminal",
  "tests/e2e/watch_test.ts": "starts Deno in a terminal",
  "tests/e2e/telemetry_test.ts": "uses Deno's own OpenTelemetry",
  "tests/e2e/node_pairs.ts": "builds the package and sets Deno and Node against each other itself",
};

/** Whether a source is needed to run tests on Node. */
export function isForNode(path: string): boolean {
  return (/^(?:tests|examples|bench\/harness)\//.test(path) || path.startsWith(EXAMPLES)) &&
    !Object.keys(DENO_ONLY).some((prefix) => path.startsWith(prefix));
}

/** Whether Bun runs a compiled file: what sockets promise, and a server and client of each protocol. */
export function isForBun(path: string): boolean {
  return /^tests\/(?:net\/\w+_test|e2e\/bun_pairs)\.js$/.test(path);
}

/**
 * The TypeScript examples of a page by the paths that they are given. Each is a test: it must end.
 *
 * @param page the path of the Markdown file
 */
export function examplesOf(config: Config, page: string, text: string): Map<string, string> {
  const name = page.replace(/\.md$/, "").replaceAll("/", "_").toLowerCase();
  const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)];
  return new Map(blocks.map(([, source], index) => [
    `${EXAMPLES}${name}_${index + 1}_test.ts`,
    source!.replaceAll(config.name, npmName(config)),
  ]));
}

/**
 * Compiles the source of a test, or of what tests need, for Node 20.
 *
 * @param path relative to the root of the repository; the result belongs at the same path, with `.js`,
 * beside a `node_modules` into which the package is installed
 */
export function compileForNode(config: Config, path: string, source: string): string {
  const named = source.replaceAll(config.name, npmName(config));
  const compiled = downLevel(path, named, { sourceMap: true });
  const up = "../".repeat(path.split("/").length - 1);
  const code = changeImports(compiled, (specifier) => {
    if (!specifier.startsWith(".")) return npmSpecifier(config, specifier);
    const target = new URL(specifier, `file:///${path}`).pathname.slice(1).replace(/\.ts$/, ".js");
    const isOurs = isForNode(target) || target.endsWith(".json");
    return up + (isOurs ? target : `node_modules/${npmName(config)}/${target}`);
  });
  // On the same line, so that the source map stays right.
  const usesDeno = /(?<![.\w])Deno\./.test(codeOf(code));
  return usesDeno ? `import { Deno } from "${up}tests/support/deno_on_node.js"; ${code}` : code;
}

const EXAMPLES = "pages/";
