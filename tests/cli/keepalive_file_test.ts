import { assertEquals, assertThrows } from "@std/assert";
import { parseKeepaliveFile } from "../../cli/config/keepalive_file.ts";
import { HeartlineError } from "../../core/errors.ts";

Deno.test("seconds become milliseconds, and an empty file sets nothing", {
  permissions: "none",
}, () => {
  const text = "heart_beat_interval: 0.5\nport: 7000\n";
  assertEquals(parseKeepaliveFile(text, "f").values, { heart_beat_interval: 500, port: 7_000 });
  assertEquals(parseKeepaliveFile("# nothing\n", "f").values, {});
});

/** Each row: a wrong file and the complaint about it. */
const WRONG: readonly (readonly [text: string, complaint: string])[] = [
  ["port: 1\nport: 2", "f line 2: wanted YAML, found duplicated key"],
  ["host: a\nhost: a\n", "f line 2: wanted YAML, found duplicated key"],
  ["port: {toString: 1}", "f line 1, port: wanted a whole number in 0..65535, found a table"],
  ["- 1", "f line 1: wanted lines of the form name: value, found a list"],
];

for (const [text, complaint] of WRONG) {
  Deno.test(`${JSON.stringify(text)} is refused in one line`, { permissions: "none" }, () => {
    const error = assertThrows(() => parseKeepaliveFile(text, "f"), HeartlineError);
    assertEquals(error.message, `Cannot use ${complaint}`);
  });
}
