/**
 * The table, for a terminal and for docs/BENCHMARKS.md.
 *
 * This file knows how results are shown. It does not know how they came about.
 *
 * @module
 */
import { cpus } from "node:os";
import type { Result } from "./row.ts";
import { formatSpread } from "./spread.ts";

/** On what, with what and when. */
export function machineText(language: string): string {
  const cores = cpus();
  return [
    `${cores[0]?.model ?? "unknown CPU"}, ${cores.length} cores, ${Deno.build.os}`,
    `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    `load written in ${language}`,
    new Date().toISOString().slice(0, 10),
  ].join("; ");
}

/** Columns for a terminal, with the notes below. */
export function tableOf(results: readonly Result[]): string {
  const rows = [HEAD, ...results.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()
  );
  return [...lines, "", ...notesOf(results)].join("\n");
}

/** The same in Markdown. */
export function markdownOf(machine: string, results: readonly Result[]): string {
  const rows = [HEAD, HEAD.map(() => "---"), ...results.map(cellsOf)];
  return [
    `${machine}.`,
    "",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
    "",
    ...notesOf(results),
  ].join("\n");
}

/** Puts `text` in place of what an earlier run wrote. */
export function writeDocument(text: string): void {
  const path = new URL("../../docs/BENCHMARKS.md", import.meta.url);
  const [before, rest] = Deno.readTextFileSync(path).split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`Cannot write ${path.pathname}: its marks are gone`);
  Deno.writeTextFileSync(path, `${before}${BEGIN}\n${text}\n${END}${after}`);
}

function cellsOf({ work, ours, floor, ratio, target, met }: Result): string[] {
  return [work, ours, floor, ratio ? formatSpread(ratio) : "-", target, met ? "met" : "MISSED"];
}

function notesOf(results: readonly Result[]): string[] {
  return results.flatMap(({ work, notes }) =>
    notes.map((note) => `- ${work.split(":")[0]}: ${note}`)
  );
}

const HEAD = ["work", "ours", "floor", "ratio", "must reach", "verdict"];
const BEGIN = "<!-- begin: written by deno task bench --write -->";
const END = "<!-- end -->";
