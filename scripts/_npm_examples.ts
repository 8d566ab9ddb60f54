/**
 * The examples in the comments of the npm package: whoever copies one has Node's assertions and not those
 * of Deno's standard library.
 *
 * @module
 */

/** The code with the assertions that its examples import taken from `node:assert/strict`. */
export function npmExamples(code: string): string {
  return code.replaceAll(IMPORT, (_, head: string, names: string) => {
    const imported = names.split(",").map((name) => name.trim())
      .map((name) => `${NODE[name] ?? unknown(name)} as ${name}`);
    return `${head}import { ${imported.join(", ")} } from "node:assert/strict"`;
  });
}

function unknown(name: string): never {
  const known = Object.keys(NODE).join(", ");
  throw new Error(
    `Cannot put an example into the npm package: wanted one of ${known}, found ${name}`,
  );
}

/** An import in a comment; one in code stays. */
const IMPORT = /^(\s*\* )import \{([^}]*)\} from "@std\/assert"/gm;

/** What Node calls an assertion. */
const NODE: Readonly<Record<string, string>> = {
  assert: "ok",
  assertEquals: "deepEqual",
  assertRejects: "rejects",
  assertStrictEquals: "strictEqual",
  assertThrows: "throws",
};
