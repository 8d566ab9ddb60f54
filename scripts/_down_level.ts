/**
 * TypeScript, or JavaScript that is too new, as JavaScript that Node 20 reads: it knows no `using`.
 *
 * @module
 */
import ts from "typescript";

/** Compiles one file; what its name ends with says which language it is in. */
export function downLevel(
  fileName: string,
  source: string,
  { sourceMap }: { sourceMap: boolean },
): string {
  return ts.transpileModule(source, {
    fileName,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      inlineSourceMap: sourceMap,
      inlineSources: sourceMap,
    },
  }).outputText;
}
