import { assertEquals, assertThrows } from "@std/assert";
import { parseSchedule } from "../../cli/config/schedule_file.ts";
import { HeartlineError } from "../../core/errors.ts";

const FILE = `
# A link that gets worse.
seed: 7
faults:
  latency: 20ms
  jitter: 5ms
  down: { bandwidth: 100k }
steps:
  - at: 5s
    for: 2s
    set: { up: { blackhole: true } }
  - at: 10s
    every: 3s
    probability: 0.5
    do: reset
  - at: 0ms
    set: { cut-lines: 3, cut-by: fin, loss: 0.25, refuse: 1 }
`;

/** Each row: a wrong file and the complaint about it, which names a line of the file or a key. */
const WRONG: readonly (readonly [string, string])[] = [
  ["steps: [", " line 2: wanted YAML, found unexpected end of the stream within a flow collection"],
  ["seed: 1\nseed: 2", " line 2: wanted YAML, found duplicated key"],
  ["seed:\nseed:\n", " line 2: wanted YAML, found duplicated key"],
  ["hello", `the file: wanted a table of names, current value is "hello"`],
  ["sed: 1", "sed: no such key, did you mean seed"],
  ["seed: -1", "seed: wanted a whole number in 0..4294967295, current value is -1"],
  ["faults: 5", "faults: wanted a table of names, current value is 5"],
  ["faults: {latenzy: 5ms}", "faults.latenzy: no such fault, did you mean latency"],
  [
    "faults: {latency: 5}",
    "faults.latency: wanted a duration such as 250ms or 2s, current value is 5",
  ],
  [
    "faults: {bandwidth: fast}",
    `faults.bandwidth: wanted bytes a second such as 500, 100k or 2M, current value is "fast"`,
  ],
  ["faults: {loss: 5}", "faults.loss: wanted a number in 0..1, current value is 5"],
  ["faults: {slice: 0}", "faults.slice: wanted a whole number of at least 1, current value is 0"],
  ["faults: {blackhole: 1}", "faults.blackhole: wanted true or false, current value is 1"],
  ["faults: {cut-by: axe}", `faults.cut-by: wanted fin or reset, current value is "axe"`],
  ["faults: {upp: {}}", "faults.upp: no such fault, did you mean up"],
  ["faults: {up: {refuse: 1}}", "faults.up.refuse: no such fault"],
  ["steps: {}", "steps: wanted a list, current value is a table"],
  [
    "seed: &a [*a]",
    "seed: wanted a whole number in 0..4294967295, current value is a list",
  ],
  [
    "faults: {latency: {toString: 1}}",
    "faults.latency: wanted a duration such as 250ms or 2s, current value is a table",
  ],
  [
    "faults: {loss: &a {x: *a}}",
    "faults.loss: wanted a number in 0..1, current value is a table",
  ],
  [
    "steps: [{at: 1s, do: {toString: 1}}]",
    "steps[0].do: wanted one of fin, reset, cut, heal, current value is a table",
  ],
  ["steps: [3]", "steps[0]: wanted a table of names, current value is 3"],
  [
    "steps: [{do: cut}]",
    "steps[0].at: wanted a duration such as 250ms or 2s, current value is nothing",
  ],
  ["steps: [{at: 1s, evry: 2s}]", "steps[0].evry: no such key, did you mean every"],
  [
    "steps: [{at: 1s, do: rest}]",
    `steps[0].do: wanted one of fin, reset, cut, heal, current value is "rest", did you mean reset`,
  ],
  [
    "steps: [{at: 1s, do: cut, probability: 2}]",
    "steps[0].probability: wanted a number in 0..1, current value is 2",
  ],
  [
    "steps: [{at: 1s}, {at: 2s, set: {down: {los: 1}}}]",
    "steps[1].set.down.los: no such fault, did you mean loss",
  ],
  ["steps: [{at: 1s}]", "steps[0]: wanted one of set and do, current value is neither"],
  [
    "steps: [{at: 1s, every: 2s, set: {}}]",
    "steps[0].for: wanted less than every (2000), current value is undefined",
  ],
];

Deno.test({ name: "parseSchedule() reads every key", permissions: "none" }, () => {
  assertEquals(parseSchedule(FILE, "faults.yaml"), {
    seed: 7,
    faults: { latency: 20, jitter: 5, down: { bandwidth: 100_000 } },
    steps: [
      { at: 5_000, for: 2_000, set: { up: { blackhole: true } } },
      { at: 10_000, every: 3_000, probability: 0.5, do: "reset" },
      { at: 0, set: { cutLines: 3, cutBy: "fin", loss: 0.25, refuse: 1 } },
    ],
  });
});

Deno.test({ name: "parseSchedule() takes an empty file", permissions: "none" }, () => {
  assertEquals(parseSchedule("# nothing yet\n", "faults.yaml"), { faults: {}, steps: [] });
});

Deno.test({ name: "parseSchedule() refuses in one line", permissions: "none" }, async (t) => {
  for (const [text, complaint] of WRONG) {
    await t.step(complaint, () => {
      const error = assertThrows(() => parseSchedule(text, "faults.yaml"), HeartlineError);
      assertEquals([error.code, error.message], [
        "invalid-option",
        `Cannot use faults.yaml${complaint.startsWith(" ") ? "" : ": "}${complaint}`,
      ]);
    });
  }
});
