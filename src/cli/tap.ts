import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { fetchAnswer, type Server } from "../api/client.ts";
import { pageOf } from "../api/v1/page.ts";
import { clusterView } from "../api/view/mesh.ts";
import { type RequestView, requestView } from "../api/view/request.ts";
import { EXIT } from "./exit-code.ts";
import { formatOneOfMany, type StructuredFormat, say } from "./output.ts";
import { stopSignal } from "./stop-signal.ts";
import { oneLine } from "./text-table.ts";
import { unwrap } from "./unwrap.ts";

/** `qmesh tap`: requests as they come, of the one in a hundred that Envoys log, until a signal or `--count`. */
export interface TapOptions {
  readonly server: Server;
  readonly output: "table" | StructuredFormat;
  readonly service?: string;
  readonly node?: string;
  /** Only answers 5xx, or none. */
  readonly errors?: boolean;
  readonly count?: number;
}

const PERIOD_MS = 500;
/** So many that came before are shown first. */
const BEFORE = 10;
/** Then silence is explained. */
const SILENCE_MS = 3000;
const answer = z.object({ items: z.array(requestView), next: z.number() });
const clusters = pageOf(clusterView);

export async function tap(options: TapOptions): Promise<number> {
  const { server, output, count = Number.POSITIVE_INFINITY } = options;
  const read = async (query: string) =>
    unwrap(await fetchAnswer({ server }, `/v1/requests${query}`, answer));
  const stopped = stopSignal();
  let after = Math.max(0, (await read("")).next - BEFORE);
  let shown = 0;
  let silent = 0;
  if (output === "table") process.stdout.write(`${tapHead()}\n`);
  for (;;) {
    const { items, next } = await read(`?after=${after}`);
    after = next;
    const wanted = items.filter((each) => isWanted(each, options)).slice(0, count - shown);
    shown += wanted.length;
    for (const each of wanted)
      process.stdout.write(
        output === "table" ? `${tapLine(each)}\n` : formatOneOfMany(each, output),
      );
    if (shown >= count) return EXIT.fine;
    silent += PERIOD_MS;
    if (shown === 0 && silent === SILENCE_MS) say(await explainSilence(options));
    if ((await Promise.race([stopped, sleep(PERIOD_MS)])) !== undefined) return EXIT.fine;
  }
}

async function explainSilence(options: TapOptions): Promise<string> {
  const all = await fetchAnswer({ server: options.server }, "/v1/clusters?limit=1000", clusters);
  if (!all.ok) return silenceText(options, 0);
  const { service } = options;
  const asked = all.value.items.filter(({ cluster }) => isOf(cluster, service));
  return silenceText(
    options,
    asked.reduce((sum, { requestRps }) => sum + requestRps, 0),
  );
}

/** Pure. Why nothing is shown, and when something can be expected. */
export function silenceText(
  { service, node, errors }: Pick<TapOptions, "service" | "node" | "errors">,
  requestRps: number,
): string {
  const where = service === undefined ? "the mesh" : service;
  if (requestRps < 0.01) return `nothing yet: no request reaches ${where}.`;
  const every = 100 / requestRps;
  const isFiltered = node !== undefined || errors === true;
  const chance = every < 1 ? "several a second" : `one about every ${Math.ceil(every)} s`;
  const of = isFiltered ? " of all, before --node and --errors" : "";
  return `nothing yet: one request of a hundred is logged, and ${where} gets ${Number(requestRps.toPrecision(2))} a second: ${chance}${of}.`;
}

function isOf(cluster: string, service: string | undefined): boolean {
  return service === undefined || cluster.startsWith(`${service}.`);
}

/** Pure. */
export function isWanted(
  { cluster, node, status }: RequestView,
  options: Pick<TapOptions, "service" | "node" | "errors">,
): boolean {
  if (!isOf(cluster, options.service)) return false;
  if (options.node !== undefined && node !== options.node) return false;
  return options.errors !== true || status === 0 || status >= 500;
}

export function tapHead(): string {
  return columns("TIME", "STATUS", "MS", "NODE", "CLUSTER");
}

/** Pure. */
export function tapLine({ at, status, ms, node, cluster }: RequestView): string {
  const time = at.slice(11, 23);
  const word = status === 0 ? "none" : String(status);
  return columns(time, word, ms.toFixed(1), node, cluster === "" ? "(Envoy itself)" : cluster);
}

/** Lines come one by one, so that the widths cannot wait for the widest. */
function columns(time: string, status: string, ms: string, node: string, cluster: string): string {
  return `${time.padEnd(12)}  ${status.padEnd(6)}  ${ms.padStart(8)}  ${oneLine(node).padEnd(20)}  ${oneLine(cluster)}`;
}
