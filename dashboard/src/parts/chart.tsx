import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { number, timeOfDay } from "../format.ts";
import { theme } from "../state/theme.ts";
import { layMarks, MARK_ROW, type Mark, Marks } from "./marks.tsx";

/** Lines over time. All charts of a screen show the same range and share one cursor. */
export interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
  /** 1..6 of the palette; each line also differs by its dashes. */
  readonly hue: 1 | 2 | 3 | 4 | 5 | 6;
  readonly isDashed?: boolean;
  readonly isFilled?: boolean;
}

interface ChartProps {
  readonly label: string;
  readonly unit: string;
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly seconds?: number;
  readonly height?: number;
  /** Powers of ten; for evidence, which grows by multiples. */
  readonly isLog?: boolean;
  /** What was done meanwhile; only with `seconds`. */
  readonly marks?: readonly Mark[];
}

const shared = uPlot.sync("time");

/** It draws anew only for other `times` or `lines`: whoever shows it keeps them while nothing has changed. */
export function Chart(props: ChartProps) {
  const { label, unit, times, lines, seconds, height = 180, isLog = false, marks = [] } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const drawn = useRef<uPlot.AlignedData>(undefined);
  const [place, setPlace] = useState({ left: 0, width: 0, bottom: 0 });
  const to = times.at(-1) ?? 0;
  const laid = seconds === undefined ? [] : layMarks(marks, { to, seconds });
  const strip = MARK_ROW * laid.reduce((rows, { row }) => Math.max(rows, row + 1), 0);
  const shape = JSON.stringify([
    lines.map(({ name, hue, isDashed, isFilled }) => [name, hue, isDashed, isFilled]),
    [unit, seconds, height, isLog, strip, theme.value],
  ]);
  const data = useMemo(
    () => [times, ...lines.map(({ values }) => values)] as unknown as uPlot.AlignedData,
    [times, lines],
  );

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const size = () => ({ width: element.clientWidth || 400, height: height + strip });
    const made = new uPlot(options(props, size(), strip), data, element);
    plot.current = made;
    drawn.current = data;
    const resize = new ResizeObserver(() => {
      if (size().width !== made.width) made.setSize(size());
      const { offsetLeft: left, clientWidth: width, offsetTop, clientHeight } = made.over;
      setPlace({ left, width, bottom: offsetTop + clientHeight });
    });
    resize.observe(element);
    return () => {
      resize.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [shape]);

  useEffect(() => {
    if (drawn.current !== data) plot.current?.setData(data);
    drawn.current = data;
  }, [data]);

  return (
    <figure class="chart">
      <div ref={box} role="img" aria-label={`${label}: ${inWords(lines, unit)}`} />
      {laid.length > 0 && <Marks laid={laid} plot={place} />}
    </figure>
  );
}

/** What the newest point says, for who cannot see it. */
function inWords(lines: readonly Line[], unit: string): string {
  return lines
    .map(({ name, values }) => `${name} ${number(values.at(-1) ?? undefined)} ${unit}`)
    .join(", ");
}

function options(
  { unit, lines, seconds, isLog = false }: ChartProps,
  size: { readonly width: number; readonly height: number },
  strip: number,
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const grid = { stroke: colour("--line"), width: 1 };
  const axis = { stroke: colour("--quiet"), grid, ticks: { show: false }, font: FONT };
  return {
    ...size,
    ...(strip > 0 && { padding: [strip + 4, null, null, null] }),
    cursor: { sync: { key: shared.key }, points: { size: 6 }, drag: { x: false, y: false } },
    legend: { live: true, markers: { width: 3 } },
    hooks: { setData: [tellNewest], ready: [tellNewest], setCursor: [followCursor] },
    scales: {
      x: {
        time: true,
        range: (_, min, max) => (seconds === undefined ? [min, max] : [max - seconds, max]),
      },
      y: isLog
        ? { distr: 3, log: 10 }
        : { range: (_, __, max) => [0, max > 0 && Number.isFinite(max) ? max * 1.1 : 1] },
    },
    axes: [
      {
        ...axis,
        space: 64,
        size: 26,
        values: (_, values, __, ___, step) => values.map((time) => timeText(time, step)),
      },
      {
        ...axis,
        size: 52,
        values: (_, values) => values.map((v) => (v === null ? "" : number(v))),
      },
    ],
    series: [
      {
        label: "time",
        value: (_, time: number | null) => (time === null ? "–" : timeOfDay(new Date(time * 1000))),
      },
      ...lines.map(({ name, hue, isDashed, isFilled }) => {
        const stroke = colour(`--hue-${hue}`);
        return {
          label: name,
          stroke,
          width: 1.5,
          ...(isDashed && { dash: [5, 4] }),
          ...(isFilled && { fill: `${stroke}26` }),
          points: { show: false },
          spanGaps: false,
          value: (_: uPlot, value: number | null) =>
            value === null ? "–" : `${number(value)} ${unit}`,
        };
      }),
    ],
  };
}

/** While nobody points at a second, the legend shows the newest. */
function tellNewest(plot: uPlot): void {
  if ((plot.cursor.left ?? -1) < 0) tell(plot);
}

const LEGEND_MS = 100;
const waiting = new WeakSet<uPlot>();

/**
 * Ten times a second is as quick as one reads: text that changes in every chart with every frame has the browser paint the whole
 * page again each time.
 */
function followCursor(plot: uPlot): void {
  if (waiting.has(plot)) return;
  waiting.add(plot);
  setTimeout(() => {
    waiting.delete(plot);
    if (plot.root.isConnected) tell(plot);
  }, LEGEND_MS);
}

/** Of the second that is pointed at, else of the newest; by itself the legend stays as it is. */
function tell(plot: uPlot): void {
  const newest = (plot.data[0]?.length ?? 0) - 1;
  const isPointed = (plot.cursor.left ?? -1) >= 0;
  const idx = (isPointed ? plot.cursor.idx : undefined) ?? newest;
  const legend = plot.legend as { live?: boolean };
  legend.live = true;
  if (idx >= 0) plot.setLegend({ idx });
  legend.live = false;
}

/** Labels less than a minute apart would be the same without seconds. */
function timeText(time: number, stepSeconds: number): string {
  return timeOfDay(new Date(time * 1000)).slice(0, stepSeconds < 60 ? 8 : 5);
}

const FONT = "11px system-ui, sans-serif";
