import { assertEquals, assertThrows } from "@std/assert";
import { parseKeepaliveFile } from "../../cli/config/keepalive_file.ts";
import { HeartlineError } from "../../core/errors.ts";
import { SEED_004_CONFIG } from "../support/seed_004.ts";

Deno.test("seconds become milliseconds, and an empty file sets nothing", {
  permissions: "none",
}, () => {
  const text = "heart_beat_interval: 0.5\nport: 7000\n";
  assertEquals(parseKeepaliveFile(text, "f").values, { heart_beat_interval: 500, port: 7_000 });
  assertEquals(parseKeepaliveFile("# nothing\n", "f").values, {});
});

const SEED_VALUES = {
  heart_beat_interval: 5_000,
  heart_beat_threshold: 10_000,
  heart_beat_additional_tries: 3,
  data_interval: 5_000,
  data_threshold: 20_000,
};

Deno.test("the configuration of seed 004 is read as it stands", { permissions: "none" }, () => {
  assertEquals(parseKeepaliveFile(SEED_004_CONFIG, "f").values, SEED_VALUES);
});

/** Each row: what a file may look like, and its text. */
const FORMS: readonly (readonly [name: string, text: string])[] = [
  ["with the ends of lines of Windows", SEED_004_CONFIG.replaceAll("\n", "\r\n")],
  ["with a mark of its encoding", `\uFEFF${SEED_004_CONFIG}`],
  ["with a section", `[DEFAULT]\n${SEED_004_CONFIG}`],
  ["without spaces", SEED_004_CONFIG.replaceAll(" = ", "=")],
  ["without comments", SEED_004_CONFIG.replaceAll(/#.*/g, "")],
  ["with comments of their own", `# figures\n; in seconds\n${SEED_004_CONFIG}`],
  ["without an end of the last line", SEED_004_CONFIG.trimEnd()],
  ["as YAML", SEED_004_CONFIG.replaceAll(" =", ":")],
];

for (const [name, text] of FORMS) {
  Deno.test(`the configuration of seed 004 ${name}`, { permissions: "none" }, () => {
    assertEquals(parseKeepaliveFile(text, "f").values, SEED_VALUES);
  });
}

Deno.test(
  "text may be quoted, and hold what would begin a comment",
  { permissions: "none" },
  () => {
    const text = "host = 'example.org'\nport = 7000;\n".replace(";", " ; the port");
    assertEquals(parseKeepaliveFile(text, "f").values, { host: "example.org", port: 7_000 });
    assertEquals(parseKeepaliveFile("host = a#b\n", "f").values, { host: "a#b" });
  },
);

/** Each row: a wrong file and the complaint about it. */
const WRONG: readonly (readonly [text: string, complaint: string])[] = [
  ["port: 1\nport: 2", "f line 2: wanted YAML, found duplicated key"],
  ["host: a\nhost: a\n", "f line 2: wanted YAML, found duplicated key"],
  ["port: {toString: 1}", "f line 1, port: wanted a whole number in 0..65535, found a table"],
  ["port = 1\n\nport = 2", "f line 3: wanted each name once, found port again"],
  ["port = 1\nnonsense", 'f line 2: wanted name = value, found "nonsense"'],
  ["port =", 'f line 1: wanted name = value, found "port ="'],
  ["port = seven", 'f line 1, port: wanted a whole number in 0..65535, found the text "seven"'],
  ["prot = 7", "f line 1: no such name prot, did you mean port"],
  ["toString = 7", "f line 1: no such name toString"],
  ["# both\nport: 1\nhost = a", "f line 3: wanted every line as name: value, found name = value"],
  ["host = a\nport: 1", "f line 1: wanted every line as name: value, found name = value"],
  ["- 1", "f line 1: wanted lines of the form name: value or name = value, found a list"],
];

for (const [text, complaint] of WRONG) {
  Deno.test(`${JSON.stringify(text)} is refused in one line`, { permissions: "none" }, () => {
    const error = assertThrows(() => parseKeepaliveFile(text, "f"), HeartlineError);
    assertEquals(error.message, `Cannot use ${complaint}`);
  });
}
