/**
 * The names that a module exports by lists, types included.
 *
 * @module
 */
import { readFile } from "node:fs/promises";

/** Every name of every `export { ... } from` of a file, by its path from the root. */
export async function exportedNames(path: string): Promise<string[]> {
  const source = await readFile(new URL(`../../${path}`, import.meta.url), "utf8");
  const lists = source.matchAll(/^export (?:type )?\{([^}]*)\}/gm);
  return [...lists].flatMap(([, list]) =>
    list!.split(",").map((name) => name.trim().replace(/^type /, "")).filter((name) => name !== "")
  );
}
