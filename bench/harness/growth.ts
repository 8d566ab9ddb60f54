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
  /** The same while it is busy, where it was measured. */
  readonly busy?: Spread;
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
  /** The same while it is busy, where it was measured. */
  readonly busy?: number;
  /** Bytes per client. */
  readonly memory: number;
  /** How late alarms were, in ms. */
  readonly late: { readonly p99: number; readonly most: number };
}

/** Combines the readings of one number of clients. */
export function pointOf(clients: number, readings: readonly Reading[]): Point {
  const busy = readings.flatMap(({ busy }) => busy ?? []);
  return {
    clients,
    cpu: spreadOf(readings.map(({ cpu }) => cpu)),
    ...(busy.length > 0 && { busy: spreadOf(busy) }),
    memory: spreadOf(readings.map(({ memory }) => memory)),
    late: spreadOf(readings.map(({ late }) => late.p99)),
    latest: Math.max(...readings.map(({ late }) => late.most)),
  };
}

/** One quantity over the number of clients. */
export interface Curve {
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  /** The share by which it may rise from its beginning to its end, if anything is asked of it. */
  readonly flat?: number;
  /** Where it is at a point. */
  at(point: Point): Spread;
}

/** Lines of the table: whether CPU time and memory stay flat from the fewest clients to the most. */
export function resultsOf(name: string, points: readonly Point[]): Result[] {
  const few = points[0]!, many = points.at(-1)!;
  return curvesOf(points).filter(({ flat }) => flat !== undefined).map((curve) => {
    const ratio = curve.at(many).median / curve.at(few).median;
    const figure = (point: Point): string =>
      `${curve.at(point).median.toFixed(curve.digits)} ${curve.unit}`;
    return {
      work: `${name} growth: ${curve.title} with ${count(many.clients)} clients`,
      ours: figure(many),
      floor: figure(few),
      ratio: spreadOf([ratio]),
      checked: spreadOf([1 / ratio]),
      target: `<= ${1 + curve.flat!} x that with ${count(few.clients)}`,
      met: ratio <= 1 + curve.flat!,
      notes: [
        `${curve.title}, the floor being that with ${count(few.clients)} clients: ` +
        points.map((point) => `${count(point.clients)} ${figure(point)}`).join(", "),
      ],
    };
  });
}

/** Writes table and plot of curves into docs/. */
export function writeGrowth(name: string, points: readonly Point[]): void {
  const curves = curvesOf(points);
  const file = `growth_${name.toLowerCase()}.svg`;
  const picture = plot(`${name} heartbeats: what grows with the number of clients`, points, curves);
  Deno.writeTextFileSync(new URL(`../../docs/${file}`, import.meta.url), picture);
  const head = ["clients", ...curves.map(({ title, unit }) => `${title}, ${unit}`), "at most, ms"];
  const rows = [
    head,
    head.map(() => "---:"),
    ...points.map((point) => [
      count(point.clients),
      ...curves.map((curve) => formatSpread(curve.at(point), curve.digits)),
      point.latest.toFixed(1),
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

function curvesOf(points: readonly Point[]): Curve[] {
  const { busy } = points[0]!;
  return [
    { title: "CPU per message", unit: "us", digits: 1, flat: FLAT, at: ({ cpu }) => cpu },
    ...(busy
      ? [{
        title: "CPU per message when busy",
        unit: "us",
        digits: 1,
        flat: FLAT,
        at: ({ busy }: Point) => busy!,
      }]
      : []),
    { title: "memory per client", unit: "B", digits: 0, flat: FLAT, at: ({ memory }) => memory },
    { title: "alarm lateness p99", unit: "ms", digits: 1, at: ({ late }) => late },
  ];
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
