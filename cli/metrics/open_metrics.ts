/**
 * OpenMetrics 1.0 text, as Prometheus and others read it.
 *
 * @module
 */

/** What kind of number a metric is; an `info` is always 1 and says everything by its labels. */
export type MetricType = "counter" | "gauge" | "summary" | "info";

/** One metric with all its samples. */
export interface Metric {
  /** In snake_case, without the `_total` of counters; it ends in the unit if there is one. */
  readonly name: string;
  /** What kind of number it is. */
  readonly type: MetricType;
  /** A base unit: `seconds`, `bytes`, `ratio`. */
  readonly unit?: string;
  /** One sentence. */
  readonly help: string;
  /** The numbers. */
  readonly samples: readonly Sample[];
}

/** One number of a metric and what tells it from the others. */
export interface Sample {
  /** Names and values; no two samples of a metric have the same. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Any number, also NaN and the infinite ones. */
  readonly value: number;
}

/** The media type of the text. */
export const OPEN_METRICS_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** A number that may go up and down. */
export function gauge(
  name: string,
  help: string,
  samples: readonly Sample[],
  unit?: string,
): Metric {
  return { name, type: "gauge", help, samples, ...(unit !== undefined && { unit }) };
}

/** Writes metrics, in order, and the end mark. */
export function openMetrics(metrics: readonly Metric[]): string {
  return [...metrics.flatMap(linesOf), "# EOF", ""].join("\n");
}

function linesOf({ name, type, unit, help, samples }: Metric): string[] {
  return [
    `# TYPE ${name} ${type}`,
    ...(unit ? [`# UNIT ${name} ${unit}`] : []),
    `# HELP ${name} ${escaped(help)}`,
    ...samples.map(({ labels = {}, value }) =>
      `${name}${SUFFIXES[type]}${braced(labels)} ${written(value)}`
    ),
  ];
}

function braced(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function written(value: number): string {
  return Math.abs(value) === Infinity ? (value > 0 ? "+Inf" : "-Inf") : String(value);
}

const SUFFIXES = { counter: "_total", gauge: "", summary: "", info: "_info" } as const;
