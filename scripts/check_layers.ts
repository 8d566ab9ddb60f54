/**
 * Checks who imports whom: `core <- protocols <- mod.ts <- cli`, one direction only, and no file that
 * imports itself by way of others, not even for a type.
 *
 * @module
 */
import { PROTOCOLS } from "./_protocols.ts";
import { type Import, importsOf } from "./_source.ts";
import { type Files, readTree, report, type Violation } from "./_tree.ts";

/** Some files and everything they may import. */
interface Layer {
  /** Paths; `*` at the end stands for anything, also in folders below. */
  readonly files: readonly string[];
  /** Paths as above, `node:*`, or `package` for every other module; `type ` allows only types. */
  readonly may: readonly string[];
}

/** Sockets, as a protocol sees them: interfaces, what picks their runtime, and the connection layer. */
const NET = [
  ...["mod", "net", "datagram", "stream", "open"],
  ...["connection", "dial", "stream_server", "stream_client"],
].map((file) => `net/${file}.ts`);

/** The table. The first row that names a file rules it; a file that no row names breaks the rule. */
const LAYERS: readonly Layer[] = [
  { files: ["core/*"], may: ["core/*"] },
  { files: ["net/*"], may: ["core/*", "net/*", "node:*"] },
  // Its default store, loaded when the first server is opened.
  {
    files: ["sequence/server.ts"],
    may: ["core/*", "sequence/*", "store/memory.ts", ...NET],
  },
  // It holds both connections of a link, and opens neither.
  { files: ["proxy/stream_pair.ts"], may: ["core/*", "proxy/*", "type net/stream.ts"] },
  ...PROTOCOLS.flatMap((name) => [
    { files: [`${name}/server.ts`, `${name}/client.ts`], may: ["core/*", `${name}/*`, ...NET] },
    { files: [`${name}/*`], may: ["core/*", `${name}/*`] },
  ]),
  // What a socket throws is named in one place, also where a package opened it.
  {
    files: ["store/*"],
    may: ["core/*", "store/*", "type sequence/*", "net/failure.ts", "node:*", "package"],
  },
  { files: ["telemetry/*"], may: ["core/*", "telemetry/*"] },
  { files: ["mod.ts"], may: ["core", "net", ...PROTOCOLS].map((name) => `${name}/mod.ts`) },
  {
    files: ["cli/*"],
    // The version stands in deno.json alone.
    may: ["mod.ts", "deno.json", "cli/*", "node:*", "package"].concat(
      ["core", "net", "store", "telemetry", ...PROTOCOLS].map((name) => `${name}/*`),
    ),
  },
  { files: ["types/*"], may: [] },
  // Nobody is allowed to import these; they may import anything.
  { files: ["tests/*", "bench/*", "scripts/*", "examples/*"], may: ["*"] },
];

/** What loading `mod.ts` must not load: the library is imported where there are no sockets too. */
const ADAPTERS = ["net/deno.ts", "net/node.ts", "store/*", "node:*"];

/** Every import that goes against the table, every way from `mod.ts` to an adapter, and every circle. */
export function violations(files: Files): Violation[] {
  const tree = new Map([...files].map(([path, source]) => [path, importsOf(source)]));
  return [
    ...[...tree].flatMap(([path, imports]) => againstTable(path, imports)),
    ...adapters(tree),
    ...circles(tree),
  ];
}

/** Each import that leads back to its file, whether anything of it is left at run time or not. */
function circles(tree: ReadonlyMap<string, readonly Import[]>): Violation[] {
  const found: Violation[] = [];
  // A file is left once everything that it imports was seen: no circle that is new goes through it.
  const left = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    for (const { specifier, line, kind } of tree.get(path) ?? []) {
      if (kind === "dynamic") continue;
      const target = targetOf(path, specifier);
      const start = [...way, path].indexOf(target);
      if (start >= 0) {
        const circle = [...way, path].slice(start).concat(target).join(" -> ");
        found.push({ path, line, message: `closes a circle of imports: ${circle}` });
      } else if (!left.has(target)) {
        visit(target, [...way, path]);
      }
    }
    left.add(path);
  };
  for (const path of tree.keys()) if (!left.has(path)) visit(path, []);
  return found;
}

function againstTable(path: string, imports: readonly Import[]): Violation[] {
  const layer = LAYERS.find(({ files }) => files.some((pattern) => matches(pattern, path)));
  if (!layer) return [{ path, line: 1, message: "is in no row of the table of layers" }];
  return imports
    .filter(({ specifier, kind }) => !mayImport(layer, targetOf(path, specifier), kind))
    .map(({ specifier, line }) => ({
      path,
      line,
      message: `may not import ${specifier ?? "a computed name"}; it may import ${list(layer.may)}`,
    }));
}

function mayImport(layer: Layer, target: string, kind: Import["kind"]): boolean {
  return layer.may.some((pattern) =>
    pattern.startsWith("type ")
      ? kind === "type" && matches(pattern.slice(5), target)
      : matches(pattern, target)
  );
}

/** Follows what loading `mod.ts` loads, and names the way to each adapter it meets. */
function adapters(tree: ReadonlyMap<string, readonly Import[]>): Violation[] {
  const found: Violation[] = [];
  const way = new Map([["mod.ts", "mod.ts"]]);
  // A map may grow while it is iterated: new files are visited too.
  for (const [path, steps] of way) {
    for (const { specifier, line, kind } of tree.get(path) ?? []) {
      if (kind !== "static") continue;
      const target = targetOf(path, specifier);
      if (ADAPTERS.some((adapter) => matches(adapter, target))) {
        const message = `loads an adapter when mod.ts is imported: ${steps} -> ${specifier}`;
        found.push({ path, line, message });
      } else if (!way.has(target)) {
        way.set(target, `${steps} -> ${target}`);
      }
    }
  }
  return found;
}

/** A path in this repository, `node:...`, or `package`. */
function targetOf(path: string, specifier: string | undefined): string {
  if (specifier === undefined) return "a computed name";
  if (specifier.startsWith("node:")) return specifier;
  if (!/^\.{0,2}\//.test(specifier)) return "package";
  return new URL(specifier, `file:///${path}`).pathname.slice(1);
}

function matches(pattern: string, path: string): boolean {
  return pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "nothing" : names.join(", ");
}

if (import.meta.main) report(violations(await readTree()));
