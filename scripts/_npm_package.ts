/**
 * What the npm package is, read off `deno.json`: its name, its commands, and its `package.json`. A new
 * export, command or dependency is written there and nowhere else.
 *
 * @module
 */

/** The part of `deno.json` that the package is made from. */
export interface Config {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  /** Entry points, as in `"./udp": "./udp/mod.ts"`. */
  readonly exports: Readonly<Record<string, string>>;
  /** Tasks; those that run `cli/<name>.ts` are the commands. */
  readonly tasks: Readonly<
    Record<string, { readonly description: string; readonly command: string }>
  >;
  /** Names of packages, as in `"@std/assert": "npm:deno-std@1.4.0/assert/mod.js"`. */
  readonly imports: Readonly<Record<string, string>>;
}

/** A command of the package. */
export interface PackageCommand {
  /** What a user types, as in `udp-server`. */
  readonly name: string;
  /** Its file in `cli/`, without the extension. */
  readonly file: string;
  /** One line. */
  readonly summary: string;
}

/** Without the scope that JSR wants: `@heartline/heartline` is `heartline` on npm. */
export function npmName({ name }: Pick<Config, "name">): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** Every task that runs a file of `cli/` which is named like the task. */
export function commandsOf({ tasks }: Pick<Config, "tasks">): PackageCommand[] {
  return Object.entries(tasks).flatMap(([name, { description, command }]) => {
    const file = name.replaceAll("-", "_");
    return command.endsWith(` cli/${file}.ts`) ? [{ name, file, summary: description }] : [];
  });
}

/** The text of each file in `bin/`, by its name without the extension. */
export function binFiles(config: Config): Map<string, string> {
  const commands = commandsOf(config);
  const table = commands.map(({ name, file, summary }) => {
    const load = `() => import("../cli/${file}.js")`;
    return `  ${JSON.stringify(name)}: { summary: ${JSON.stringify(summary)}, load: ${load} },\n`;
  });
  return new Map([
    ...commands.map(({ file }): [string, string] => [
      file,
      program(`import { main } from "../cli/${file}.js";\n`, "main("),
    ]),
    [
      npmName(config),
      program(
        `import { runSubCommand } from "../cli/command/sub_commands.js";\n\n` +
          `const commands = {\n${table.join("")}};\n`,
        "runSubCommand(commands, ",
      ),
    ],
  ]);
}

/** How npm knows what a file imports: an alias of `deno.json` becomes the module it stands for. */
export function npmSpecifier({ imports }: Pick<Config, "imports">, specifier: string): string {
  const target = imports[specifier];
  if (target === undefined) return specifier;
  const { name, path } = parsedTarget(target);
  return name + path;
}

/**
 * The `package.json`.
 *
 * @param imported what each file of the package imports, by its path in the package. A package that
 * only commands import is a dependency; one that a library module imports is an optional peer, so that
 * whoever does not use that module is not given it
 */
export function packageJson(
  config: Config,
  imported: ReadonlyMap<string, readonly string[]>,
): Record<string, unknown> {
  const { version, description, license, exports } = config;
  const name = npmName(config);
  const peers = dependencies(config, imported, (path) => !path.startsWith("cli/"));
  const all = dependencies(config, imported, () => true);
  return {
    ...{ name, version, description, license },
    keywords: ["heartbeat", "failure-detection", "keepalive", "udp", "tcp", "lease", "resume"],
    type: "module",
    sideEffects: false,
    engines: { node: ">=20" },
    exports: {
      ...Object.fromEntries(
        // The package has the commands as programs, not as a module.
        Object.entries(exports).filter(([entry]) => entry !== "./cli").map(([entry, file]) => {
          const path = file.replace(/\.ts$/, "");
          return [entry, { types: `${path}.d.ts`, default: `${path}.js` }];
        }),
      ),
      "./package.json": "./package.json",
    },
    bin: Object.fromEntries([
      [name, `bin/${name}.js`],
      ...commandsOf(config).map((command) => [`${name}-${command.name}`, `bin/${command.file}.js`]),
    ]),
    dependencies: Object.fromEntries(Object.entries(all).filter(([key]) => !(key in peers))),
    ...(Object.keys(peers).length > 0 && {
      peerDependencies: peers,
      peerDependenciesMeta: Object.fromEntries(
        Object.keys(peers).map((key) => [key, { optional: true }]),
      ),
    }),
  };
}

/** The packages, with the range of versions, that the files for which `wanted` holds import. */
export function dependencies(
  { imports }: Pick<Config, "imports">,
  imported: ReadonlyMap<string, readonly string[]>,
  wanted: (path: string) => boolean,
): Record<string, string> {
  const specifiers = new Set(
    [...imported].filter(([path]) => wanted(path)).flatMap(([, specifiers]) => specifiers),
  );
  const targets = Object.values(imports).map(parsedTarget);
  return Object.fromEntries(
    targets.filter(({ name, path }) => specifiers.has(name + path))
      .map(({ name, version }) => [name, `^${version}`]),
  );
}

function program(imports: string, call: string): string {
  return `#!/usr/bin/env node\nimport process from "node:process";\n${imports}\n` +
    `process.exitCode = await ${call}process.argv.slice(2));\n`;
}

function parsedTarget(target: string): { name: string; version: string; path: string } {
  const parts = TARGET.exec(target)?.groups;
  if (!parts) throw new Error(`Cannot put ${target} into an npm package: wanted npm:NAME@VERSION`);
  return { name: parts.name!, version: parts.version!, path: parts.path! };
}

const TARGET = /^npm:(?<name>(?:@[^/]+\/)?[^@/]+)@(?<version>[^/]+)(?<path>.*)$/;
