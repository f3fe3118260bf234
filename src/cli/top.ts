import { z } from "zod";
import { fetchAnswer } from "../api/client.ts";
import { clusterView, type SheddingView, sheddingView } from "../api/view/mesh.ts";
import { EXIT } from "./exit-code.ts";
import { printStructured } from "./output.ts";
import { unwrap } from "./status.ts";
import type { StatusFormat } from "./status-table.ts";
import { stopSignal } from "./stop-signal.ts";
import { figureTable, oneLine } from "./text-table.ts";

/** `qmesh top [-w]`: what sheds most and what fails most, the worst first; with `-w` again every second. */
export interface TopOptions {
  readonly server: string;
  readonly output: StatusFormat;
  readonly watch?: boolean;
  readonly count: number;
}

type Cluster = z.infer<typeof clusterView>;

const PERIOD_MS = 1000;
const sheddings = z.object({ items: z.array(sheddingView) });
const clusters = z.object({ items: z.array(clusterView) });

export async function top(options: TopOptions): Promise<number> {
  const { server, output, watch = false, count } = options;
  const look = async () => {
    const [shed, failed] = await Promise.all([
      fetchAnswer({ server }, "/v1/shedding?limit=1000", sheddings),
      fetchAnswer({ server }, "/v1/clusters?limit=1000", clusters),
    ]);
    return { shedding: unwrap(shed).items, clusters: unwrap(failed).items };
  };
  const now = await look();
  if (output === "json" || output === "yaml") printStructured(now, output);
  else process.stdout.write(renderTop(now, count));
  if (!watch || output === "json" || output === "yaml") return EXIT.fine;
  const stopped = stopSignal();
  for (;;) {
    const ended = await Promise.race([stopped, after(PERIOD_MS)]);
    if (ended !== "again") return EXIT.fine;
    const text = renderTop(await look(), count);
    process.stdout.write(process.stdout.isTTY ? `\u001b[H\u001b[2J${text}` : `\n${text}`);
  }
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

function after(ms: number): Promise<"again"> {
  return new Promise((resolve) => setTimeout(() => resolve("again"), ms));
}
