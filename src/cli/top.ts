import type { z } from "zod";
import { fetchAnswer, type Server } from "../api/client.ts";
import { pageOf } from "../api/v1/page.ts";
import { clusterView, type SheddingView, sheddingView } from "../api/view/mesh.ts";
import { EXIT } from "./exit-code.ts";
import { asText, type StructuredFormat } from "./output.ts";
import { figureTable, oneLine } from "./text-table.ts";
import { unwrap } from "./unwrap.ts";
import { watching } from "./watch.ts";

/** `qmesh top [-w]`: what sheds most and what fails most, the worst first; with `-w` again every second. */
export interface TopOptions {
  readonly server: Server;
  readonly output: "table" | StructuredFormat;
  readonly watch?: boolean;
  readonly count: number;
}

type Cluster = z.infer<typeof clusterView>;

const sheddings = pageOf(sheddingView);
const clusters = pageOf(clusterView);

export async function top(options: TopOptions): Promise<number> {
  const { server, output, watch = false, count } = options;
  const read = async () => {
    const [shed, failed] = await Promise.all([
      fetchAnswer({ server }, "/v1/shedding?limit=1000", sheddings),
      fetchAnswer({ server }, "/v1/clusters?limit=1000", clusters),
    ]);
    return { shedding: unwrap(shed).items, clusters: unwrap(failed).items };
  };
  return watching(options, async () => {
    const now = await read();
    const text = asText(now, { output, watch }, () => renderTop(now, count));
    return { text, exitCode: EXIT.fine };
  });
}

/** Pure. */
export function renderTop(
  mesh: { readonly shedding: readonly SheddingView[]; readonly clusters: readonly Cluster[] },
  count: number,
): string {
  const shedding = [...mesh.shedding].sort((a, b) => shedRps(b) - shedRps(a)).slice(0, count);
  const failing = [...mesh.clusters]
    .sort((a, b) => b.error5xxRps - a.error5xxRps || b.requestRps - a.requestRps)
    .slice(0, count);
  const lines = [
    ...figureTable([
      ["SHEDDING", "STATE", "INFLIGHT", "LIMIT", "ADMITTED/S", "SHED/S", "RTT MS"],
      ...shedding.map((row) => [
        oneLine(`${row.shedding} on ${row.node}`),
        row.state,
        figure(row.inflight),
        figure(row.limit),
        figure(row.tiers.reduce((sum, tier) => sum + tier.admittedRps, 0)),
        figure(shedRps(row)),
        figure(row.rttMs),
      ]),
    ]),
    "",
    ...figureTable([
      ["CLUSTER", "REQUESTS/S", "5XX/S", "ERRORS", "P99 MS"],
      ...failing.map((row) => [
        oneLine(row.cluster),
        figure(row.requestRps),
        figure(row.error5xxRps),
        row.requestRps > 0 ? `${figure((100 * row.error5xxRps) / row.requestRps)} %` : "-",
        figure(row.p99Ms),
      ]),
    ]),
  ];
  return `${lines.join("\n")}\n`;
}

function shedRps({ tiers }: SheddingView): number {
  return tiers.reduce((sum, tier) => sum + tier.shedRps + tier.wouldShedRps, 0);
}

function figure(value: number | undefined): string {
  if (value === undefined) return "-";
  return String(value >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}
