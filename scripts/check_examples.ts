/**
 * Checks that every export is shown: by an example that `deno test --doc` runs, or, if it is a type, by
 * the examples of what takes or gives it.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };
import { quietly } from "./_run.ts";
import { report, ROOT, type Violation } from "./_tree.ts";

/** What `deno doc --json` says of each entry point, by the URL of its file. */
export type Docs = Readonly<Record<string, EntryPoint>>;

/** One module that users import. */
export interface EntryPoint {
  /** What stands at its head. */
  readonly module_doc?: Comment;
  /** Its exports, also those that other files declare. */
  readonly symbols: readonly Export[];
}

interface Comment {
  readonly tags?: readonly { readonly kind: string; readonly doc?: string }[];
}

interface Export {
  readonly name: string;
  readonly declarations: readonly Declaration[];
}

interface Declaration {
  readonly kind: string;
  readonly jsDoc?: Comment;
  readonly location: { readonly filename: string; readonly line: number };
  /** Its types, among much else. */
  readonly def?: unknown;
}

/**
 * Every module and export that no example shows, each said once, whoever else exports it too.
 *
 * @param root what the URLs of files begin with, up to the root of the repository
 */
export function violations(docs: Docs, root: string): Violation[] {
  // What one module exports may be taken or given by what another does.
  const reached = reachable(Object.values(docs).flatMap(({ symbols }) => symbols));
  const found = Object.entries(docs).flatMap(([file, { module_doc, symbols }]) => [
    ...(hasExample(module_doc)
      ? []
      : [{ path: file, line: 1, message: "is an entry point without a runnable @example" }]),
    ...unshown(symbols, reached),
  ]);
  const paths = found.map((violation) => ({
    ...violation,
    path: violation.path.replace(root, ""),
  }));
  return [...new Map(paths.map((one) => [`${one.path}:${one.line} ${one.message}`, one])).values()];
}

function unshown(symbols: readonly Export[], reached: ReadonlySet<string>): Violation[] {
  return symbols.flatMap(({ name, declarations }) => {
    if (declarations.some(({ jsDoc }) => hasExample(jsDoc))) return [];
    return declarations.flatMap(({ kind, location: { filename: path, line } }) => {
      if (VALUES.has(kind)) {
        return [{ path, line, message: `exports the ${kind} ${name} without a runnable @example` }];
      }
      if (reached.has(name)) return [];
      const message = `exports the type ${name}, which no function or class takes or gives; ` +
        "it needs a runnable @example of its own";
      return [{ path, line, message }];
    });
  });
}

/** The names that functions and classes mention in their types, and what these mention in turn. */
function reachable(symbols: readonly Export[]): ReadonlySet<string> {
  const declared = new Map(symbols.map(({ name, declarations }) => [name, declarations]));
  const values = symbols.filter(({ declarations }) =>
    declarations.some(({ kind }) => VALUES.has(kind))
  );
  const reached = new Set(values.map(({ name }) => name));
  // A set may grow while it is iterated: new names are visited too.
  for (const name of reached) {
    for (const { def } of declared.get(name) ?? []) {
      for (const mentioned of typeNames(def)) reached.add(mentioned);
    }
  }
  return reached;
}

function* typeNames(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "typeName" || key === "extends" && typeof inner === "string") yield inner;
    else yield* typeNames(inner);
  }
}

/** A block that is only `ts`: with `ignore` behind it, it would not be run. */
function hasExample(comment: Comment | undefined): boolean {
  return (comment?.tags ?? []).some(({ kind, doc = "" }) =>
    kind === "example" && /^```ts\n/m.test(doc)
  );
}

/** What is there at run time. */
const VALUES: ReadonlySet<string> = new Set(["function", "class", "variable", "enum"]);

if (import.meta.main) {
  const root = fileURLToPath(ROOT);
  // One by one: what two entry points export would be written out for one of them only.
  const docs = await Promise.all(
    Object.values(config.exports).map(async (entryPoint) => {
      const said = await quietly(root, Deno.execPath(), "doc", "--json", "--quiet", entryPoint);
      return JSON.parse(said).nodes as Docs;
    }),
  );
  report(violations(Object.assign({}, ...docs), ROOT.href));
}
