import { assertEquals } from "@std/assert";
import { changeImports, codeOf, importsOf, lineAt } from "../../scripts/_source.ts";

/** Each row: what it shows, a source, and its code. */
const CODE: readonly (readonly [title: string, source: string, code: string])[] = [
  ["a line comment", "a(); // b()\nc();", "a();       \nc();"],
  ["a block comment keeps its lines", "a /* b\n c */ d", "a     \n      d"],
  ["strings keep their quotes", `a("b", 'c')`, `a(" ", ' ')`],
  ["an escaped quote does not end a string", String.raw`a("b\"c")`, `a("    ")`],
  ["a comment sign in a string is text", `a("http://b"); c`, `a("        "); c`],
  ["a quote in a comment is text", `// it's\na("b")`, `       \na(" ")`],
  ["a template keeps its expressions", "`a ${b(c)} d`", "`   {b(c)}  `"],
  ["a template in a template", "`a ${b(`c ${d}`)}` + e", "`   {b(`   {d}`)}` + e"],
  ["braces in an expression", "`a ${ {b: 1} } c` + d", "`   { {b: 1} }  ` + d"],
  ["a regular expression", String.raw`a.match(/[/"]\/b/g) + "c"`, `a.match(/        /) + " "`],
  ["a division", `a / b / "c"`, `a / b / " "`],
  ["a regular expression behind a keyword", `return /"/.test(a)`, `return / /.test(a)`],
];

Deno.test({ name: "codeOf() leaves only code", permissions: "none" }, async (t) => {
  for (const [title, source, code] of CODE) {
    await t.step(title, () => {
      assertEquals(codeOf(source), code);
      assertEquals(codeOf(source).length, source.length);
    });
  }
});

/** Each row: a source, and the specifier and kind of each import in it. */
const IMPORTS: readonly (readonly [source: string, imports: readonly string[]])[] = [
  [`import { a } from "./a.ts";`, ["./a.ts static"]],
  [`import a, * as b from './a.ts';`, ["./a.ts static"]],
  [`import {\n  a,\n  type B,\n} from "./a.ts";`, ["./a.ts static"]],
  [`import "./a.ts";`, ["./a.ts static"]],
  [`import type { A } from "./a.ts";`, ["./a.ts type"]],
  [`import type from "./a.ts";`, ["./a.ts static"]],
  [`export * from "./a.ts";`, ["./a.ts static"]],
  [`export * as a from "./a.ts";`, ["./a.ts static"]],
  [`export { a } from "./a.ts"; export type { B } from "./b.ts";`, [
    "./a.ts static",
    "./b.ts type",
  ]],
  [`await import("./a.ts")`, ["./a.ts dynamic"]],
  ["await import(`./a.ts`)", ["./a.ts dynamic"]],
  [`await import(name)`, ["undefined dynamic"]],
  [`import.meta.main; export const from = "./a.ts";`, []],
  [`export function a(): void {}\nimport "./b.ts";`, ["./b.ts static"]],
  [`// import "./a.ts";\n/** import { a } from "./a.ts"; */`, []],
  [`const text = 'import "./a.ts"';`, []],
];

Deno.test({ name: "importsOf() finds every import", permissions: "none" }, async (t) => {
  for (const [source, imports] of IMPORTS) {
    await t.step(JSON.stringify(source), () => {
      const found = importsOf(source).map(({ specifier, kind }) => `${specifier} ${kind}`);
      assertEquals(found, imports);
    });
  }
});

Deno.test({ name: "importsOf() names the line", permissions: "none" }, () => {
  const source = `/* 1\n */ import "./a.ts";\nimport {\n  a,\n} from "./b.ts";\n\nimport(c);`;
  assertEquals(importsOf(source).map(({ line }) => line), [2, 5, 7]);
});

Deno.test({ name: "changeImports() changes names in imports alone", permissions: "none" }, () => {
  const source =
    `import "./a.ts"; const b = "./a.ts"; // import "./a.ts"\nawait import("./a.ts"); import(c);`;
  const wanted =
    `import "A"; const b = "./a.ts"; // import "./a.ts"\nawait import("A"); import(c);`;
  assertEquals(changeImports(source, (name) => name === "./a.ts" ? "A" : name), wanted);
});

Deno.test({ name: "lineAt() counts from 1", permissions: "none" }, () => {
  assertEquals([0, 1, 2, 3].map((offset) => lineAt("a\nb\n", offset)), [1, 1, 2, 2]);
});
