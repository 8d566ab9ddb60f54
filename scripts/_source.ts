/**
 * What a TypeScript file says, without what only looks like code; the checks are built on it.
 *
 * @module
 */

/** One `import`, `export ... from` or `import()`. */
export interface Import {
  /** What is imported, as written; `undefined` if it is computed at run time. */
  readonly specifier: string | undefined;
  /** 1-based. */
  readonly line: number;
  /** `type`: gone after compiling; `static`: loaded with the file; `dynamic`: loaded on call. */
  readonly kind: "type" | "static" | "dynamic";
}

/**
 * The source with comments and the insides of strings and regular expressions made blank. Every
 * character keeps its place, so an offset in one is an offset in the other.
 */
export function codeOf(source: string): string {
  // One entry for each open brace: whether it is a `${`, whose end leads back into a template.
  const braces: boolean[] = [];
  let code = "";
  while (code.length < source.length) {
    const at = code.length;
    const first = source[at]!;
    if (first === "`" || (first === "}" && braces.pop())) {
      const text = matchAt(TEMPLATE, source, at);
      if (text.endsWith("{")) braces.push(true);
      code += first + blank(text.slice(1, -1)) + text.slice(1).slice(-1);
      continue;
    }
    if (first === "{") braces.push(false);
    code += blankTokenAt(source, at, code);
  }
  return code;
}

/** Every import of a file, in order. */
export function importsOf(source: string): Import[] {
  return [...placedImports(source)].map(({ start: _, ...found }) => found);
}

/** The source with `change` applied to the name in every import that is not computed. */
export function changeImports(source: string, change: (specifier: string) => string): string {
  let changed = "";
  let end = 0;
  for (const { specifier, start } of placedImports(source)) {
    if (specifier === undefined) continue;
    changed += source.slice(end, start) + change(specifier);
    end = start + specifier.length;
  }
  return changed + source.slice(end);
}

/** The 1-based line of an offset. */
export function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length;
}

/** Every import with the offset of its specifier. */
function* placedImports(source: string): Generator<Import & { start: number }> {
  const code = codeOf(source);
  for (const match of code.matchAll(IMPORT)) {
    const start = match.index + match[0].length;
    const quote = code[start - 1]!;
    const quoted = /["'`]/.test(quote);
    yield {
      specifier: quoted ? source.slice(start, code.indexOf(quote, start)) : undefined,
      line: lineAt(source, quoted ? start : match.index),
      kind: match.groups!.call ? "dynamic" : match.groups!.type ? "type" : "static",
      start,
    };
  }
}

/** A comment, string or regular expression made blank, or else the one character at `at`. */
function blankTokenAt(source: string, at: number, before: string): string {
  const first = source[at]!;
  if (!"/\"'".includes(first)) return first;
  const comment = matchAt(COMMENT, source, at);
  if (comment) return blank(comment);
  if (first === "/" && isValue(before)) return first;
  const quoted = matchAt(QUOTED, source, at);
  return quoted ? first + blank(quoted.slice(1, -1)) + first : first;
}

/** Whether code that ends like this is a value, so that a slash behind it divides. */
function isValue(before: string): boolean {
  const code = before.trimEnd();
  return /[\w$)\]}"'`]$/.test(code) &&
    !/\b(?:return|typeof|case|of|in|void|await|yield)$/.test(code);
}

function matchAt(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? "";
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
/** A string, or a regular expression with its flags. */
const QUOTED =
  /"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
/** From a backtick, or from the brace that ends a `${`, to the next of the two or the end. */
const TEMPLATE = /[`}](?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{|$)/y;
/** Ends behind the opening quote, or for a computed import behind the parenthesis. */
const IMPORT =
  /(?<![.\w$])(?:(?:import|export)(?<type>\s+type\b(?!\s+from\b))?[\w$\s{},*]*\bfrom\s*["']|import\s*["']|(?<call>import)\s*\(\s*["'`]?)/g;
