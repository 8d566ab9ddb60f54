/**
 * What one more client costs when there are many, as curves over the number of clients: how they are
 * judged, told and written into docs/.
 *
 * @module
 */
import { markdownTable, writeBetween } from "../harness/report.ts";
import { atMost, type Result } from "../harness/row.ts";
import { formatSpread, spreadOf } from "../harness/statistics.ts";
import { type Curve, plot, type Point, type Quantity } from "./plot.ts";

/** One reading of a number of clients; what is never busy is not read so. */
export type Reading = Readonly<Partial<Record<Quantity, number>>>;

const CPU = { unit: "us", digits: 1, flat: 0.2 };
const CURVES: readonly Curve[] = [
  { ...CPU, title: "CPU per message", of: "cpu", bare: "bareCpu" },
  { ...CPU, title: "CPU per message when busy", of: "busy", bare: "bareBusy" },
  { title: "memory per client", unit: "B", digits: 0, of: "memory", flat: 0.2 },
  { title: "alarm lateness p99", unit: "ms", digits: 1, of: "late" },
];

/** Combines the readings of one number of clients. */
export function pointOf(clients: number, readings: readonly Reading[]): Point {
  const quantities = Object.keys(readings[0]!) as Quantity[];
  const spreads = quantities.map((name) => [name, spreadOf(readings.map((one) => one[name]!))]);
  return { clients, ...Object.fromEntries(spreads) };
}

/** Lines of the table: whether CPU time and memory stay flat from the fewest clients to the most. */
export function resultsOf(name: string, points: readonly Point[]): Result[] {
  const few = points[0]!, many = points.at(-1)!;
  return curvesOf(points).filter(({ flat }) => flat).map(
    ({ title, unit, digits, of, bare, flat }) => {
      const growth = (of: Quantity): number => many[of]!.median / few[of]!.median;
      const figure = (point: Point, of: Quantity) => `${point[of]!.median.toFixed(digits)} ${unit}`;
      const course = (of: Quantity): string =>
        points.map((point) => `${count(point.clients)} ${figure(point, of)}`).join(", ");
      const besides = bare
        ? `; that of a loop that only receives ${growth(bare).toFixed(2)} x: ${course(bare)}`
        : "";
      return {
        work: `${name} growth: ${title} with ${count(many.clients)} clients`,
        ours: figure(many, of),
        floor: figure(few, of),
        ratio: spreadOf([growth(of)]),
        checked: spreadOf([1 / growth(of)]),
        ...atMost(1 + flat!, `x that with ${count(few.clients)}`, growth(of)),
        notes: [
          `${title}, the floor being that with ${count(few.clients)} clients: ${
            course(of)
          }${besides}`,
        ],
      };
    },
  );
}

/** Writes table and plot of curves into docs/. */
export function writeGrowth(name: string, points: readonly Point[]): void {
  const curves = curvesOf(points);
  const file = `growth_${name.toLowerCase()}.svg`;
  const picture = plot(`${name} heartbeats: what grows with the number of clients`, points, curves);
  Deno.writeTextFileSync(new URL(`../../docs/${file}`, import.meta.url), picture);
  const columns = curves.flatMap((curve) => {
    const { title, bare } = curve;
    return bare ? [curve, { ...curve, title: `${title}, bare loop`, of: bare }] : [curve];
  });
  const head = ["clients", ...columns.map(({ title, unit }) => `${title}, ${unit}`), "at most, ms"];
  const rows = points.map((point) => [
    count(point.clients),
    ...columns.map(({ of, digits }) => formatSpread(point[of]!, digits)),
    point.latest!.max.toFixed(1),
  ]);
  const alt = `${name}: CPU per message, memory per client and alarm lateness by number of clients`;
  const text = `${markdownTable(head, rows, "---:")}\n\n![${alt}](${file})`;
  writeBetween("BENCHMARKS.md", `growth-${name.toLowerCase()} --write`, text);
}

/** Those whose quantity was read. */
function curvesOf(points: readonly Point[]): Curve[] {
  return CURVES.filter(({ of }) => points[0]![of]);
}

/** As people write large numbers. */
function count(clients: number): string {
  return clients.toLocaleString("en");
}
