/**
 * What commands print with `--json`, read from the types in `cli/lines/json_lines.ts` and the events that
 * they name: fields, their types and what the comments say of them.
 *
 * @module
 */
import ts from "typescript";
import { fileURLToPath } from "node:url";
import { ROOT } from "./_tree.ts";

/** The part of JSON Schema that the types need. */
export type Schema =
  | { readonly type: "string" | "number" | "boolean" }
  | { readonly enum: readonly string[] }
  | { readonly type: "array"; readonly items: Schema }
  | { readonly type: "object"; readonly additionalProperties: Schema }
  | ObjectSchema;

/** An object whose fields are all known. */
export interface ObjectSchema {
  readonly type: "object";
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

/** One field of a line. */
export interface Field {
  readonly name: string;
  readonly schema: Schema;
  /** Whether every line of this kind has it. */
  readonly required: boolean;
  /** What its comment says; empty without one. */
  readonly text: string;
  /** What the comment of its type says of the words that it may be; empty without one. */
  readonly meaning: string;
}

/** One kind of line. */
export interface LineKind {
  readonly event: string;
  /** What its comment says; empty without one. */
  readonly text: string;
  /** All fields but the event itself. */
  readonly fields: readonly Field[];
}

/** The kinds of lines of each command, in the order of their declaration. */
export function readJsonLines(): Map<string, LineKind[]> {
  const file = fileURLToPath(new URL("cli/lines/json_lines.ts", ROOT));
  const program = ts.createProgram([file], OPTIONS);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file)!;
  const commands = source.statements.find((statement) => {
    return ts.isInterfaceDeclaration(statement) && statement.name.text === "JsonLines";
  }) as ts.InterfaceDeclaration;
  return new Map(commands.members.map((member) => {
    const type = checker.getTypeAtLocation(member);
    const types = type.isUnion() ? type.types.toSorted(inOrder) : [type];
    const kinds = types.flatMap((one) => kindsOf(one, checker));
    const name = (member.name as ts.StringLiteral).text;
    return [name, kinds.filter((kind) => !kinds.some((other) => extendsKind(other, kind)))];
  }));
}

/** A type is one kind of line for each word that its `type` may be. */
function kindsOf(type: ts.Type, checker: ts.TypeChecker): LineKind[] {
  const tag = checker.getTypeOfSymbol(type.getProperty("type")!);
  const fields = type.getProperties().filter(({ name }) => name !== "type")
    .map((symbol) => fieldOf(symbol, checker));
  return wordsOf(tag).map((event) => ({ event, text: commentOf(type, checker), fields }));
}

/** A command that adds fields to an event prints the event with them only. */
function extendsKind(more: LineKind, less: LineKind): boolean {
  return more.event === less.event && more.fields.length > less.fields.length &&
    less.fields.every(({ name, schema }) => {
      const same = more.fields.find((field) => field.name === name);
      return JSON.stringify(same?.schema) === JSON.stringify(schema);
    });
}

function fieldOf(symbol: ts.Symbol, checker: ts.TypeChecker): Field {
  const type = checker.getTypeOfSymbol(symbol);
  const schema = schemaOf(type, checker);
  const mayLack = type.isUnion() && type.types.some(isUndefined);
  return {
    name: symbol.name,
    schema,
    // JSON leaves out what is undefined.
    required: !mayLack && (symbol.flags & ts.SymbolFlags.Optional) === 0,
    text: documentationOf(symbol, checker),
    meaning: type.aliasSymbol && "enum" in schema ? documentationOf(type.aliasSymbol, checker) : "",
  };
}

/** A comment on one line; a table in it becomes `word`: meaning; and so on. */
function documentationOf(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  const lines = ts.displayPartsToString(symbol.getDocumentationComment(checker)).split("\n");
  const rows = lines.flatMap((line) => {
    const row = /^\| (`.+?`) \| (.+) \|$/.exec(line);
    return row ? [`${row[1]}: ${row[2]}`] : [];
  });
  const prose = lines.filter((line) => line !== "" && !line.startsWith("|")).join(" ");
  return [prose, rows.join("; ")].filter((part) => part !== "").join(" ");
}

