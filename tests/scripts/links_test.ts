/**
 * Every link of every Markdown file leads to a file of this repository, and to a heading of it.
 *
 * Only links within the repository are checked; the web is not opened.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { FENCED, linksOf, npmPages } from "../../scripts/_npm_pages.ts";
import { listTree, ROOT } from "../../scripts/_tree.ts";

/** Each row: what it shows, a page, and the links that it says are broken. */
const PAGES: readonly (readonly [title: string, page: string, broken: readonly string[]])[] = [
  ["a file", "[a](other.md)", []],
  ["a missing file", "[a](gone.md)", ["gone.md"]],
  ["a folder", "[a](../docs/)", []],
  ["an anchor of the page", "# Two Words\n[a](#two-words)", []],
  ["a missing anchor", "# Two Words\n[a](#two)", ["#two"]],
  ["an anchor elsewhere", "[a](other.md#the-store)", []],
  ["a missing anchor elsewhere", "[a](other.md#store)", ["other.md#store"]],
  ["signs and code in a heading", "## What is `--json`, then?\n[a](#what-is---json-then)", []],
  ["a heading that comes twice", "# A\n# A\n[a](#a-1)", []],
  ["the web", "[a](https://example.com/#b)", []],
  ["code is no link", "```ts\na[b](c);\n```\n`a[b](c)`", []],
  ["a comment in code is no heading", "```sh\n# a\n```\n[a](#a)", ["#a"]],
];

Deno.test({ name: "brokenLinks() finds what leads nowhere", permissions: "none" }, async (t) => {
  for (const [title, page, broken] of PAGES) {
    const pages = new Map([["docs/page.md", page], ["docs/other.md", "# The store\n"]]);
    await t.step(title, () => {
      assertEquals(brokenLinks("docs/page.md", pages, [...pages.keys()]), broken);
    });
  }
});

Deno.test("every link of the documentation leads somewhere", async () => {
  assertEquals(allBroken(await readTexts()), []);
});

Deno.test("every link of the npm package leads to a file of the package", async () => {
  const pages = npmPages(config, await readTexts());
  assertEquals(allBroken(pages), []);
  assertEquals(pages.has("docs/guides/fleet.md"), true);
});

async function readTexts(): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for await (const path of listTree()) {
    texts.set(path, await Deno.readTextFile(new URL(path, ROOT)));
  }
  return texts;
}

function allBroken(texts: ReadonlyMap<string, string>): string[] {
  const paths = [...texts.keys()];
  return paths.filter((path) => path.endsWith(".md"))
    .flatMap((path) => brokenLinks(path, texts, paths).map((link) => `${path}: ${link}`));
}

/** The links of one page whose target is not among `paths`, or not among the headings of its page. */
function brokenLinks(
  path: string,
  pages: ReadonlyMap<string, string>,
  paths: readonly string[],
): string[] {
  const broken = linksOf(path, pages.get(path)!).filter(({ target, anchor }) => {
    const isThere = paths.some((path) =>
      path === target || (target.endsWith("/") && path.startsWith(target))
    );
    return !isThere || anchor !== "" && !anchorsOf(pages.get(target) ?? "").has(anchor);
  });
  return broken.map(({ link }) => link);
}

/** Anchors as code hosts make them: lower case, spaces to hyphens, other signs left out. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of page.replaceAll(FENCED, "").matchAll(/^#+ (.+)$/gm)) {
    const anchor = heading!.toLowerCase().replaceAll(/[^\p{L}\p{N}_ -]/gu, "").replaceAll(" ", "-");
    let repetition = 0;
    let name = anchor;
    while (anchors.has(name)) name = `${anchor}-${++repetition}`;
    anchors.add(name);
  }
  return anchors;
}
