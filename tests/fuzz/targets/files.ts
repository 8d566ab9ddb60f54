/**
 * Targets of what people write: addresses, times, lengths of time, and configuration files.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { parseDuration } from "../../../cli/command/duration.ts";
import { parseKeepaliveFile } from "../../../cli/config/keepalive_file.ts";
import { parseSchedule } from "../../../cli/config/schedule_file.ts";
import { formatAddress, parseAddress } from "../../../core/address.ts";
import { decodeTimestamp, encodeTimestamp } from "../../../core/timestamp.ts";
import { readRedisUrl } from "../../../store/redis_url.ts";
import { Schedule } from "../../../proxy/schedule.ts";
import { codecTarget, readerTarget } from "../codec.ts";
import { oneOf, type Pick, type Target } from "../target.ts";

/** What YAML can do that a file of ours has no use for. */
const YAML = [
  "&a ",
  "*a",
  "[",
  "]",
  "{",
  "}",
  ": ",
  "- ",
  "# ",
  "!!binary ",
  "!!timestamp ",
  "|\n",
  "? ",
]
  .concat("{toString: 1}", ".inf", ".nan", "~", "'", '"', "---\n", "<<: *a", "2001-01-01", "null");

/** Values that are none of ours, some without an end or a text of their own. */
const ODD = ["[1]", "{a: 1}", "&a [*a]", "&a {x: *a}", "{toString: 1}", "!!binary AAAA", "~", "''"];

/** All of them. */
export const FILE_TARGETS: readonly Target[] = [
  codecTarget({
    name: "timestamp",
    tokens: ["1752356183.25", "000000000000", ".000000000"],
    sample: (pick) => `${pick(1e12)}${oneOf(pick, ["", ".", `.${pick(1e9)}`])}`,
    decode(bytes: Uint8Array, start: number, end: number): { ms: number } | undefined {
      const ms = decodeTimestamp(bytes, start, end);
      assert(ms === -1 || ms >= 0 && ms < 1e15, `${ms}`);
      return ms < 0 ? undefined : { ms };
    },
    encode: ({ ms }) => encodeTimestamp(ms, 6),
  }),
  readerTarget({
    name: "address",
    tokens: ["[::1]", "%eth0", ":65535", ":65536", "localhost", "10.0.0.1"],
    sample: (pick) =>
      `${oneOf(pick, ["10.0.0.1", "[::1]", "[fe80::1%lo]", "host"])}:${pick(70_000)}`,
    read(text) {
      const address = parseAddress(text);
      assertEquals(parseAddress(formatAddress(address)), address);
      return address;
    },
  }),
  readerTarget({
    name: "duration",
    tokens: ["ms", "s", "m", "h", "d", "1.5", "0"],
    sample: (pick) => `${pick(1_000)}${oneOf(pick, ["ms", "s", ".5m", "h", "d"])}`,
    read(text) {
      const ms = parseDuration(text);
      assert(ms === undefined || ms >= 0, `${ms}`);
      return ms;
    },
  }),
  readerTarget({
    name: "redis-url",
    tokens: [
      "redis://",
      "rediss://",
      "user:secret@",
      "[::1]",
      ":6379",
      ":65536",
      "/15",
      "?a=b",
      "?prefix=app:",
      "&prefix=b",
      "%zz",
    ],
    sample: (pick) =>
      `redis://${oneOf(pick, ["", "user:secret@"])}${oneOf(pick, ["host", "[::1]", "10.0.0.1"])}` +
      oneOf(pick, ["", ":6380", `:${pick(70_000)}/${pick(20)}`]),
    read(text) {
      const read = readRedisUrl(text), { address, shown } = read;
      assert(address.port <= 65_535 && !shown.includes("secret@"), shown);
      assertEquals(readRedisUrl(shown), { ...read, username: "", password: "" });
      return address;
    },
  }),
  readerTarget({
    name: "schedule-file",
    tokens: [
      ...YAML,
      "seed",
      "faults",
      "steps",
      "at",
      "for",
      "every",
      "set",
      "do",
      "cut",
      "up",
      "latency",
    ],
    sample: schedule,
    read(text) {
      const { steps, seed = 1 } = parseSchedule(text, "schedule.yaml");
      new Schedule(steps, seed, 0);
      return steps;
    },
  }),
  readerTarget({
    name: "keepalive-file",
    tokens: [...YAML, "heart_beat_interval", "data_threshold", "host", "port", "= "],
    sample: keepaliveFile,
    read: (text) => parseKeepaliveFile(text, "config.yaml").values,
  }),
];

function schedule(pick: Pick): string {
  const value = () =>
    oneOf(pick, ["20ms", "0", "100k", "0.5", "3", "fin", "true", "{}", "x"].concat(ODD));
  const fault = () =>
    oneOf(pick, ["latency", "loss", "cut-lines", "cut-by", "blackhole", "refuse"]);
  const faults = () => `{${fault()}: ${value()}, up: {${fault()}: ${value()}}}`;
  const steps = Array.from({ length: pick(3) }, () => {
    const what = pick(3) === 0 ? `do: ${oneOf(pick, ["reset", ...ODD])}` : `set: ${faults()}`;
    return `  - at: ${value()}\n    for: ${value()}\n    ${what}\n`;
  });
  return `seed: ${oneOf(pick, [pick(9), ...ODD])}\nfaults: ${faults()}\nsteps:\n${steps.join("")}`;
}

function keepaliveFile(pick: Pick): string {
  const line = () => {
    const names = ["heart_beat_interval", "heart_beat_threshold", "data_interval", "host", "port"];
    return `${oneOf(pick, names)}: ${oneOf(pick, ["5", "0.5", "localhost", "-1", ...ODD])}\n`;
  };
  return Array.from({ length: pick(5) }, line).join("");
}
