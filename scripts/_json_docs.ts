/**
 * docs/json.schema.json and docs/JSON.md, made from the types of what commands print.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };
import { LOG_LEVELS } from "../cli/command/command.ts";
import { FIELD_TEXTS } from "./_json_fields.ts";
import { type Field, type LineKind, objectSchema, type Schema } from "./_json_lines.ts";

/** The schema: a definition for each command, and any of them at the top. */
export function jsonSchema(commands: ReadonlyMap<string, readonly LineKind[]>): string {
  const head = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A line that a command of Heartline prints with --json",
    description: `Version ${config.version}. Written by deno task docs.`,
    anyOf: [...commands.keys()].map((name) => ({ $ref: `#/$defs/${name}` })),
  };
  // One kind a line, so that a change of one shows as a change of one line.
  const definitions = [...commands].map(([name, kinds]) => {
    const lines = kinds.map((kind) => JSON.stringify(kindSchema(kind)));
    return `"${name}":{"anyOf":[\n${lines.join(",\n")}\n]}`;
  });
  return `${JSON.stringify(head).slice(0, -1)},"$defs":{\n${definitions.join(",\n")}\n}}\n`;
}

/** The page: every command, every event, every field; what several commands print alike comes once. */
export function jsonPage(commands: ReadonlyMap<string, readonly LineKind[]>): string {
  const { codes, meaning } = errorCodes(commands);
  const section = (kind: LineKind): string => kindSection(kind, codes).join("\n");
  const kinds = [...commands.values()].flat();
  const common = Map.groupBy(kinds, section);
  for (const [text, { length }] of common) if (length < COMMON_FROM) common.delete(text);
  return [
    ...INTRODUCTION,
    "- [lines of several commands](#lines-of-several-commands)",
    ...[...commands.keys()].map((name) => `- [${name}](#${name})`),
    "",
    "## Error codes",
    "",
    'A word that never changes its meaning, wherever the tables below say "an error code":',
    "",
    ...meaning.slice(meaning.indexOf("`")).split("; ").map((code) => `- ${code}`),
    "",
    "## Lines of several commands",
    "",
    "Each command says below which of these it prints.",
    ...common.keys(),
    ...[...commands].flatMap(([name, kinds]) => {
      const own = kinds.map(section).filter((text) => !common.has(text));
      const others = kinds.filter((kind) => common.has(section(kind)));
      return ["", `## ${name}`, ...own, ...alsoPrinted(others)];
    }),
    "",
  ].join("\n");
}

function alsoPrinted(kinds: readonly LineKind[]): string[] {
  if (kinds.length === 0) return [];
  return ["", `And: ${kinds.map(({ event }) => `[\`${event}\`](#${event})`).join(", ")}.`];
}

function kindSchema({ event, text, fields }: LineKind): Schema & { description: string } {
  const all = [...COMMON, { ...EVENT, schema: { enum: [event] } }, ...fields];
  return { description: text, ...objectSchema(all) };
}

function kindSection({ event, text, fields }: LineKind, codes: readonly string[]): string[] {
  if (text === "") throw new Error(`The event ${event} has no comment that says what happened`);
  const rows = fields.map((field) => {
    const name = `\`${field.name}\`${field.required ? "" : " (may be absent)"}`;
    return `| ${name} | ${typeText(field.schema, codes)} | ${fieldText(event, field, codes)} |`;
  });
  const table = rows.length === 0 ? [] : ["", "| field | is | says |", "|---|---|---|", ...rows];
  return ["", `### ${event}`, "", text, ...table];
}

/** What is said beside a field comes first, then what its words mean, then what its name stands for. */
function fieldText(event: string, field: Field, codes: readonly string[]): string {
  const { name, text, schema, meaning } = field;
  const isErrorCode = "enum" in schema && schema.enum.join() === codes.join();
  const own = [text || FIELD_TEXTS[`${event}.${name}`], isErrorCode ? "" : meaning];
  const said = own.filter(Boolean).join(" ") || FIELD_TEXTS[name];
  if (said === undefined) throw new Error(`The field ${name} of ${event} is described nowhere`);
  return said;
}

function typeText(schema: Schema, codes: readonly string[]): string {
  if ("enum" in schema) {
    if (!codes.every((code) => schema.enum.includes(code))) return words(schema.enum);
    const others = schema.enum.filter((word) => !codes.includes(word));
    return others.length === 0 ? "an error code" : `${words(others)} or an error code`;
  }
  if (schema.type === "array") return `array of ${typeText(schema.items, codes)}`;
  if (schema.type !== "object") return schema.type;
  if (!("properties" in schema)) return "object";
  const fields = Object.entries(schema.properties).map(([name, value]) => {
    const mark = schema.required.includes(name) ? "" : "?";
    return `\`${name}${mark}\`: ${typeText(value, codes)}`;
  });
  return `object with ${fields.join("; ")}`;
}

function words(all: readonly string[]): string {
  return all.map((word) => `\`${word}\``).join(", ");
}

/** The words that `code` may be where a command fails, and what they mean. */
function errorCodes(
  commands: ReadonlyMap<string, readonly LineKind[]>,
): { codes: readonly string[]; meaning: string } {
  const failed = commands.get("udp-server")!.find(({ event }) => event === "failed")!;
  const { schema, meaning } = failed.fields.find(({ name }) => name === "code")!;
  return { codes: "enum" in schema ? schema.enum : [], meaning };
}

/** How many commands print a line alike where it is described once for all of them. */
const COMMON_FROM = 3;
const EVENT: Field = { name: "event", schema: { enum: [] }, required: true, text: "", meaning: "" };
const COMMON: readonly Field[] = [
  { name: "time", schema: { type: "string" }, required: true, text: "", meaning: "" },
  { name: "level", schema: { enum: LOG_LEVELS }, required: true, text: "", meaning: "" },
];

const INTRODUCTION = [
  "# The lines of --json",
  "",
  "With `--json` every command prints one JSON object a line on standard output and nothing else there.",
  "[json.schema.json](json.schema.json) is the JSON Schema of every line; `#/$defs/COMMAND` in it is that",
  "of one command. Both are generated from the types that the commands are compiled with, so a line that",
  "is not described here cannot be printed.",
  "",
  "```json",
  '{"time":"2026-11-21T08:23:12.864Z","level":"warn","event":"down","client":"127.0.0.1:5001","timeout":2000,"silentFor":2010.4}',
  "```",
  "",
  "Every line has these fields; those of its event follow.",
  "",
  "| field | is | says |",
  "|---|---|---|",
  "| `time` | string | when it was printed, ISO 8601 in UTC |",
  `| \`level\` | ${words(LOG_LEVELS)} | how grave it is; \`--log-level\` leaves out what is less |`,
  "| `event` | string | what happened: the headings below |",
  "",
  "Lengths of time are milliseconds, with fractions. Moments are milliseconds since 1970. A field that",
  "may be absent is left out where it has no value. Options that a sentence names are those of the",
  "library; `--log-level debug` turns on what says more. New versions may add events and fields: ignore",
  "what you do not know.",
  "",
];
