/**
 * Every link of every Markdown file leads to a file of this repository, and to a heading of it.
 *
 * This file knows inline links and how headings get their anchors. It does not open the web.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
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
  const paths = await Array.fromAsync(listTree());
  const pages = new Map<string, string>();
  for (const path of paths.filter((path) => path.endsWith(".md"))) {
    pages.set(path, await Deno.readTextFile(new URL(path, ROOT)));
  }
  const broken = [...pages.keys()].flatMap((path) =>
    brokenLinks(path, pages, paths).map((link) => `${path}: ${link}`)
  );
  assertEquals(broken, []);
});

/** The links of one page whose target is not among `paths`, or not among the headings of its page. */
function brokenLinks(
  path: string,
  pages: ReadonlyMap<string, string>,
  paths: readonly string[],
): string[] {
  const links = [...prose(pages.get(path)!).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
  return links.filter((link) => {
    const url = new URL(link, new URL(path, TREE));
    if (url.protocol !== TREE.protocol) return false;
    const target = url.pathname.slice(1);
    if (
      !paths.some((path) => path === target || (target.endsWith("/") && path.startsWith(target)))
    ) {
      return true;
    }
    return url.hash !== "" && !anchorsOf(pages.get(target) ?? "").has(url.hash.slice(1));
  });
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

/** The page without code, which may look like links. */
function prose(page: string): string {
  return page.replaceAll(FENCED, "").replaceAll(/`[^`\n]*`/g, "");
}

const FENCED = /^```[\s\S]*?^```$/gm;

/** Stands for the root of the repository. */
const TREE = new URL("file:///");
