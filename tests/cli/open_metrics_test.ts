import { assertEquals, assertThrows } from "@std/assert";
import { gauge, type Metric, openMetrics } from "../../cli/metrics/open_metrics.ts";
import { parseOpenMetrics, PARSER } from "../support/open_metrics.ts";

const METRICS: [name: string, metric: Metric, lines: string[]][] = [
  ["a gauge without labels", gauge("a_b", "All of it.", [{ value: 1.5 }]), [
    "# TYPE a_b gauge",
    "# HELP a_b All of it.",
    "a_b 1.5",
  ]],
  ["a unit", gauge("a_seconds", "Time.", [{ value: 2 }], "seconds"), [
    "# TYPE a_seconds gauge",
    "# UNIT a_seconds seconds",
    "# HELP a_seconds Time.",
    "a_seconds 2",
  ]],
  ["a counter", { name: "a", type: "counter", help: "A.", samples: [{ value: 3 }] }, [
    "# TYPE a counter",
    "# HELP a A.",
    "a_total 3",
  ]],
  [
    "an info",
    { name: "a", type: "info", help: "A.", samples: [{ labels: { v: "1" }, value: 1 }] },
    [
      "# TYPE a info",
      "# HELP a A.",
      'a_info{v="1"} 1',
    ],
  ],
  [
    "labels and help that need escapes",
    gauge("a", 'A "b" \\ c\nd', [
      { labels: { one: 'x"y\\z\nw', two: "" }, value: 0 },
    ]),
    [
      "# TYPE a gauge",
      '# HELP a A \\"b\\" \\\\ c\\nd',
      'a{one="x\\"y\\\\z\\nw",two=""} 0',
    ],
  ],
  [
    "numbers of all sizes",
    gauge(
      "a",
      "A.",
      [1e21, 1e-9, -0.5, Infinity, -Infinity].map((value, n) => ({
        labels: { n: String(n) },
        value,
      })),
    ),
    [
      "# TYPE a gauge",
      "# HELP a A.",
      'a{n="0"} 1e+21',
      'a{n="1"} 1e-9',
      'a{n="2"} -0.5',
      'a{n="3"} +Inf',
      'a{n="4"} -Inf',
    ],
  ],
  ["no samples", gauge("a", "A.", []), ["# TYPE a gauge", "# HELP a A."]],
];

for (const [name, metric, lines] of METRICS) {
  Deno.test({
    name: `${name} is written as OpenMetrics has it`,
    permissions: "none",
    fn: () => assertEquals(openMetrics([metric]), [...lines, "# EOF", ""].join("\n")),
  });

  Deno.test({
    name: `${name} is read by the parser of Prometheus as it was meant`,
    ignore: PARSER === undefined,
    fn() {
      const parsed = parseOpenMetrics(openMetrics([metric]));
      assertEquals(
        parsed.map(({ metric, type, labels, value }) => ({ metric, type, labels, value })),
        metric.samples.map(({ labels = {}, value }) => {
          return { metric: metric.name, type: metric.type, labels, value };
        }),
      );
    },
  });
}

Deno.test({
  name: "the parser of Prometheus refuses what is wrong",
  ignore: PARSER === undefined,
  fn() {
    const unit: Metric = { ...gauge("a", "A.", []), unit: "seconds" };
    assertThrows(() => parseOpenMetrics(openMetrics([unit])));
    assertThrows(() => parseOpenMetrics("a 1\n"));
  },
});
