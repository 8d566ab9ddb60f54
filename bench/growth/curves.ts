/**
 * What one more client costs when there are many, as curves over the number of clients: how they are
 * judged, told and written into docs/.
 *
 * @module
 */
import { markdownTable, writeBetween } from "../harness/report.ts";
import { atMost, type Result } from "../harness/row.ts";
import { formatSpread, type Lateness, type Spread, spreadOf } from "../harness/statistics.ts";
import { plot } from "./plot.ts";

/** CPU time per message in us. */
export interface Cpu<Figure> {
  /** While the server sleeps between messages. */
  readonly cpu: Figure;
  /** The same while it is busy, where it was measured. */
  readonly busy?: Figure;
}

/** All readings of one number of clients. */
export interface Point extends Cpu<Spread> {
  readonly clients: number;
  /** The same for a loop that only receives. */
  readonly bare: Cpu<Spread>;
  /** Bytes per client. */
  readonly memory: Spread;
  /** How late alarms were, in ms: the 99th percentile. */
  readonly late: Spread;
  /** The same: the largest of all. */
  readonly latest: number;
}

/** One reading of a server. */
export interface Reading extends Cpu<number> {
  /** The same for a loop that only receives. */
  readonly bare: Cpu<number>;
  /** Bytes per client. */
  readonly memory: number;
  /** How late alarms were, in ms. */
  readonly late: Pick<Lateness, "p99" | "most">;
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
  /** Where that of a loop that only receives is, if there is one. */
  bare?(point: Point): Spread;
}

/** Combines the readings of one number of clients. */
export function pointOf(clients: number, readings: readonly Reading[]): Point {
  return {
    clients,
    ...cpuOf(readings),
    bare: cpuOf(readings.map(({ bare }) => bare)),
    memory: spreadOf(readings.map(({ memory }) => memory)),
    late: spreadOf(readings.map(({ late }) => late.p99)),
    latest: Math.max(...readings.map(({ late }) => late.most)),
  };
}

function cpuOf(readings: readonly Cpu<number>[]): Cpu<Spread> {
  const busy = readings.flatMap(({ busy }) => busy ?? []);
  return {
    cpu: spreadOf(readings.map(({ cpu }) => cpu)),
    ...(busy.length > 0 && { busy: spreadOf(busy) }),
  };
}

/** Lines of the table: whether CPU time and memory stay flat from the fewest clients to the most. */
export function resultsOf(name: string, points: readonly Point[]): Result[] {
  const few = points[0]!, many = points.at(-1)!;
  return curvesOf(points).filter(({ flat }) => flat !== undefined).map((curve) => {
    const { title, unit, digits, at, bare } = curve;
    const growth = (of: Curve["at"]): number => of(many).median / of(few).median;
    const figure = (point: Point, of = at): string => `${of(point).median.toFixed(digits)} ${unit}`;
    const course = (of: Curve["at"]): string =>
      points.map((point) => `${count(point.clients)} ${figure(point, of)}`).join(", ");
    const besides = bare
      ? `; that of a loop that only receives ${growth(bare).toFixed(2)} x: ${course(bare)}`
      : "";
    return {
      work: `${name} growth: ${title} with ${count(many.clients)} clients`,
      ours: figure(many),
      floor: figure(few),
      ratio: spreadOf([growth(at)]),
      checked: spreadOf([1 / growth(at)]),
      ...atMost(1 + curve.flat!, `x that with ${count(few.clients)}`, growth(at)),
      notes: [
        `${title}, the floor being that with ${count(few.clients)} clients: ${
          course(at)
        }${besides}`,
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
  const columns = curves.flatMap((curve) => {
    const { title, bare } = curve;
    return bare ? [curve, { ...curve, title: `${title}, bare loop`, at: bare }] : [curve];
  });
  const head = ["clients", ...columns.map(({ title, unit }) => `${title}, ${unit}`), "at most, ms"];
  const rows = points.map((point) => [
    count(point.clients),
    ...columns.map(({ at, digits }) => formatSpread(at(point), digits)),
    point.latest.toFixed(1),
  ]);
  const alt = `${name}: CPU per message, memory per client and alarm lateness by number of clients`;
  const text = `${markdownTable(head, rows, "---:")}\n\n![${alt}](${file})`;
  writeBetween("BENCHMARKS.md", `growth-${name.toLowerCase()} --write`, text);
}

function curvesOf(points: readonly Point[]): Curve[] {
  const micros = { unit: "us", digits: 1, flat: FLAT };
  const busy: Curve = {
    ...micros,
    title: "CPU per message when busy",
    at: ({ busy }) => busy!,
    bare: ({ bare }) => bare.busy!,
  };
  return [
    { ...micros, title: "CPU per message", at: ({ cpu }) => cpu, bare: ({ bare }) => bare.cpu },
    ...(points[0]!.busy ? [busy] : []),
    { title: "memory per client", unit: "B", digits: 0, flat: FLAT, at: ({ memory }) => memory },
    { title: "alarm lateness p99", unit: "ms", digits: 1, at: ({ late }) => late },
  ];
}

/** As people write large numbers. */
function count(clients: number): string {
  return clients.toLocaleString("en");
}

/** The share by which a curve may rise from its beginning to its end. */
const FLAT = 0.2;
