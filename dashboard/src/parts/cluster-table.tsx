import type { ClusterView } from "../../../src/api/view/mesh.ts";
import { ms, number, percent, rate } from "../format.ts";
import { isFound } from "../state/place.ts";
import type { Line } from "./chart.tsx";
import { LongTable } from "./long-table.tsx";
import { marksOf } from "./marks.tsx";
import { Empty } from "./panel.tsx";
import { PastChart } from "./past-chart.tsx";

export function ClusterTable({ clusters }: { readonly clusters: readonly ClusterView[] }) {
  const rows = clusters.filter(({ cluster }) => isFound(cluster));
  if (rows.length === 0) return <Empty text="No cluster of that name." />;
  return (
    <LongTable
      label="Clusters"
      rows={rows}
      keyOf={({ cluster }) => cluster}
      height={8}
      columns={[
        { head: "Cluster", cell: ({ cluster }) => cluster, isWide: true },
        { head: "Requests/s", cell: ({ requestRps }) => rate(requestRps), isNumber: true },
        { head: "5xx/s", cell: ({ error5xxRps }) => rate(error5xxRps), isNumber: true },
        {
          head: "Errors",
          cell: ({ error5xxRps, requestRps }) =>
            percent(requestRps > 0 ? error5xxRps / requestRps : undefined),
          isNumber: true,
        },
        { head: "p50", cell: ({ p50Ms }) => ms(p50Ms), isNumber: true },
        { head: "p99", cell: ({ p99Ms }) => ms(p99Ms), isNumber: true },
        { head: "In flight", cell: ({ inflight }) => number(inflight), isNumber: true },
        { head: "Envoys", cell: ({ nodes }) => nodes, isNumber: true },
      ]}
    />
  );
}

const HUES = [1, 2, 3, 4, 5, 6] as const;

/** Of the clusters that were searched for, six at most. */
export function ErrorChart() {
  return (
    <PastChart
      prefix="cluster/"
      label="Answers 5xx by cluster"
      unit="/s"
      marks={marksOf()}
      lineOf={(name, index): Omit<Line, "values"> | undefined => {
        const cluster = /^(.+)\/error5xxRps$/.exec(name)?.[1];
        if (cluster === undefined || !isFound(cluster) || index >= HUES.length) return undefined;
        return { name: cluster, hue: HUES[index] ?? 1, isDashed: index % 2 === 1 };
      }}
    />
  );
}
