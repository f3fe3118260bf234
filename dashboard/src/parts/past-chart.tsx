import { useEffect, useMemo } from "preact/hooks";
import { watchPast } from "../state/history.ts";
import { place } from "../state/place.ts";
import { Chart, type Line } from "./chart.tsx";
import { Empty, Loading } from "./panel.tsx";

/** A chart of `/v1/history` below a prefix, in the range of the screen. */
interface PastChartProps {
  readonly prefix: string;
  readonly label: string;
  readonly unit: string;
  /** Of the names after the prefix; undefined: not shown. */
  readonly lineOf: (name: string, index: number) => Omit<Line, "values"> | undefined;
}

export function PastChart({ prefix, label, unit, lineOf }: PastChartProps) {
  const { range } = place.value;
  const [past, stop] = useMemo(() => watchPast(prefix, range), [prefix, range]);
  useEffect(() => stop, [stop]);
  const now = past.value;
  if (now === undefined) return <Loading />;
  const names = [...now.series.keys()];
  let index = 0;
  const lines = names.flatMap((name): Line[] => {
    const line = lineOf(name.slice(prefix.length), index);
    if (line === undefined) return [];
    index++;
    return [{ ...line, values: now.series.get(name) ?? [] }];
  });
  if (lines.length === 0) return <Empty text="No Envoy has reported this yet." />;
  return <Chart label={label} unit={unit} times={now.times} lines={lines} seconds={range} />;
}
