/**
 * The picture of a growth curve: panels, two in a row, readable on light and on dark.
 *
 * @module
 */
import type { Spread } from "../harness/statistics.ts";

/**
 * What is read: CPU time per message in us, of the server and of a loop that only receives, while they sleep
 * between messages and while they are busy; bytes per client; how late alarms were, in ms.
 */
export type Quantity = "cpu" | "bareCpu" | "busy" | "bareBusy" | "memory" | "late" | "latest";

/** All readings of one number of clients. */
export type Point =
  & { readonly clients: number }
  & Readonly<Partial<Record<Quantity, Spread>>>;

/** One quantity over the number of clients. */
export interface Curve {
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  readonly of: Quantity;
  /** The same of a loop that only receives, if there is one. */
  readonly bare?: Quantity;
  /** The share by which it may rise from its beginning to its end, if anything is asked of it. */
  readonly flat?: number;
}

/** Draws each curve in a panel of its own, over the number of clients. */
export function plot(title: string, points: readonly Point[], curves: readonly Curve[]): string {
  const width = 2 * PANEL.width, height = Math.ceil(curves.length / 2) * PANEL.height;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${title}</title>`,
    STYLE,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...curves.map((curve, i) => panel(curve, points, i)),
    "</svg>",
    "",
  ].join("\n");
}

function panel(
  { title, unit, of, flat, bare }: Curve,
  points: readonly Point[],
  i: number,
): string {
  const first = points[0]![of]!.median;
  const most = Math.max(...points.map((point) => point[of]!.max), first * (1 + (flat ?? 0)));
  const top = niceAbove(most);
  const decades = points.map(({ clients }) => Math.log10(clients));
  const from = decades[0]!, span = decades.at(-1)! - from;
  const xs = decades.map((decade) => at(PLOT.left + (decade - from) / span * PLOT.width));
  const y = (value: number): string => at(PLOT.top + (1 - value / top) * PLOT.height);
  const bottom = PLOT.top + PLOT.height, right = PLOT.left + PLOT.width;
  const text = (kind: string, x: number | string, y: number | string, words: string): string =>
    `<text class="${kind}" x="${x}" y="${y}">${words}</text>`;
  const course = (kind: string, of: Curve["of"]): string => {
    const places = points.map((point, i) => `${xs[i]} ${y(point[of]!.median)}`);
    return `<path class="${kind}" d="M${places.join("L")}"/>`;
  };
  return [
    `<g transform="translate(${i % 2 * PANEL.width} ${Math.floor(i / 2) * PANEL.height})">`,
    text("title", PLOT.left, 20, `${title}, ${unit}${bare ? " (dashed: a bare loop)" : ""}`),
    flat &&
    `<rect class="band" x="${PLOT.left}" y="${y(first * (1 + flat))}" width="${PLOT.width}" ` +
      `height="${at(first * flat / top * PLOT.height)}"/>`,
    ...[0, top / 2, top].flatMap((value) => [
      `<path class="grid" d="M${PLOT.left} ${y(value)}H${right}"/>`,
      text("end", PLOT.left - 6, Number(y(value)) + 4, value.toLocaleString("en")),
    ]),
    bare && course("bare", bare) + text("end", right, bottom - 6, "dashed: a bare loop"),
    course("curve", of),
    ...points.flatMap((point, i) => [
      `<path class="range" d="M${xs[i]} ${y(point[of]!.min)}V${y(point[of]!.max)}"/>`,
      `<circle cx="${xs[i]}" cy="${y(point[of]!.median)}" r="3.5"/>`,
      text("mid", xs[i]!, bottom + 16, `${point.clients}`.replace(/000$/, "k")),
    ]),
    text("mid", at((PLOT.left + right) / 2), bottom + 34, "clients"),
    "</g>",
  ].filter(Boolean).join("\n");
}

/** The least of 1, 2, 3, 5 and 8 times a power of ten that is not below `value`. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 3, 5, 8, 10].find((step) => step * power >= value) ?? 10);
}

function at(length: number): string {
  return length.toFixed(1);
}

const PANEL = { width: 330, height: 230 };
const PLOT = { left: 60, top: 36, width: 250, height: 140 };
const STYLE = `<style>
.paper { fill: #ffffff } text { font: 12px sans-serif; fill: #24292f }
.title { font-weight: bold } .mid { text-anchor: middle } .end { text-anchor: end }
.grid { stroke: #8c959f; stroke-opacity: 0.5 } .band { fill: #2da44e; fill-opacity: 0.2 }
.curve { stroke: #0969da; stroke-width: 2; fill: none }
.bare { stroke: #6e7781; stroke-width: 2; stroke-dasharray: 5 4; fill: none } .range { stroke: #0969da; stroke-opacity: 0.6 }
circle { fill: #0969da }
@media (prefers-color-scheme: dark) {
  .paper { fill: #0d1117 } text { fill: #e6edf3 }
  .bare { stroke: #8b949e } .curve, .range { stroke: #58a6ff } circle { fill: #58a6ff } .band { fill: #3fb950; fill-opacity: 0.25 }
}
</style>`;
