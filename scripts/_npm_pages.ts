/**
 * The pages that the npm package brings along: the README, all it leads to, and what is different in them
 * for somebody who has the package and no clone.
 *
 * @module
 */
import { commandsOf, type Config, npmName } from "./_npm_package.ts";

/** A link of a page that leads to a file, a folder or a heading of this repository. */
export interface Link {
  /** As written. */
  readonly link: string;
  /** A path from the root of the repository; that of a folder ends with a slash. */
  readonly target: string;
  /** The anchor of a heading, without its sign; empty if there is none. */
  readonly anchor: string;
}

/** The links of a page, those to the web and what only looks like one in code left out. */
export function linksOf(path: string, page: string): Link[] {
  const prose = page.replaceAll(FENCED, "").replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link]) => {
    const { protocol, pathname, hash } = new URL(link!, new URL(path, TREE));
    if (protocol !== TREE.protocol) return [];
    return [{ link: link!, target: pathname.slice(1), anchor: hash.slice(1) }];
  });
}

/**
 * The README and every file that it, or what it leads to, links to, as the package has them, by path.
 *
 * @param files the texts of the repository by path
 */
export function npmPages(
  config: Pick<Config, "name" | "tasks">,
  files: ReadonlyMap<string, string>,
): Map<string, string> {
  const pages = new Map<string, string>();
  const wanted = new Set(["README.md"]);
  // A set may grow while it is iterated: what is found is followed too.
  for (const target of wanted) {
    if (target.endsWith("/")) {
      for (const path of files.keys()) if (path.startsWith(target)) wanted.add(path);
      continue;
    }
    const text = npmPage(config, target, files.get(target) ?? missing(target));
    pages.set(target, text);
    if (target.endsWith(".md")) {
      for (const link of linksOf(target, text)) wanted.add(link.target);
    }
  }
  return pages;
}

/**
 * One page as the package has it: our name is that on npm, but where it is said to be on JSR, commands are started by `npx`, and what stands
 * between `<!-- clone -->` and `<!-- end of clone -->` is left out. The list of changes, which speaks of
 * both, stays as it is.
 */
export function npmPage(
  config: Pick<Config, "name" | "tasks">,
  path: string,
  text: string,
): string {
  if (!FOR_USERS.test(path)) return text;
  const commands = commandsOf(config).map(({ name }) => name).join("|");
  const name = npmName(config);
  return text
    .replaceAll(/<!-- clone -->\n?[\s\S]*?<!-- end of clone -->\n*/g, "")
    .replaceAll(new RegExp(`(?<!jsr:)${config.name}`, "g"), name)
    .replaceAll(new RegExp(`\\bdeno task (?=(?:${commands})\\b)`, "g"), `npx ${name} `);
}

function missing(path: string): never {
  throw new Error(
    `Cannot put ${path} into the npm package: a page links to it, and it is not there`,
  );
}

/** Fenced code, whose lines only look like links or headings. */
export const FENCED = /^```[\s\S]*?^```$/gm;

const FOR_USERS = /^(?:README\.md$|docs\/|examples\/)/;

/** Stands for the root of the repository. */
const TREE = new URL("file:///");
