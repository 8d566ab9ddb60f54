/**
 * The examples of comments and pages as tests that share one process for each room, which is quicker than
 * a process for each example by far.
 *
 * @module
 */

/** A block of code that is only `ts`: with `ignore` behind it, it is not run. */
export interface Example {
  /** The 1-based line of its first line of code. */
  readonly line: number;
  readonly code: string;
}

/** The examples of a TypeScript file, which stand in its comments, or of a Markdown page. */
export function examplesIn(path: string, text: string): Example[] {
  const isPage = path.endsWith(".md");
  return [...text.matchAll(isPage ? IN_PAGE : IN_COMMENT)].map(({ 0: block, 1: code, index }) => {
    const before = text.slice(0, index + block.indexOf("\n") + 1);
    const plain = isPage ? code! : code!.replace(/^ *\* ?/gm, "");
    return { line: before.split("\n").length, code: plain };
  });
}

/**
 * The test files for these sources, by name: one for each room, and a module for each example.
 *
 * @param sources texts by path
 */
export function exampleTests(sources: ReadonlyMap<string, string>): Map<string, string> {
  const files = new Map<string, string>();
  const rooms = new Map<string, string>();
  for (const [path, text] of sources) {
    const room = /^\w+(?=\/)/.exec(path)?.[0] ?? "root";
    for (const { line, code } of examplesIn(path, text)) {
      const file = `${path}_${line}.ts`.replaceAll("/", "_");
      // A module of its own, whatever is declared in it.
      files.set(file, `${code}\nexport {};\n`);
      const test = `Deno.test("the example of ${path}:${line}", () => import("./${file}"));\n`;
      rooms.set(room, (rooms.get(room) ?? "") + test);
    }
  }
  for (const [room, tests] of rooms) files.set(`${room}_test.ts`, tests);
  return files;
}

const IN_PAGE = /^```ts\n([\s\S]*?)^```$/gm;
const IN_COMMENT = /^ *\* ```ts\n([\s\S]*?)^ *\* ```$/gm;
