import { assertEquals } from "@std/assert";
import { formatDuration, parseDuration } from "../../cli/command/duration.ts";

const READ: [text: string, ms: number | undefined][] = [
  ["250ms", 250],
  ["5s", 5_000],
  ["1.5s", 1_500],
  ["2m", 120_000],
  ["30h", 108_000_000],
  ["25d", 2_160_000_000],
  ["0s", 0],
  ["5", undefined],
  ["s", undefined],
  ["-5s", undefined],
  ["5 s", undefined],
  ["5sec", undefined],
  ["1e3s", undefined],
  ["", undefined],
];

Deno.test({
  name: "durations are read as people write them, and nothing else is",
  permissions: "none",
  fn() {
    for (const [text, ms] of READ) assertEquals(parseDuration(text), ms, text);
  },
});

const WRITTEN: [ms: number, text: string][] = [
  [0, "0 ms"],
  [0.123, "0.12 ms"],
  [250, "250 ms"],
  [1_000, "1 s"],
  [1_234, "1.23 s"],
  [30_042, "30 s"],
  [119_000, "119 s"],
  [120_000, "2 min"],
  [3_600_000, "1 h"],
  [108_000_000, "1.25 d"],
];

Deno.test({
  name: "durations are written in the largest unit that stays readable",
  permissions: "none",
  fn() {
    for (const [ms, text] of WRITTEN) assertEquals(formatDuration(ms), text);
  },
});
