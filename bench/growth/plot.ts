/**
 * The picture of a growth curve: panels, two in a row, readable on light and on dark.
 *
 * @module
 */
import type { Curve, Point } from "./curves.ts";

/** Draws each curve in a panel of its own, over the number of clients. */
export function plot(title: string, points: readonly Point[], curves: readonly Curve[]): string {
  const [width, height] = [2 * PANEL.width, Math.ceil(curves.length / 2) * PANEL.height];
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

function panel(curve: Curve, points: readonly Point[], i: number): string {
  const { title, unit, at: of, flat, bare } = curve;
  const first = of(points[0]!).median;
  const top = niceAbove(
    Math.max(...points.map((point) => of(point).max), first * (1 + (flat ?? 0))),
  );
  const decades = points.map(({ clients }) => Math.log10(clients));
  const [from, to] = [decades[0]!, decades.at(-1)!];
  const x = (decade: number): number => PLOT.left + (decade - from) / (to - from) * PLOT.width;
  const y = (value: number): number => PLOT.top + (1 - value / top) * PLOT.height;
  const bottom = y(0), right = PLOT.left + PLOT.width;
  const lines = [0, top / 2, top].map((value) =>
    `<path class="grid" d="M${PLOT.left} ${at(y(value))}H${right}"/>` +
    `<text class="end" x="${PLOT.left - 6}" y="${at(y(value) + 4)}">${
      value.toLocaleString("en")
    }</text>`
  );
  const marks = points.map((point, i) => {
    const { min, median, max } = of(point), place = at(x(decades[i]!));
    return `<path class="range" d="M${place} ${at(y(min))}V${at(y(max))}"/>` +
      `<circle cx="${place}" cy="${at(y(median))}" r="3.5"/>` +
      `<text class="mid" x="${place}" y="${bottom + 16}">${shortly(point.clients)}</text>`;
  });
  const course = (of: Curve["at"]): string =>
    points.map((point, i) => `${at(x(decades[i]!))} ${at(y(of(point).median))}`).join("L");
  const band = flat === undefined ? [] : [
    `<rect class="band" x="${PLOT.left}" y="${at(y(first * (1 + flat)))}" width="${PLOT.width}" ` +
    `height="${at(y(first) - y(first * (1 + flat)))}"/>`,
  ];
  return [
    `<g transform="translate(${i % 2 * PANEL.width} ${Math.floor(i / 2) * PANEL.height})">`,
    `<text class="title" x="${PLOT.left}" y="20">${title}, ${unit}${
      bare ? " (dashed: a bare loop)" : ""
    }</text>`,
    ...band,
    ...lines,
    ...(bare
      ? [
        `<path class="bare" d="M${course(bare)}"/>`,
        `<text class="end" x="${right}" y="${bottom - 6}">dashed: a bare loop</text>`,
      ]
      : []),
    `<path class="curve" d="M${course(of)}"/>`,
    ...marks,
    `<text class="mid" x="${at((PLOT.left + right) / 2)}" y="${bottom + 34}">clients</text>`,
    "</g>",
  ].join("\n");
}

/** The least of 1, 2, 3, 5 and 8 times a power of ten that is not below `value`. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 3, 5, 8, 10].find((step) => step * power >= value) ?? 10);
}

function shortly(clients: number): string {
  return clients >= 1_000 ? `${clients / 1_000}k` : `${clients}`;
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
