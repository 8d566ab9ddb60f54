/**
 * Every event, option and field that the protocols have stands in docs/GLOSSARY.md.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { PROTOCOLS } from "../../scripts/_protocols.ts";
import { readTree, ROOT } from "../../scripts/_tree.ts";

Deno.test("wordsOf() finds events, options and fields", { permissions: "none" }, () => {
  const source = `export interface Options {
  /** Which of them. */
  port?: number;
}
export type Event = { readonly type: "up" | "group-down"; readonly downFor?: number };
`;
  assertEquals(wordsOf("udp/events.ts", source), ["up", "group-down", "port", "downFor"]);
  assertEquals(wordsOf("udp/client.ts", source), ["port"]);
});

Deno.test("every word that the protocols give their users is in the glossary", async () => {
  const glossary = await Deno.readTextFile(new URL("docs/GLOSSARY.md", ROOT));
  const explained = new Set(
    [...glossary.matchAll(/`([\w-]+)(?:\(\))?`/g)].map(([, word]) => word!),
  );
  const missing = [...await readTree()]
    .filter(([path]) => FILES.some((file) => PROTOCOLS.some((name) => path === `${name}/${file}`)))
    .flatMap(([path, source]) => wordsOf(path, source).map((word) => `${path}: ${word}`))
    .filter((line) => !explained.has(line.split(": ")[1]!));
  assertEquals(missing, []);
});

/** The types and the fields of events, and the options, that a file declares. */
function wordsOf(path: string, source: string): string[] {
  const options = [...source.matchAll(/^ {2}(\w+)\?:/gm)].map(([, word]) => word!);
  if (!path.endsWith("/events.ts")) return options;
  const types = [...source.matchAll(/\btype: ("[^;}]+)/g)].flatMap(([, union]) =>
    [...union!.matchAll(/"([a-z-]+)"/g)].map(([, word]) => word!)
  );
  const fields = [...source.matchAll(/\breadonly (\w+)\??:/g)].map(([, word]) => word!);
  return [...types, ...options, ...fields.filter((word) => word !== "type")];
}

const FILES = [
  "events.ts",
  "options.ts",
  "server.ts",
  "client.ts",
  "lease_table.ts",
  "tcp_requests.ts",
];
