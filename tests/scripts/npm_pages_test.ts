import { assertEquals, assertThrows } from "@std/assert";
import { linksOf, npmPage, npmPages } from "../../scripts/_npm_pages.ts";

const CONFIG = {
  name: "@acme/pulse",
  tasks: {
    "seq-server": { description: "Send", command: "deno run --allow-net cli/seq_server.ts" },
    ok: { description: "Check", command: "deno run -A scripts/ok.ts" },
  },
};

function test(name: string, fn: () => void): void {
  Deno.test({ name: `npm pages: ${name}`, permissions: "none", fn });
}

test("links are paths from the root of the repository", () => {
  const page = "[a](../b.md#c) [d](#e) [f](g/) [web](https://example.com) `[no](link)`";
  assertEquals(linksOf("docs/a.md", page), [
    { link: "../b.md#c", target: "b.md", anchor: "c" },
    { link: "#e", target: "docs/a.md", anchor: "e" },
    { link: "g/", target: "docs/g/", anchor: "" },
  ]);
});

test("a page brings along what it leads to, folders whole", () => {
  const files = new Map([
    ["README.md", "[a](docs/a.md)"],
    ["docs/a.md", "[README](../README.md) [all](../examples/)"],
    ["docs/b.md", "nobody leads here"],
    ["examples/c.ts", "[not](a-page.md)"],
    ["examples/data/d.json", "{}"],
  ]);
  assertEquals([...npmPages(CONFIG, files).keys()].sort(), [
    "README.md",
    "docs/a.md",
    "examples/c.ts",
    "examples/data/d.json",
  ]);
});

test("a link that leads nowhere is refused", () => {
  const files = new Map([["README.md", "[a](gone.md)"]]);
  assertThrows(() => npmPages(CONFIG, files), Error, "Cannot put gone.md");
});

/** Each row: what it shows, a page of the repository, and the same in the package. */
const PAGES: readonly (readonly [title: string, text: string, inPackage: string])[] = [
  ["names are those on npm", 'from "@acme/pulse/udp"', 'from "pulse/udp"'],
  ["on JSR the name stays", "deno add jsr:@acme/pulse", "deno add jsr:@acme/pulse"],
  ["commands are those of the package", "deno task seq-server 1", "npx pulse seq-server 1"],
  [
    "other tasks stay",
    "deno task ok, deno task seq-servers",
    "deno task ok, deno task seq-servers",
  ],
  [
    "what is for a clone is left out, as often as it comes",
    "a\n\n<!-- clone -->\nb\n\n<!-- end of clone -->\nc<!-- clone --> d<!-- end of clone -->.\n",
    "a\n\nc.\n",
  ],
];

for (const [title, text, inPackage] of PAGES) {
  test(title, () => assertEquals(npmPage(CONFIG, "docs/a.md", text), inPackage));
}

test("a page that is no guide stays as it is", () => {
  const text = "deno task seq-server is new in @acme/pulse";
  assertEquals(npmPage(CONFIG, "CHANGELOG.md", text), text);
});
