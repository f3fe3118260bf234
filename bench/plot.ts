import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Lines over time as an SVG that reads on light and on dark ground: every line has its name at its end. */
export interface Plot {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
}

export interface Line {
  readonly name: string;
  readonly values: readonly number[];
  /** Index of its colour, so that a name keeps its colour from plot to plot. */
  readonly colour: number;
}

const WIDTH = 780;
const HEIGHT = 260;
const LEFT = 48;
const RIGHT = 230;
const TOP = 34;
const BOTTOM = 28;
/** Ours, nothing, then the peers. */
const COLOURS = ["#1f77b4", "#7f7f7f", "#d62728", "#ff7f0e", "#9467bd"];
const NAME_GAP = 14;

const projectRoot = fileURLToPath(new URL("../..", import.meta.url));

/** Writes `docs/benchmarks/NAME.svg`. One value a second, from second 1 on. */
export function writePlot(name: string, plot: Plot): void {
  writeFileSync(join(projectRoot, "docs/benchmarks", `${name}.svg`), renderPlot(plot));
}

export function renderPlot({ title, unit, lines }: Plot): string {
  const seconds = Math.max(...lines.map(({ values }) => values.length));
  const top = niceCeiling(Math.max(...lines.flatMap(({ values }) => values)));
  const x = (second: number) => LEFT + (second / seconds) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const path = (values: readonly number[]) =>
    values
      .map((value, index) => `${x(index + 1).toFixed(1)},${y(Math.min(value, top)).toFixed(1)}`)
      .join(" ");
  const nameAt = spread(lines.map(({ values }) => y(values.at(-1) ?? 0)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#808080">`,
    `<title>${title}</title>`,
    `<text x="${LEFT}" y="18" font-size="14">${title}</text>`,
    ...[0, 0.5, 1].map((share) => grid(y(share * top), `${round(share * top)} ${unit}`)),
    ...ticks(seconds).map(
      (second) =>
        `<text x="${x(second).toFixed(1)}" y="${HEIGHT - 8}" text-anchor="middle">${second} s</text>`,
    ),
    ...lines.map(
      ({ values, colour }) =>
        `<polyline points="${path(values)}" fill="none" stroke="${COLOURS[colour]}" stroke-width="2"/>`,
    ),
    ...lines.map(
      ({ name, colour }, index) =>
        `<text x="${WIDTH - RIGHT + 8}" y="${((nameAt[index] ?? 0) + 4).toFixed(1)}" fill="${COLOURS[colour]}">${name}</text>`,
    ),
    "</svg>\n",
  ].join("\n");
}

function grid(at: number, label: string): string {
  return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}" stroke="#80808055"/><text x="${LEFT - 6}" y="${at + 4}" text-anchor="end">${label}</text>`;
}

function ticks(seconds: number): number[] {
  const step = seconds > 20 ? 5 : 2;
  return Array.from({ length: Math.floor(seconds / step) }, (_, index) => (index + 1) * step);
}

/** Names that would lie on each other move apart, in the order of their lines. */
function spread(heights: readonly number[]): number[] {
  const order = [...heights.keys()].sort((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0));
  const places = [...heights];
  let last = -Infinity;
  for (const index of order) {
    last = Math.max(heights[index] ?? 0, last + NAME_GAP);
    places[index] = last;
  }
  const below = Math.max(0, last - (HEIGHT - BOTTOM));
  return places.map((place) => place - below);
}

function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return Math.ceil(value / power) * power;
}

function round(value: number): number {
  return Number(value.toPrecision(2));
}
