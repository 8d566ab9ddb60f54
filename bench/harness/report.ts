/**
 * The table, for a terminal and for docs/: there its notes are a page of the notebook.
 *
 * @module
 */
import { cpus } from "node:os";
import { PROCESSOR } from "./check.ts";
import type { Result } from "./row.ts";
import { formatSpread } from "./statistics.ts";

/** On what, with what and when. */
export function machineText(): string {
  return [
    `${PROCESSOR}, ${cpus().length} cores, ${Deno.build.os}`,
    `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    "load written in C",
    new Date().toISOString().slice(0, 10),
  ].join("; ");
}

/** Columns for a terminal. */
export function tableOf(results: readonly Result[]): string {
  const rows = [HEAD, ...results.flatMap(linesOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()
  ).join("\n");
}

/** The same in Markdown. */
export function markdownOf(results: readonly Result[]): string {
  return markdownTable(HEAD, results.flatMap(linesOf), "---");
}

/** Rows below a head in Markdown. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  alignment: "---" | "---:",
): string {
  return [head, head.map(() => alignment), ...rows].map((row) => `| ${row.join(" | ")} |`)
    .join("\n");
}

/** What else was seen, in a list. */
export function notesOf(results: readonly Result[], leftOut: readonly string[]): string {
  const lines = results.flatMap(({ work, notes, peers = [] }) => {
    const subject = work.split(":")[0];
    return [
      ...notes.map((note) => `${subject}: ${note}`),
      ...peers.flatMap(({ name, notes }) => notes.map((note) => `${subject}, ${name}: ${note}`)),
    ];
  });
  return [...lines, ...leftOut].map((line) => `- ${line}`).join("\n");
}

/**
 * Puts `text` in place of what an earlier run wrote into a page of docs/.
 *
 * @param what `deno task bench` was asked for: both marks in the page, a comment each, say so
 */
export function writeBetween(page: string, what: string, text: string): void {
  const path = new URL(`../../docs/${page}`, import.meta.url);
  const begin = `<!-- begin: deno task bench ${what} -->`,
    end = `<!-- end: deno task bench ${what} -->`;
  const [before, rest] = Deno.readTextFileSync(path).split(begin);
  const after = rest?.slice(rest.indexOf(end));
  if (!after?.startsWith(end)) throw new Error(`Cannot write ${path.pathname}: its marks are gone`);
  Deno.writeTextFileSync(path, `${before}${begin}\n${text}\n${after}`);
}

/** A result, and below it those who do the same work. */
function linesOf({ work, ours, floor = "-", ratio, target, met, peers = [] }: Result): string[][] {
  return [
    [work, ours, floor, ratio ? formatSpread(ratio) : "-", target, met ? "met" : "MISSED"],
    ...peers.map(({ name, ours, theirs, ratio, verdict }) => [
      `... next to ${name}`,
      ...[ours, theirs, ratio ? formatSpread(ratio) : "-", "-", verdict],
    ]),
  ];
}

const HEAD = ["work", "ours", "floor or peer", "ratio", "must reach", "verdict"];
