/**
 * The corpus: inputs that led somewhere once, one file for each target.
 *
 * The files are JSON lists of strings whose characters are bytes.
 *
 * @module
 */
import { bytesOf, latin1 } from "./target.ts";

/** The inputs of a target; none if it has no file yet. */
export function readCorpus(target: string): Uint8Array[] {
  try {
    const inputs: string[] = JSON.parse(Deno.readTextFileSync(fileOf(target)));
    return inputs.map(bytesOf);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Replaces the inputs of a target, in order and each once. */
export function writeCorpus(target: string, inputs: readonly Uint8Array[]): void {
  const lines = [...new Set(inputs.map(latin1))].sort().map((text) => `  ${quoted(text)}`);
  Deno.writeTextFileSync(fileOf(target), `[\n${lines.join(",\n")}\n]\n`);
}

/** An input as it stands in the corpus, in printable ASCII. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function fileOf(target: string): URL {
  return new URL(`corpus/${target}.json`, import.meta.url);
}