function schemaOf(given: ts.Type, checker: ts.TypeChecker): Schema {
  const type = checker.getNonNullableType(given);
  if (type.flags & ts.TypeFlags.BooleanLike || isBoolean(type)) return { type: "boolean" };
  const words = wordsOf(type);
  if (words.length > 0) return { enum: words };
  if (type.flags & ts.TypeFlags.String) return { type: "string" };
  if (type.flags & ts.TypeFlags.Number) return { type: "number" };
  const element = type.getNumberIndexType();
  if (element) return { type: "array", items: schemaOf(element, checker) };
  const value = type.getStringIndexType();
  if (value) return { type: "object", additionalProperties: schemaOf(value, checker) };
  const fields = type.getProperties().map((symbol) => fieldOf(symbol, checker));
  if (!(type.flags & ts.TypeFlags.Object) || fields.length === 0) {
    throw new Error(`Cannot write a schema: ${checker.typeToString(type)} is no JSON`);
  }
  return objectSchema(fields);
}

/** The schema of an object with just these fields. */
export function objectSchema(fields: readonly Field[]): ObjectSchema {
  return {
    type: "object",
    properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
    required: fields.filter(({ required }) => required).map(({ name }) => name),
    additionalProperties: false,
  };
}

/** The words of a union of string literals, sorted: TypeScript's order is not ours. */
function wordsOf(type: ts.Type): string[] {
  const types = type.isUnion() ? type.types.filter((one) => !isUndefined(one)) : [type];
  return types.every((one) => one.isStringLiteral()) ? types.map(({ value }) => value).sort() : [];
}

function isBoolean(type: ts.Type): boolean {
  return type.isUnion() && type.types.every(({ flags }) => flags & ts.TypeFlags.BooleanLike);
}

function isUndefined({ flags }: ts.Type): boolean {
  return (flags & ts.TypeFlags.Undefined) !== 0;
}

/** What is written above an interface, or above the member of a union that a type was written as. */
function commentOf(type: ts.Type, checker: ts.TypeChecker): string {
  let node = declarationOf(type);
  if (ts.isInterfaceDeclaration(node)) {
    return documentationOf(checker.getTypeAtLocation(node).symbol, checker);
  }
  while (ts.isParenthesizedTypeNode(node.parent) || ts.isIntersectionTypeNode(node.parent)) {
    node = node.parent;
  }
  const siblings = ts.isUnionTypeNode(node.parent) ? [...node.parent.types] : [];
  const before = siblings[siblings.indexOf(node as ts.TypeNode) - 1];
  const from = before?.end ?? (siblings.length > 0 ? node.parent.pos : node.pos);
  const comment = /\/\*\*([\s\S]*?)\*\/\s*\|?\s*$/.exec(
    node.getSourceFile().text.slice(from, node.getStart()),
  );
  return (comment?.[1] ?? "").replaceAll(/\s*\n\s*\*/g, " ").trim().replaceAll(/\s+/g, " ");
}

/** The events of the protocol, what the command adds, and what is the same everywhere. */
function inOrder(one: ts.Type, other: ts.Type): number {
  const [a, b] = [declarationOf(one), declarationOf(other)];
  const rank = (node: ts.Node): number => {
    const { fileName } = node.getSourceFile();
    return fileName.endsWith("/events.ts") ? 0 : fileName.includes("/cli/") ? 1 : 2;
  };
  return rank(a) - rank(b) || a.pos - b.pos;
}

/** Where a type is written; of an intersection, its first part. */
function declarationOf(type: ts.Type): ts.Node {
  const parts = type.isIntersection() ? type.types : [type];
  return parts.map(({ symbol }) => symbol?.declarations?.[0]).find((found) => found !== undefined)!;
}

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  exactOptionalPropertyTypes: true,
  allowImportingTsExtensions: true,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  target: ts.ScriptTarget.ESNext,
  types: [],
};
