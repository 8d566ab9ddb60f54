/**
 * What one more client costs when there are many: a curve over the number of clients.
 *
 * This file knows how such a curve is judged, told and written into docs/. It does not know how a point
 * of it was measured.
 *
 * @module
 */
import { plot } from "./plot.ts";
import { type Marks, writeBetween } from "./report.ts";
import type { Result } from "./row.ts";
import { formatSpread, type Spread, spreadOf } from "./spread.ts";

/** All readings of one number of clients. */
export interface Point {
  readonly clients: number;
  /** CPU time per message in us, while the server sleeps between messages. */
  readonly cpu: Spread;
  /** The same while it is busy. */
  readonly busy: Spread;
  /** Bytes per client. */
  readonly memory: Spread;
  /** How late alarms were, in ms: the 99th percentile. */
  readonly late: Spread;
  /** The same: the largest of all. */
  readonly latest: number;
}

/** One reading of a server. */
export interface Reading {
  /** CPU time per message in us, while the server sleeps between messages. */
  readonly cpu: number;
  /** The same while it is busy. */
  readonly busy: number;
  /** Bytes per client. */
  readonly memory: number;
  /** How late alarms were, in ms. */
  readonly late: { readonly p99: number; readonly most: number };
}

/** Combines the readings of one number of clients. */
export function pointOf(clients: number, readings: readonly Reading[]): Point {
  return {
    clients,
    cpu: spreadOf(readings.map(({ cpu }) => cpu)),
    busy: spreadOf(readings.map(({ busy }) => busy)),
    memory: spreadOf(readings.map(({ memory }) => memory)),
    late: spreadOf(readings.map(({ late }) => late.p99)),
    latest: Math.max(...readings.map(({ late }) => late.most)),
  };
}

/** Lines of the table: whether CPU time and memory stay flat from the fewest clients to the most. */
export function resultsOf(name: string, points: readonly Point[]): Result[] {
  const few = points[0]!, many = points.at(-1)!;
  const line = (
    what: "cpu" | "busy" | "memory",
    text: string,
    digits: number,
    unit: string,
  ): Result => {
    const ratio = many[what].median / few[what].median;
    const figure = (point: Point): string => `${point[what].median.toFixed(digits)} ${unit}`;
    return {
      work: `${name} growth: ${text} with ${count(many.clients)} clients`,
      ours: figure(many),
      floor: figure(few),
      ratio: spreadOf([ratio]),
      checked: spreadOf([1 / ratio]),
      target: `<= ${1 + FLAT} x that with ${count(few.clients)}`,
      met: ratio <= 1 + FLAT,
      notes: [
        `${text}, as the floor with ${count(few.clients)} clients: ` +
        points.map((point) => `${count(point.clients)} ${figure(point)}`).join(", "),
      ],
    };
  };
  return [
    line("cpu", "CPU per message", 1, "us"),
    line("busy", "CPU per message when busy", 1, "us"),
    line("memory", "memory per client", 0, "B"),
  ];
}

/** Writes table and plot of a curve into docs/. */
export function writeGrowth(name: string, points: readonly Point[]): void {
  const file = `growth_${name.toLowerCase()}.svg`;
  Deno.writeTextFileSync(new URL(`../../docs/${file}`, import.meta.url), plot(name, points, FLAT));
  const rows = [
    [
      "clients",
      "CPU per message, us",
      "when busy, us",
      "memory per client, B",
      "alarm late by, p99 ms",
      "at most, ms",
    ],
    ["---:", "---:", "---:", "---:", "---:", "---:"],
    ...points.map(({ clients, cpu, busy, memory, late, latest }) => [
      count(clients),
      formatSpread(cpu, 1),
      formatSpread(busy, 1),
      formatSpread(memory, 0),
      formatSpread(late, 1),
      latest.toFixed(1),
    ]),
  ];
  writeBetween(
    marksOf(name),
    [
      ...rows.map((row) => `| ${row.join(" | ")} |`),
      "",
      `![${name}: CPU per message, memory per client and alarm lateness by number of clients](${file})`,
    ].join("\n"),
  );
}

/** As people write large numbers. */
function count(clients: number): string {
  return clients.toLocaleString("en");
}

function marksOf(name: string): Marks {
  const row = `growth-${name.toLowerCase()}`;
  return {
    begin: `<!-- begin: written by deno task bench ${row} --write -->`,
    end: `<!-- end: ${row} -->`,
  };
}

/** The share by which a curve may rise from its beginning to its end. */
const FLAT = 0.2;
