import { useEffect, useMemo } from "preact/hooks";
import { type Past, watchPast } from "../state/history.ts";
import { place } from "../state/place.ts";
import { Chart, type Line } from "./chart.tsx";
import type { Mark } from "./marks.tsx";
import { Empty, Loading } from "./panel.tsx";

/** A chart of `/v1/history` below a prefix, in the range of the screen. */
interface PastChartProps {
  readonly prefix: string;
  readonly label: string;
  readonly unit: string;
  /** Of the names after the prefix; undefined: not shown. */
  readonly lineOf: (name: string, index: number) => Omit<Line, "values"> | undefined;
  readonly marks?: readonly Mark[];
}

export function PastChart({ prefix, label, unit, lineOf, marks = [] }: PastChartProps) {
  const { range, search } = place.value;
  const [past, stop] = useMemo(() => watchPast(prefix, range), [prefix, range]);
  useEffect(() => stop, [stop]);
  const now = past.value;
  // The same lines while nothing new came: a chart of six hours is not drawn again each second.
  const lines = useMemo(() => linesOf(now, { prefix, lineOf }), [now, prefix, search]);
  if (now === undefined) return <Loading />;
  if (lines.length === 0) return <Empty text="No Envoy has reported this yet." />;
  return <Chart {...{ label, unit, lines, marks }} times={now.times} seconds={range} />;
}

function linesOf(
  past: Past | undefined,
  { prefix, lineOf }: Pick<PastChartProps, "prefix" | "lineOf">,
): readonly Line[] {
  let index = 0;
  return [...(past?.series ?? [])].flatMap(([name, values]): Line[] => {
    const line = lineOf(name.slice(prefix.length), index);
    if (line === undefined) return [];
    index++;
    return [{ ...line, values }];
  });
}
