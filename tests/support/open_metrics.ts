/**
 * A reader of OpenMetrics that is not ours: the parser of Prometheus' own Python client.
 *
 * @module
 */
import { spawnSync } from "node:child_process";

/** One number as the parser read it. */
export interface ParsedSample {
  readonly metric: string;
  readonly type: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A Python that has the parser: Debian's package is seen by Debian's Python only. */
export const PARSER: string | undefined = ["python3", "/usr/bin/python3"].find((python) => {
  return spawnSync(python, ["-c", "import prometheus_client.openmetrics.parser"]).status === 0;
});

/** Parses a text, strictly; throws what the parser complains about. */
export function parseOpenMetrics(text: string): ParsedSample[] {
  const { status, stdout, stderr } = spawnSync(PARSER!, ["-c", PROGRAM], {
    input: text,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  const samples: (Omit<ParsedSample, "value"> & { value: string })[] = JSON.parse(stdout);
  // JSON has no infinite numbers, so they come as Python writes them.
  return samples.map((sample) => {
    return { ...sample, value: Number(sample.value.replace("inf", "Infinity")) };
  });
}

const PROGRAM = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
print(json.dumps([
    {"metric": family.name, "type": family.type, "name": sample.name, "labels": sample.labels,
     "value": str(sample.value)}
    for family in text_string_to_metric_families(sys.stdin.read())
    for sample in family.samples
]))
`;
