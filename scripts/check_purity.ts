/**
 * Checks that pure files are pure: time, randomness and identity come in as arguments.
 *
 * @module
 */
import { codeOf, importsOf, lineAt } from "./_source.ts";
import { type Files, readTree, report, type Violation } from "./_tree.ts";

/** What reaches outside, and the words that give it away (outside comments and strings). */
const FORBIDDEN: readonly (readonly [what: string, words: RegExp])[] = [
  ["the wall clock", /(?<![.\w$#])Date\b(?!\s*\.\s*(?:UTC|parse)\b)/g],
  ["a clock", /(?<![.\w$#])performance\b/g],
  ["a timer", /(?<![.\w$#])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/g],
  ["a timer", /(?<![.\w$#])AbortSignal\s*\.\s*timeout\b/g],
  ["randomness", /(?<![.\w$#])Math\b(?!\s*\.\s*(?!random\b)\w)(?:\s*\.\s*random)?/g],
  ["randomness or a key", /(?<![.\w$#])crypto\b/g],
  ["the terminal", /(?<![.\w$#])console\b/g],
  ["the runtime", /(?<![.\w$#])(?:Deno|globalThis)\b/g],
  ["the runtime", /(?<![.\w$#])process\s*[.[]/g],
  ["the network", /(?<![.\w$#])fetch\s*\(/g],
  ["the network", /(?<![.\w$#])(?:WebSocket|WebTransport|EventSource|XMLHttpRequest|Worker)\b/g],
  ["a module at run time", /(?<![.\w$#])import\s*\(/g],
];

/** Every word in a pure file that reaches outside, and every import of a file that does. */
export function violations(files: Files): Violation[] {
  return [...files].filter(([path]) => isPure(path))
    .flatMap(([path, source]) => [...words(path, source), ...imports(path, source)]);
}

/** Whether a file must be pure; a protocol's `server.ts` and `client.ts` hold its I/O, with what they hand it to. */
export function isPure(path: string): boolean {
  return PURE_FOLDER.test(path) && !IMPURE.test(path);
}

function words(path: string, source: string): Violation[] {
  const code = codeOf(source);
  return FORBIDDEN.flatMap(([what, pattern]) =>
    [...code.matchAll(pattern)].map((match) => ({
      path,
      line: lineAt(source, match.index),
      message: `is pure and may not use ${what}: ${match[0]}`,
    }))
  );
}

/** `mod.ts` may re-export what is impure; a type is always pure. */
function imports(path: string, source: string): Violation[] {
  if (path.endsWith("/mod.ts")) return [];
  return importsOf(source)
    .filter(({ specifier = "", kind }) => kind === "static" && reachesOutside(path, specifier))
    .map(({ specifier, line }) => ({
      path,
      line,
      message: `is pure and may not import more than types from ${specifier}`,
    }));
}

function reachesOutside(path: string, specifier: string): boolean {
  if (!specifier.startsWith(".")) return true;
  return !isPure(new URL(specifier, `file:///${path}`).pathname.slice(1));
}

const PURE_FOLDER = /^(?:core|udp|tcp|sequence|handshake|keepalive|proxy)\//;
const IMPURE =
  /^core\/(?:clock|drive|diagnostics|seed|(?:machine_)?service)\.ts$|^proxy\/stream_pair\.ts$|\/(?:server|client)\.ts$/;

if (import.meta.main) report(violations(await readTree()));
