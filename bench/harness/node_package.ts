/**
 * The library on Node: the npm package, built from these sources and installed as a user would.
 *
 * @module
 */
import { dirname } from "node:path";
import deno from "../../deno.json" with { type: "json" };
import { quietly } from "../../scripts/_run.ts";
import { ROOT } from "../../scripts/_tree.ts";
import { CannotMeasure, type Children, onDeno } from "./children.ts";

/** The package, made when it is first asked for. */
export class NodePackage {
  readonly #children: Children;
  #project: Promise<string> | undefined;
  #workers: Promise<ReadonlyMap<string, string>> | undefined;

  /** Installs into a folder of `children`. */
  constructor(children: Children) {
    this.#children = children;
  }

  /**
   * A folder with the package in its `node_modules`.
   *
   * @throws {CannotMeasure} on a machine without Node
   */
  project(): Promise<string> {
    return this.#project ??= this.#install();
  }

  /**
   * The command line that runs a worker on Node: the floors of Node, or itself, if it needs nothing that is
   * Deno's alone. The others make load, and stay on Deno.
   */
  async launch(module: string, v8Flags: readonly string[]): Promise<readonly string[]> {
    const workers = await (this.#workers ??= this.#compile());
    const path = workers.get(module.replace("floors/deno.ts", "floors/node.ts"));
    return path === undefined ? onDeno(module, v8Flags) : ["node", ...v8Flags, path];
  }

  /** Which Node this machine has, as in "Node v20.19.2"; throws as `project` does. */
  async version(): Promise<string> {
    try {
      return `Node ${(await quietly(".", "node", "--version")).trim()}`;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new CannotMeasure("Node is not installed");
    }
  }

  /** Compiles the workers that Node can run into the project; returns where each is. */
  async #compile(): Promise<Map<string, string>> {
    const project = await this.project();
    const { compileForNode } = await import("../../scripts/_node_tests.ts");
    const workers = new Map<string, string>();
    for (const folder of ["bench/harness", "bench/product/workers", "bench/floors"]) {
      for await (const { name } of Deno.readDir(new URL(`${folder}/`, ROOT))) {
        const source = `${folder}/${name}`;
        const text = await Deno.readTextFile(new URL(source, ROOT));
        if (text.includes("Deno.")) continue;
        const path = `${project}/${source.replace(/ts$/, "js")}`;
        await Deno.mkdir(dirname(path), { recursive: true });
        await Deno.writeTextFile(path, compileForNode(deno, source, text));
        workers.set(source.replace("bench/", ""), path);
      }
    }
    return workers;
  }

  async #install(): Promise<string> {
    await this.version();
    const folder = this.#children.folder();
    // Loaded for this alone: it brings the TypeScript compiler.
    const { buildNpmPackage } = await import("../../scripts/build_npm.ts");
    const tarball = await buildNpmPackage(`${folder}/build`);
    await Deno.writeTextFile(`${folder}/package.json`, JSON.stringify({ type: "module" }));
    const flags = ["--silent", "--no-audit", "--no-fund", "--prefer-offline"];
    await quietly(folder, "npm", "install", ...flags, tarball);
    return folder;
  }
}
