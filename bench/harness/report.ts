/**
 * The table, for a terminal and for docs/BENCHMARKS.md.
 *
 * This file knows how results are shown. It does not know how they came about.
 *
 * @module
 */
import { cpus } from "node:os";
import type { Result } from "./row.ts";
import { formatSpread, type Spread } from "./spread.ts";

/** On what, with what and when. */
export function machineText(): string {
  const cores = cpus();
  return [
    `${cores[0]?.model ?? "unknown CPU"}, ${cores.length} cores, ${Deno.build.os}`,
    `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    "load written in C",
    new Date().toISOString().slice(0, 10),
  ].join("; ");
}

/** Columns for a terminal, with the notes below. */
export function tableOf(results: readonly Result[], leftOut: readonly string[] = []): string {
  const rows = [HEAD, ...results.flatMap(linesOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()
  );
  return [...lines, "", ...notesOf(results, leftOut)].join("\n");
}

/** The same in Markdown. */
export function markdownOf(
  machine: string,
  results: readonly Result[],
  leftOut: readonly string[] = [],
): string {
  const rows = [HEAD, HEAD.map(() => "---"), ...results.flatMap(linesOf)];
  return [
    `${machine}.`,
    "",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
    "",
    ...notesOf(results, leftOut),
  ].join("\n");
}

/** Puts `text` in place of the table that an earlier run wrote. */
export function writeDocument(text: string): void {
  writeBetween(TABLE, text);
}

/** Two lines of docs/BENCHMARKS.md, between which a program writes. */
export interface Marks {
  readonly begin: string;
  readonly end: string;
}

/** Puts `text` in place of what an earlier run wrote between two marks. */
export function writeBetween({ begin, end }: Marks, text: string): void {
  const path = new URL("../../docs/BENCHMARKS.md", import.meta.url);
  const [before, rest] = Deno.readTextFileSync(path).split(begin);
  const after = rest?.slice(rest.indexOf(end));
  if (!after?.startsWith(end)) throw new Error(`Cannot write ${path.pathname}: its marks are gone`);
  Deno.writeTextFileSync(path, `${before}${begin}\n${text}\n${after}`);
}

/** A result, and below it those who do the same work. */
function linesOf({ work, ours, floor, ratio, target, met, peers = [] }: Result): string[][] {
  return [
    [work, ours, floor, textOf(ratio), target, met ? "met" : "MISSED"],
    ...peers.map((peer) => [
      `... next to ${peer.name}`,
      ...[peer.ours, peer.theirs, textOf(peer.ratio), "-", peer.verdict],
    ]),
  ];
}

function textOf(ratio: Spread | undefined): string {
  return ratio ? formatSpread(ratio) : "-";
}

function notesOf(results: readonly Result[], leftOut: readonly string[]): string[] {
  const lines = results.flatMap(({ work, notes, peers = [] }) => {
    const subject = work.split(":")[0];
    return [
      ...notes.map((note) => `${subject}: ${note}`),
      ...peers.flatMap(({ name, notes }) => notes.map((note) => `${subject}, ${name}: ${note}`)),
    ];
  });
  return [...lines, ...leftOut].map((line) => `- ${line}`);
}

const HEAD = ["work", "ours", "floor or peer", "ratio", "must reach", "verdict"];
const TABLE: Marks = {
  begin: "<!-- begin: written by deno task bench --write -->",
  end: "<!-- end -->",
};
